import Database from 'libsql';
import { GraphwrightError } from '../../errors.ts';
import { CommitLedger } from './commit-ledger.ts';
import { CommitMark } from './commit-mark.ts';
import { assertNoneLost, createNewest, markOf, newestCommit } from './lost-commits.ts';
import { CheckedSelect } from './checked-select.ts';
import { codeOf, coded } from './sqlite-errors.ts';
import type { SqlValue, StateFileSettings, Statement } from './state-file.ts';
import { sizeOf } from './statement-size.ts';

/** A set of statements that take effect together. */
export interface Commit {
  statements: readonly Statement[];
  /** Given the milliseconds that the transaction took. */
  resolve: (took: number) => void;
  reject: (reason: unknown) => void;
}

/** How a connection to a state file is made. */
export interface StateDatabaseSettings extends StateFileSettings {
  /** What it shares with the connections that other threads have. */
  ledger?: CommitLedger;
  /** Whether the file is open already, in another thread, which also looks after the log. */
  second?: boolean;
}

/** SQLite as a thread uses it that may wait for the disk; every call blocks. */
export class StateDatabase {
  readonly #path: string;
  readonly #database: Database.Database;
  readonly #prepared = new Map<string, Database.Statement>();
  readonly #selects = new Map<string, CheckedSelect>();
  readonly #ledger: CommitLedger;
  /** What acknowledged commits are compared with at the next start; nothing in memory is acknowledged for longer. */
  readonly #mark?: CommitMark;
  #noted = 0;
  /** About how many bytes it has put into the log since that was emptied. */
  #logged = 0;

  constructor(
    path: string,
    { ledger = new CommitLedger(), second = false, ...settings }: StateDatabaseSettings = {},
  ) {
    this.#path = path;
    this.#ledger = ledger;
    this.#database = this.#coded(() => new Database(path, { timeout: 0 }));
    this.#coded(() => (second ? this.#join() : this.#begin(settings)));
    // Within a commit, whoever waits for it would wait for the log to be brought into the file as well.
    this.#database.exec('PRAGMA wal_autocheckpoint = 0');
    if (path === ':memory:') return;
    if (!second) assertNoneLost(path, ledger.newest);
    this.#mark = new CommitMark(markOf(path));
  }

