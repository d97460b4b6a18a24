import type { Client, QueryResultRow } from 'pg';
import { postgresFailure } from '../workflows/postgres-failure.ts';

/** Locks over all processes that share a database. Postgres frees those of a process that dies. */
export class PostgresLocks {
  readonly #make: () => Client;
  #client: Promise<Client> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @param make Makes a client that is not connected yet. */
  constructor(make: () => Client) {
    this.#make = make;
  }

  /**
   * Takes a lock that this process does not have.
   * @returns What frees it; undefined while another process has it.
   * @throws GraphwrightError `unavailable`
   */
  async take(name: string): Promise<(() => Promise<void>) | undefined> {
    const client = await this.#connected();
    const ask = 'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS free';
    const { rows } = await this.#query<{ free: boolean }>(client, ask, name);
    return rows[0]?.free ? () => this.#free(client, name) : undefined;
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    await client?.end().catch(() => undefined);
  }

  async #free(client: Client, name: string): Promise<void> {
    try {
      await this.#query(client, 'SELECT pg_advisory_unlock(hashtextextended($1, 0))', name);
    } catch {
      // A lock ends with its connection at the latest.
      await client.end().catch(() => undefined);
    }
  }

  /** One after the other, as a connection takes them. */
  #query<Row extends QueryResultRow>(client: Client, sql: string, name: string) {
    const result = this.#last.then(() => client.query<Row>(sql, [name]));
    this.#last = result.catch(() => undefined);
    return result.catch((thrown: unknown) => {
      throw postgresFailure(thrown);
    });
  }

  /** The one connection that has the locks; a new one when that broke. */
  #connected(): Promise<Client> {
    if (this.#client) return this.#client;
    const forget = () => {
      if (this.#client === connecting) this.#client = undefined;
    };
    const connecting = this.#connect(forget).catch((thrown: unknown) => {
      forget();
      throw postgresFailure(thrown);
    });
    this.#client = connecting;
    return connecting;
  }

  async #connect(onGone: () => void): Promise<Client> {
    const client = this.#make();
    client.on('error', onGone).on('end', onGone);
    try {
      await client.connect();
      // A host that vanishes without a word is noticed after about ten seconds.
      await client.query('SET tcp_keepalives_idle = 5');
      await client.query('SET tcp_keepalives_interval = 2');
      await client.query('SET tcp_keepalives_count = 3');
      return client;
    } catch (thrown) {
      await client.end().catch(() => undefined);
      throw thrown;
    }
  }
}
