import { Thread } from './thread.ts';
import { GraphwrightError } from '../../errors.ts';

/** A value that SQLite stores. */
export type SqlValue = string | number | bigint | Uint8Array | null;

/** One SQL statement and what it binds. */
export interface Statement {
  sql: string;
  values?: readonly SqlValue[];
}

/**
 * The SQLite file that holds all embedded state: the graph's journal and the runs.
 *
 * It lives in a thread of its own, so that no fsync ever holds the event loop, and belongs to one
 * process at a time; the operating system frees it when that process dies.
 */
export interface StateFile {
  /**
   * Runs the statements in one transaction, on disk when the promise resolves. Commits that wait at
   * the same moment share one sync; one that fails leaves the others untouched.
   */
  commit(statements: readonly Statement[]): Promise<void>;
  /** Reads rows as plain objects. */
  read<Row extends Record<string, SqlValue>>(statement: Statement): Promise<Row[]>;
  close(): Promise<void>;
}

/** What the thread of a state file is asked. */
export type StateRequest =
  | { type: 'open' }
  | { type: 'commit'; statements: readonly Statement[] }
  | { type: 'read'; statement: Statement }
  | { type: 'close' };

/**
 * Opens a state file, or makes it, and takes it for this process alone.
 * @param path The file; `:memory:` keeps nothing after the close.
 * @throws GraphwrightError `data_in_use` at once while another process has it; `store_damaged`,
 * `store_full` or `unavailable` when SQLite cannot use it.
 */
export async function openStateFile({ path }: { path: string }): Promise<StateFile> {
  const thread = new Thread('#state-worker', { path });
  const ask = <Value>(request: StateRequest) => thread.call<Value>(request);
  const closed = new GraphwrightError('unavailable', `The state file ${path} is closed`);
  try {
    await ask({ type: 'open' });
  } catch (thrown) {
    await thread.end(closed);
    throw thrown;
  }
  return {
    commit: (statements) => ask({ type: 'commit', statements }),
    read: (statement) => ask({ type: 'read', statement }),
    async close() {
      if (!thread.alive) return;
      await ask({ type: 'close' });
      await thread.end(closed);
    },
  };
}
