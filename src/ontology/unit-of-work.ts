import { AsyncLocalStorage } from 'node:async_hooks';
import type { Attribution } from './attribution.ts';
import type { WriteRequest } from './embedded/engine-worker.ts';
import type { StateFile, Statement } from './embedded/state-file.ts';
import type { Commit } from './store.ts';

/** A write that waits to be committed together with others. */
export interface StagedWrite {
  request: WriteRequest;
  attribution?: Attribution;
}

/** A store that can hold writes back. */
export interface StagingStore {
  /** What the last of these writes would change, were they all made now. */
  preview(writes: readonly StagedWrite[]): Promise<Commit>;
  /** Makes the writes, in order, in one commit with other rows of the state file. */
  commit(writes: readonly StagedWrite[], statements: readonly Statement[]): Promise<Commit>;
}

/** Writes to a graph that belong together with rows of the same state file. */
export interface UnitOfWork {
  readonly state: StateFile;
  /** Whether it takes no more writes, which then go directly to the store. */
  readonly closed: boolean;
  /** Keeps a write; its counts are what it would change now. */
  stage(store: StagingStore, write: StagedWrite): Promise<Commit>;
  /** Commits what was kept, so that a read sees it. */
  flush(): Promise<void>;
}

const current = new AsyncLocalStorage<UnitOfWork>();

/** Runs an action so that what it writes to the graph with the unit's state file, however deep, is staged. */
export const withUnitOfWork = <Result>(unit: UnitOfWork, action: () => Result): Result =>
  current.run(unit, action);

/** The unit that takes the writes of the calling code to the graph of a state file. */
export function currentUnitOfWork(state: StateFile): UnitOfWork | undefined {
  const unit = current.getStore();
  return unit && unit.state === state && !unit.closed ? unit : undefined;
}
