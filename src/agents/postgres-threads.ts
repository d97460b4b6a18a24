import type { Client, Pool, PoolClient } from 'pg';
import type { GraphwrightError } from '../errors.ts';
import type { SqlValue, Statement } from '../ontology/embedded/state-file.ts';
import { retry } from '../retry.ts';
import { postgresFailure } from '../workflows/postgres-failure.ts';
import { hasNul, loadPostgres, outliveConnections } from '../workflows/postgres-package.ts';
import { PostgresLocks } from './postgres-locks.ts';
import type { ThreadStore } from './thread-store.ts';

/** Connections for reading and writing; answers take seconds, and these milliseconds. */
const max = 4;

const schema = 'graphwright';
const threads = `${schema}.agent_threads`;
const turns = `${schema}.agent_turns`;

/** Times are compared as texts, letter by letter. */
const tables = `
CREATE SCHEMA IF NOT EXISTS ${schema};
CREATE TABLE IF NOT EXISTS ${threads} (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE, owner text,
  created_at text NOT NULL, updated_at text COLLATE "C" NOT NULL);
CREATE INDEX IF NOT EXISTS idle_agent_threads ON ${threads} (updated_at);
CREATE TABLE IF NOT EXISTS ${turns} (
  thread text, number bigint, agent text NOT NULL, messages text NOT NULL, at text NOT NULL,
  PRIMARY KEY (thread, number));`;

interface Connected {
  pool: Pool;
  locks: PostgresLocks;
}

/** Threads in Postgres, for any number of processes. Nothing is connected before the first of them is asked for. */
export class PostgresThreads implements ThreadStore {
  readonly tables = { threads, turns };
  readonly #connectionString: string;
  #connected: Promise<Connected> | undefined;

  /** @param connectionString `postgres://user:password@host:port/database` */
  constructor(connectionString: string) {
    this.#connectionString = connectionString;
  }

  async prepare(): Promise<void> {
    // A role that may make none is enough once they are there.
    const [found] = await this.read({ sql: `SELECT to_regclass('${turns}')::text AS made` });
    if (found?.['made'] === null) await this.commit([{ sql: tables }]);
  }

  /** One after the other, over all processes. An answer has cost time and money, so it is tried for a while. */
  async commit(statements: readonly Statement[]): Promise<void> {
    const failure = await retry(() => this.#write(statements), { attempts: 6 });
    if (failure) throw failure;
  }

  read(statement: Statement): Promise<Record<string, SqlValue>[]> {
    return retry(async () => {
      const { pool } = await this.#connection();
      try {
        const { rows } = await pool.query<Record<string, SqlValue>>(numbered(statement));
        return rows;
      } catch (thrown) {
        if (hasNul(thrown)) return [];
        throw postgresFailure(thrown);
      }
    });
  }

  hold(thread: string): Promise<(() => Promise<void>) | undefined> {
    return retry(async () => {
      const { locks } = await this.#connection();
      return locks.take(`${threads} ${thread}`);
    });
  }

  async close(): Promise<void> {
    const connected = await this.#connected?.catch(() => undefined);
    await connected?.locks.close();
    if (connected && !connected.pool.ended) await connected.pool.end();
  }

  /**
   * @returns Why it is not known whether it was written, which must not be tried again.
   * @throws GraphwrightError when nothing was.
   */
  async #write(statements: readonly Statement[]): Promise<GraphwrightError | undefined> {
    const { pool } = await this.#connection();
    let client: PoolClient | undefined;
    try {
      client = await pool.connect();
      await client.query('BEGIN');
      await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('${threads}', 0))`);
      for (const statement of statements) await client.query(numbered(statement));
    } catch (thrown) {
      // The end of its connection is the end of what was begun on it.
      client?.release(true);
      throw postgresFailure(thrown);
    }
    try {
      await client.query('COMMIT');
      client.release();
      return undefined;
    } catch (thrown) {
      client.release(true);
      return postgresFailure(thrown);
    }
  }

  #connection(): Promise<Connected> {
    this.#connected ??= this.#connect().catch((thrown: unknown) => {
      this.#connected = undefined;
      throw thrown;
    });
    return this.#connected;
  }

  async #connect(): Promise<Connected> {
    const pg = await loadPostgres('Threads');
    const connection = { connectionString: this.#connectionString, keepAlive: true };
    const pool = outliveConnections(new pg.Pool({ ...connection, max }));
    return { pool, locks: new PostgresLocks((): Client => new pg.Client(connection)) };
  }
}

/** A statement as Postgres takes it. */
const numbered = ({ sql, values = [] }: Statement) => ({
  text: sql.replaceAll(/\?(\d+)/g, '$$$1'),
  values: [...values],
});
