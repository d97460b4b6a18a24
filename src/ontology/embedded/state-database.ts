import Database from 'libsql';
import { dirname } from 'node:path';
import { GraphwrightError } from '../../errors.ts';
import type { SqlValue, Statement } from './state-file.ts';

/** A set of statements that take effect together. */
export interface Commit {
  statements: readonly Statement[];
  resolve: () => void;
  reject: (reason: unknown) => void;
}

/** SQLite as the state file's thread uses it; every call blocks. */
export class StateDatabase {
  readonly #path: string;
  readonly #database: Database.Database;
  readonly #prepared = new Map<string, Database.Statement>();

  constructor(path: string) {
    this.#path = path;
    this.#database = this.#coded(() => new Database(path, { timeout: 0 }));
    this.#coded(() => {
      // Exclusive before WAL: the index of the log then needs no shared memory file.
      this.#database.pragma('locking_mode = EXCLUSIVE');
      this.#database.pragma('journal_mode = WAL');
      this.#database.pragma('synchronous = FULL');
      this.#database.exec('BEGIN EXCLUSIVE; COMMIT');
    });
  }

  read(statement: Statement): unknown[] {
    return this.#coded(() => this.#prepare(statement.sql).all([...(statement.values ?? [])]));
  }

  /** Runs all commits in one transaction with one sync. */
  commit(group: readonly Commit[]): void {
    const [only] = group;
    if (group.length === 1 && only) return this.#alone(only);
    const failed = new Map<Commit, unknown>();
    try {
      this.#transaction(() => {
        for (const commit of group) this.#savepoint(commit, failed);
      });
    } catch {
      // Not silent: each gets its own answer now. SQLite took the whole transaction back, as it may
      // when the disk is full, so what the others had done is gone too.
      return group.forEach((commit) => this.#alone(commit));
    }
    for (const commit of group)
      if (failed.has(commit)) commit.reject(failed.get(commit));
      else commit.resolve();
  }

  close(): void {
    this.#database.close();
  }

  #alone(commit: Commit): void {
    try {
      this.#coded(() => this.#transaction(() => this.#run(commit)));
    } catch (thrown) {
      return commit.reject(thrown);
    }
    commit.resolve();
  }

  #savepoint(commit: Commit, failed: Map<Commit, unknown>): void {
    this.#database.exec('SAVEPOINT one');
    try {
      this.#coded(() => this.#run(commit));
    } catch (thrown) {
      failed.set(commit, thrown);
      this.#database.exec('ROLLBACK TO one');
    }
    this.#database.exec('RELEASE one');
  }

  #transaction(action: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      action();
      this.#database.exec('COMMIT');
    } catch (thrown) {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
      throw thrown;
    }
  }

  #run({ statements }: Commit): void {
    for (const { sql, values = [] } of statements) this.#prepare(sql).run([...values]);
  }

  #prepare(sql: string): Database.Statement<SqlValue[][]> {
    let statement = this.#prepared.get(sql);
    if (!statement) this.#prepared.set(sql, (statement = this.#database.prepare(sql)));
    return statement;
  }

  #coded<Value>(action: () => Value): Value {
    try {
      return action();
    } catch (thrown) {
      throw coded(thrown, this.#path);
    }
  }
}

function coded(thrown: unknown, path: string): GraphwrightError {
  if (thrown instanceof GraphwrightError) return thrown;
  const { code = '', message } = thrown as { code?: string; message: string };
  const problem = (kind: 'data_in_use' | 'store_full' | 'store_damaged' | 'unavailable') =>
    new GraphwrightError(kind, explain(kind, path, message), { cause: thrown });
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return problem('data_in_use');
  if (/^SQLITE_(FULL|IOERR_WRITE|TOOBIG)/.test(code)) return problem('store_full');
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return problem('store_damaged');
  if (/^SQLITE_(CANTOPEN|IOERR|READONLY|PERM|NOMEM)|^$/.test(code)) return problem('unavailable');
  if (code.startsWith('SQLITE_CONSTRAINT'))
    return new GraphwrightError('conflict', message, { cause: thrown });
  return GraphwrightError.from(thrown);
}

function explain(kind: string, path: string, message: string): string {
  switch (kind) {
    case 'data_in_use':
      return `The data directory ${dirname(path)} is in use by another process. Stop that process, or use its HTTP endpoint`;
    case 'store_full':
      return `Nothing more could be written to ${path}: ${message}`;
    case 'store_damaged':
      return `${path} is damaged: ${message}. Restore it from a backup`;
    default:
      return `${path} cannot be used: ${message}`;
  }
}
