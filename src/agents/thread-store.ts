import type { SqlValue, StateFile, Statement } from '../ontology/embedded/state-file.ts';

/**
 * Where threads are kept: a database with two tables, whose statements bind `?1`, `?2` and so on.
 */
export interface ThreadStore {
  /** The names of the tables. */
  readonly tables: { readonly threads: string; readonly turns: string };
  /** Makes the tables where they are missing. */
  prepare(): Promise<void>;
  /** All of them or none, on disk when the promise resolves. */
  commit(statements: readonly Statement[]): Promise<void>;
  read(statement: Statement): Promise<Record<string, SqlValue>[]>;
  /**
   * Keeps a thread from the other processes that share it, until what it gives is called, or this process has
   * died.
   * @returns undefined while another one has it.
   */
  hold(thread: string): Promise<(() => Promise<void>) | undefined>;
  close(): Promise<void>;
}

const tables: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS agent_threads (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    owner TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
  ) STRICT`,
  'CREATE INDEX IF NOT EXISTS idle_agent_threads ON agent_threads (updated_at)',
  `CREATE TABLE IF NOT EXISTS agent_turns (
    thread TEXT NOT NULL,
    number INTEGER NOT NULL,
    agent TEXT NOT NULL,
    messages TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (thread, number)
  ) STRICT, WITHOUT ROWID`,
];

/** Threads in the state file, which no other process has. */
export const threadsInState = (state: StateFile): ThreadStore => ({
  tables: { threads: 'agent_threads', turns: 'agent_turns' },
  prepare: () => state.commit(tables.map((sql) => ({ sql }))),
  commit: (statements) => state.commit(statements),
  read: (statement) => state.read(statement),
  hold: async () => async () => undefined,
  // It is the caller's.
  close: async () => undefined,
});
