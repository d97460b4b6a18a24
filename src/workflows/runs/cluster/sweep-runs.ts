import type { Retention } from '../runs.ts';
import { endedStates } from './cluster-rows.ts';
import { selectExpired } from './cluster-statements.ts';
import type { Database } from './database.ts';

/** Removes finished runs that are no longer needed, a few at a time; resolves with how many. */
export async function sweepRuns(
  database: Database,
  { maxAge, maxCount = Number.MAX_SAFE_INTEGER }: Retention,
  now: number,
  remove: (ids: readonly string[]) => Promise<void>,
): Promise<number> {
  const oldest = maxAge === undefined ? 0 : Math.floor(now - maxAge);
  for (let removed = 0; ;) {
    const values = [endedStates, oldest, maxCount];
    const found = await database.rows<{ id: string }>(selectExpired, values);
    if (found.length === 0) return removed;
    await remove(found.map(({ id }) => id));
    removed += found.length;
  }
}
