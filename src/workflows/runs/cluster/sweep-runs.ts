import { removeInTurns } from '../remove-in-turns.ts';
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
  const values = [endedStates, oldest, maxCount];
  return removeInTurns(
    () => database.rows<{ id: string }>(selectExpired, values),
    (some) => remove(some.map(({ id }) => id)),
  );
}
