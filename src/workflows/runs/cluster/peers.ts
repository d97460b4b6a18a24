import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, QueryResultRow } from 'pg';
import { lockCarrier } from './carriers.ts';
import { updateOrphaned, updateTried } from './cluster-crashes.ts';
import { dbosWorkflow } from './cluster-rows.ts';
import { updateReady } from './cluster-statements.ts';

/** Milliseconds between two looks after the other processes. */
const interval = 500;

const signalChannel = 'dbos_notifications_channel';
/** Carries the ids of runs that were cancelled. */
const cancelChannel = 'graphwright_cancelled';

/** What a process does for the others, and hears from them. */
export interface PeersConfiguration {
  connect: () => Client;
  /** The name of this process among the others. */
  executor: string;
  /** Where runs of processes that have died wait for their turn. */
  queue: string;
  /** After how many crashes in a row a run is to fail. */
  crashLimit: number;
  onSignal: (run: string) => void;
  onCancelled: (run: string) => void;
}

/**
 * Keeps a connection open for as long as the process lives: the lock on it, which Postgres frees when the
 * process dies, tells the others that it is alive. In a process that carries out runs, those of processes that are not
 * alive are given to the queue.
 */
export class Peers {
  readonly #configuration: PeersConfiguration;
  readonly #closing = new AbortController();
  #client?: Client;
  #carries = false;
  #last: Promise<unknown> = Promise.resolve();
  #watching: Promise<void> = Promise.resolve();

  constructor(configuration: PeersConfiguration) {
    this.#configuration = configuration;
  }

  /** Takes the lock; resolves once the others know that this process is alive. */
  async join(): Promise<void> {
    const { connect, executor, onSignal, onCancelled } = this.#configuration;
    const client = connect();
    const gone = () => {
      if (this.#client === client) this.#client = undefined;
    };
    client.on('error', gone).on('end', gone);
    client.on('notification', ({ channel: from, payload = '' }) => {
      if (from === signalChannel) onSignal(payload.slice(0, payload.indexOf('::')));
      else onCancelled(payload);
    });
    try {
      await client.connect();
      // A host that vanishes without a word is noticed after about ten seconds.
      await client.query('SET tcp_keepalives_idle = 5');
      await client.query('SET tcp_keepalives_interval = 2');
      await client.query('SET tcp_keepalives_count = 3');
      await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [executor]);
      await client.query(`LISTEN ${signalChannel}`);
      await client.query(`LISTEN ${cancelChannel}`);
      if (this.#carries) await client.query(lockCarrier);
    } catch (thrown) {
      await client.end().catch(() => undefined);
      throw thrown;
    }
    this.#client = client;
  }

  /**
   * Does something that no two processes may do at once. Who waits asks again and again, since a question that
   * stays open would hold up what Postgres does concurrently.
   */
  async alone<Result>(action: () => Promise<Result>): Promise<Result> {
    const ask = `SELECT pg_try_advisory_lock(hashtextextended('graphwright', 0)) AS free`;
    while (!(await this.#query<{ free: boolean }>(ask))?.rows[0]?.free) await sleep(20);
    try {
      return await action();
    } finally {
      await this.#query(`SELECT pg_advisory_unlock(hashtextextended('graphwright', 0))`);
    }
  }

  /** Keeps the connection, and looks after the others once this process carries out runs. */
  watch(): void {
    this.#watching = this.#watch();
  }

  /** Lets the others know that this process carries out runs, theirs too. */
  async carryOut(): Promise<void> {
    this.#carries = true;
    await this.#query(lockCarrier);
  }

  async tellCancelled(run: string): Promise<void> {
    await this.#query('SELECT pg_notify($1, $2)', [cancelChannel, run]);
  }

  /** Gives the runs of processes that have died to the queue; resolves with how many. */
  async takeOver(): Promise<number> {
    const { executor, queue, crashLimit } = this.#configuration;
    const values = [dbosWorkflow, executor, queue, crashLimit];
    const taken = await this.#query(updateOrphaned, values);
    await this.#query(updateReady);
    await this.#query(updateTried);
    return taken?.rowCount ?? 0;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#watching;
    await this.#client?.end().catch(() => undefined);
  }

  /** One after the other, as the connection takes them. */
  #query<Row extends QueryResultRow>(sql: string, values?: unknown[]) {
    const result = this.#last.then(() => this.#client?.query<Row>(sql, values));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        if (!this.#client) await this.join();
        // Without anybody to carry it out, a run under suspicion would lose its turn.
        if (this.#carries) await this.takeOver();
      } catch {
        // The database is away, or the connection is: there is nothing to do but try again.
      }
      await sleep(interval, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
