import { rmSync, statSync } from 'node:fs';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
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
  /** Opens a way for another thread to commit, one hop shorter than through this one. */
  link(): StateLink;
  close(): Promise<void>;
}

/** The way by which another thread commits. */
export interface StateLink {
  /** To be moved to the thread, which posts a {@link LinkedCommit}. */
  port: MessagePort;
  /** Makes the number for one commit, and tells here when that is on disk. */
  expect(): { id: number; answer: Promise<void> };
  /** Tells that no commit comes under this number. */
  forget(id: number): void;
}

/** A commit of another thread, under a number of {@link StateLink.expect}. */
export interface LinkedCommit {
  id: number;
  statements: readonly Statement[];
}

/** How SQLite keeps a state file; as it does best by default. */
export interface StateFileSettings {
  /** `WAL` by default; the others sync more often for a commit. */
  readonly journalMode?: 'WAL' | 'DELETE' | 'TRUNCATE' | 'PERSIST';
  /** Whether the file shrinks when something is removed; as it is by default, which is not for a new file. */
  readonly autoVacuum?: boolean;
}

/** What the thread of a state file is asked. */
export type StateRequest =
  | { type: 'open' }
  | { type: 'inspect' }
  | { type: 'commit'; statements: readonly Statement[] }
  | { type: 'read'; statement: Statement }
  | { type: 'link'; port: MessagePort }
  | { type: 'close' };

/**
 * Opens a state file, or makes it, and takes it for this process alone.
 * @param path The file; `:memory:` keeps nothing after the close.
 * @throws GraphwrightError `data_in_use` at once while another process has it; `store_damaged`,
 * `store_full` or `unavailable` when SQLite cannot use it.
 */
export async function openStateFile({
  path,
  ...settings
}: { path: string } & StateFileSettings): Promise<StateFile> {
  if (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size) await inspect(path);
  const thread = new Thread('#state-worker', { path, ...settings });
  const ask = <Value>(request: StateRequest) => thread.call<Value>(request);
  const closed = new GraphwrightError('unavailable', `The state file ${path} is closed`);
  try {
    await ask({ type: 'open' });
  } catch (thrown) {
    await ask({ type: 'close' });
    await thread.leave(closed);
    throw thrown;
  }
  return {
    commit: (statements) => ask({ type: 'commit', statements }),
    read: (statement) => ask({ type: 'read', statement }),
    link() {
      const { port1, port2 } = new MessageChannel();
      // A thread that has ended says so to the first who expects an answer of it.
      thread.call({ type: 'link', port: port2 }, [port2]).catch(() => undefined);
      return {
        port: port1,
        expect: () => thread.expect<void>(),
        forget: (id) => thread.forget(id),
      };
    },
    async close() {
      if (!thread.alive) return;
      await ask({ type: 'close' });
      await thread.leave(closed);
    },
  };
}

/** In a thread of its own, because SQLite lets go of a file only when all that asked it were collected. */
async function inspect(path: string): Promise<void> {
  const thread = new Thread('#state-worker', { path });
  try {
    await thread.call({ type: 'inspect' } satisfies StateRequest);
  } finally {
    await thread.call({ type: 'close' } satisfies StateRequest);
    await thread.leave(new GraphwrightError('unavailable', `${path} was inspected`));
  }
  // The index that readers of the log share; its owner to be keeps one of its own.
  rmSync(`${path}-shm`, { force: true });
}