  #begin({ journalMode = 'WAL', autoVacuum }: StateFileSettings): void {
    // With a log, a second thread shares the file.
    if (journalMode !== 'WAL') this.#database.exec('PRAGMA locking_mode = EXCLUSIVE');
    this.#database.pragma(`journal_mode = ${journalMode}`);
    // Without a log, a commit is durable only once the directory is synced as well.
    this.#database.exec(`PRAGMA synchronous = ${journalMode === 'WAL' ? 'FULL' : 'EXTRA'}`);
    if (autoVacuum !== undefined) this.#setAutoVacuum(autoVacuum);
    this.#database.exec(`BEGIN EXCLUSIVE; ${createNewest}; COMMIT`);
    this.#ledger.newest = newestCommit(this.#database);
    // Only now: whoever opens the file is told at once that another process has it.
    this.#database.exec(`PRAGMA busy_timeout = ${patience}`);
  }

  #join(): void {
    this.#database.exec('PRAGMA synchronous = FULL');
  }

  /** Of a file that has tables, it is changed by writing it anew. */
  #setAutoVacuum(wanted: boolean): void {
    const value = Number(wanted);
    if (Number(this.#database.pragma('auto_vacuum', { simple: true })) === value) return;
    this.#database.pragma(`auto_vacuum = ${value}`);
    this.#database.exec('VACUUM');
  }

  read(statement: Statement): unknown[] {
    const { sql, values = [] } = statement;
    return this.#coded(() => {
      if (!/^\s*(SELECT|WITH)\b/i.test(sql)) return this.#prepare(sql).all([...values]);
      let select = this.#selects.get(sql);
      if (!select) this.#selects.set(sql, (select = new CheckedSelect(this.#database, sql)));
      return select.all(values);
    });
  }

  /** Runs all commits in one transaction with one sync. */
  commit(group: readonly Commit[]): void {
    const [only] = group;
    if (group.length === 1 && only) return this.#alone(only);
    const failed = new Map<Commit, unknown>();
    const start = performance.now();
    try {
      this.#transaction(() => {
        for (const commit of group) this.#savepoint(commit, failed);
      });
    } catch {
      // Not silent: each gets its own answer now. SQLite took the whole transaction back, as it may
      // when the disk is full, so what the others had done is gone too.
      return group.forEach((commit) => this.#alone(commit));
    }
    const took = performance.now() - start;
    for (const commit of group)
      if (failed.has(commit)) commit.reject(failed.get(commit));
      else commit.resolve(took);
  }

  /** Marks what has been committed; the mark may fall behind, and need not keep anybody waiting who was to be told. */
  note(): void {
    const { newest } = this.#ledger;
    if (newest === this.#noted) return;
    try {
      this.#mark?.write(newest);
      this.#noted = newest;
    } catch {
      // Not silent: a disk that cannot take it fails the next commit, and until then the mark is behind.
    }
  }

  /** Has the log emptied, by whoever looks after it, when what this connection has committed has made it long. */
  tidy(empty = () => this.checkpoint()): void {
    if (this.#logged < longLog) return;
    this.#logged = 0;
    empty();
  }

  /** Brings what lies in the log into the file, so that the log begins anew. */
  checkpoint(): void {
    // Not by pragma(): libsql cannot give its rows to a thread that is being ended, and takes the process down.
    this.#coded(() => this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)'));
  }

  /** Lets go of the file, once what was prepared is collected too. */
  close(): void {
    this.#prepared.clear();
    this.#selects.clear();
    this.#mark?.close();
    this.#database.close();
  }

  #alone(commit: Commit): void {
    const start = performance.now();
    try {
      this.#coded(() => this.#transaction(() => this.#run(commit)));
    } catch (thrown) {
      return commit.reject(thrown);
    }
    commit.resolve(performance.now() - start);
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
    if (this.#ledger.unsynced) throw unsynced(this.#path);
    this.#prepare('BEGIN IMMEDIATE').run();
    const { newest } = this.#ledger;
    try {
      action();
      this.#prepare(countCommit).run(['commit', newest + 1]);
      this.#prepare('COMMIT').run();
    } catch (thrown) {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
      if (codeOf(thrown) !== 'SQLITE_IOERR_FSYNC') throw thrown;
      this.#ledger.markUnsynced();
      throw unsynced(this.#path, thrown);
    }
    this.#ledger.newest = newest + 1;
    this.#logged += leastLogged;
  }

  #run({ statements }: Commit): void {
    for (const statement of statements) this.#carryOut(statement);
  }

  #carryOut(statement: Statement): void {
    const { sql, values = [], otherwise } = statement;
    this.#logged += sizeOf(statement);
    const { changes } = this.#prepare(sql).run([...values]);
    if (otherwise && changes === 0) this.#carryOut(otherwise);
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

/** Milliseconds that a commit waits for a process that only looks at the file, such as the `sqlite3` shell. */
const patience = 5000;

/** In bytes, as by default: a thousand pages of 4 KiB. */
const longLog = 1000 * 2 ** 12;

/** Bytes that a small commit puts into the log: four pages. */
const leastLogged = 4 * 2 ** 12;

const countCommit = 'INSERT OR REPLACE INTO newest (sequence, position) VALUES (?, ?)';

/** What was not synced may be gone from the system's memory as well, so that a second sync proves nothing. */
const unsynced = (path: string, cause?: unknown) =>
  new GraphwrightError(
    'unavailable',
    `${path} takes no more writes, because the disk failed to sync one. Check the disk and restart; only then is it known whether that write was kept`,
    { cause, retriable: false },
  );
