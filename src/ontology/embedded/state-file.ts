import { statSync } from 'node:fs';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { BriefCommits } from './brief-commits.ts';
import { CommitLedger } from './commit-ledger.ts';
import { DirectAccess } from './direct-access.ts';
import { Thread } from './thread.ts';
import { GraphwrightError } from '../../errors.ts';

/** A value that SQLite stores. */
export type SqlValue = string | number | bigint | Uint8Array | null;

/** One SQL statement and what it binds. */
export interface Statement {
  sql: string;
  values?: readonly SqlValue[];
  /** Carried out as well when this one has changed no row. */
  otherwise?: Statement;
}

/**
 * The SQLite file that holds all embedded state: the graph's journal and the runs.
 *
 * It lives in a thread of its own, so that no slow disk holds the event loop; on a quick one, what is
 * brief is done in the calling thread. It belongs to one process at a time; the operating system frees
 * it when that process dies.
 */
export interface StateFile {
  /**
   * Runs the statements in one transaction, on disk when the promise resolves. Commits that wait at
   * the same moment share one sync; one that fails leaves the others untouched.
   */
  commit(statements: readonly Statement[], options?: StateOptions): Promise<void>;
  /** Whether a brief commit would be made in the calling thread now. */
  readonly quick: boolean;
  /** Reads rows as plain objects. */
  read<Row extends Record<string, SqlValue>>(
    statement: Statement,
    options?: StateOptions,
  ): Promise<Row[]>;
  /** Opens a way for another thread to commit, one hop shorter than through this one. */
  link(): StateLink;
  close(): Promise<void>;
}

/** What a commit or a read of a state file is like. */
export interface StateOptions {
  /**
   * Whether each statement finds the few rows it changes or reads by their keys, so that on a quick disk the
   * calling thread may carry it out itself; false by default.
   */
  brief?: boolean;
}

/** The way by which another thread commits. */
export interface StateLink {
  /** To be moved to the thread, which posts a {@link LinkedCommit}, and any {@link LinkedPart} before it. */
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

/** The statements that the next commit on this way begins with; many need not come at once then. */
export interface LinkedPart {
  before: readonly Statement[];
}

/** How SQLite keeps a state file; as it does best by default. */
export interface StateFileSettings {
  /** `WAL` by default; the others sync more often for a commit. */
  readonly journalMode?: 'WAL' | 'DELETE' | 'TRUNCATE' | 'PERSIST';
  /** Whether the file shrinks when something is removed; as it is by default, which is not for a new file. */
  readonly autoVacuum?: boolean;
}

/** What the thread of a state file starts with. */
export interface StateWorkerData extends StateFileSettings {
  path: string;
  /** Of the {@link CommitLedger}. */
  memory?: SharedArrayBuffer;
}

/** What the thread of a state file is asked. */
export type StateRequest =
  | { type: 'open' }
  | { type: 'inspect' }
  | { type: 'commit'; statements: readonly Statement[] }
  | { type: 'read'; statement: Statement }
  | { type: 'link'; port: MessagePort }
  | { type: 'checkpoint' }
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
  const ledger = new CommitLedger();
  const data: StateWorkerData = { ...settings, path, memory: ledger.memory };
  const thread = new Thread('#state-worker', data);
  const ask = <Value>(request: StateRequest) => thread.call<Value>(request);
  const closed = new GraphwrightError('unavailable', `The state file ${path} is closed`);
  const shared = path !== ':memory:' && (settings.journalMode ?? 'WAL') === 'WAL';
  const checkpoint = () => void ask({ type: 'checkpoint' }).catch(() => undefined);
  const direct = shared ? new DirectAccess({ path, ledger, checkpoint }) : undefined;
  const briefly = direct && new BriefCommits(direct, () => thread.idle);
  const observe = (took: number) => direct?.observe(took);
  try {
    await ask({ type: 'open' });
  } catch (thrown) {
    await ask({ type: 'close' });
    await thread.leave(closed);
    throw thrown;
  }
  return {
    async commit(statements, { brief = false } = {}) {
      const byThread = async () => observe(await ask<number>({ type: 'commit', statements }));
      if (brief && briefly) return briefly.commit(statements, byThread);
      briefly?.release();
      return byThread();
    },
    get quick() {
      return thread.idle && direct?.quick === true;
    },
    async read<Row>(statement: Statement, { brief = false }: StateOptions = {}) {
      briefly?.release();
      const rows = brief && thread.idle ? direct?.read(statement) : undefined;
      return (rows ?? (await ask({ type: 'read', statement }))) as Row[];
    },
    link() {
      const { port1, port2 } = new MessageChannel();
      // A thread that has ended says so to the first who expects an answer of it.
      thread.call({ type: 'link', port: port2 }, [port2]).catch(() => undefined);
      return {
        port: port1,
        expect() {
          const { id, answer } = thread.expect<number>();
          return { id, answer: answer.then(observe) };
        },
        forget: (id) => thread.forget(id),
      };
    },
    async close() {
      if (!thread.alive) return;
      briefly?.release();
      await direct?.close();
      await ask({ type: 'close' });
      await thread.leave(closed);
    },
  };
}

/** In a thread of its own, because SQLite lets go of a file only when all that asked it were collected. */
async function inspect(path: string): Promise<void> {
  const thread = new Thread('#state-worker', { path } satisfies StateWorkerData);
  try {
    await thread.call({ type: 'inspect' } satisfies StateRequest);
  } finally {
    await thread.call({ type: 'close' } satisfies StateRequest);
    await thread.leave(new GraphwrightError('unavailable', `${path} was inspected`));
  }
}
