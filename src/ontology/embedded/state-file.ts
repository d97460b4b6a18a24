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
