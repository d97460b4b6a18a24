import type { StoredRun } from './run-rows.ts';
import { hasEnded, type RunRecord, type StartOptions } from './runs.ts';

/** What starting a child works with. */
export interface ChildParts {
  get(id: string): Promise<RunRecord | undefined>;
  start(options: StartOptions): Promise<unknown>;
}

/** Starts a child on behalf of its parent, or finds it started; resolves with its record when it has ended. */
export async function startChild(
  { record: parent, agent }: StoredRun,
  id: string,
  { get, start }: ChildParts,
): Promise<RunRecord | undefined> {
  const before = await get(id);
  if (before) return hasEnded(before) ? before : undefined;
  await start({ id, parent: parent.id, owner: parent.owner, agent });
  return undefined;
}
