import { GraphwrightError } from '../errors.ts';
import type { SqlValue, Statement } from '../ontology/embedded/state-file.ts';
import { readMessages, writeMessages, type StoredMessage } from './stored-messages.ts';
import type { ThreadStore } from './thread-store.ts';

/** A conversation with agents. */
export interface Thread {
  id: string;
  createdAt: string;
  updatedAt: string;
  /** How many turns are kept. */
  turns: number;
}

/** What a user said to an agent, and all that came of it: the first message is the user's, the last the answer. */
export interface Turn {
  agent: string;
  at: string;
  messages: StoredMessage[];
}

/** Some threads, the newest first. */
export interface ThreadPage {
  items: Thread[];
  /** Hand it in to go on after them; absent on the last page. */
  nextCursor?: string;
}

/** How long threads are kept. */
export interface ThreadRetention {
  /** Milliseconds since a thread's last turn. */
  maxAge: number;
  /** Turns of one thread; the oldest go first. */
  maxTurns: number;
}

/** Whose threads are meant; undefined for whoever may do everything, and sees all of them. */
export type Owner = string | undefined;

/** Conversations in a database; those of another owner do not exist. */
export class Threads {
  readonly #store: ThreadStore;
  readonly #retention: ThreadRetention;
  readonly #busy = new Set<string>();
  #ready: Promise<void> | undefined;

  constructor(store: ThreadStore, retention: ThreadRetention) {
    this.#store = store;
    this.#retention = retention;
  }

  /** @throws GraphwrightError `not_found`, also for a thread of somebody else. */
  async get(id: string, owner: Owner): Promise<Thread> {
    const sql = `${this.#selected} WHERE id = ?1 AND (?2 OR owner = ?3)`;
    const [row] = await this.#read(sql, id, ...by(owner));
    if (!row) throw new GraphwrightError('not_found', `No thread ${id}`);
    return threadOf(row);
  }

  /** The threads that an owner sees, the newest first. */
  async list(
    owner: Owner,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<ThreadPage> {
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : placeOf(cursor);
    const rows = await this.#read(
      `${this.#selected} WHERE number < ?1 AND (?2 OR owner = ?3) ORDER BY number DESC LIMIT ?4`,
      before,
      ...by(owner),
      limit + 1,
    );
    const items = rows.slice(0, limit);
    const more = rows.length > limit && { nextCursor: String(items.at(-1)!['number']) };
    return { items: items.map(threadOf), ...more };
  }

  /** The turns of a thread, the oldest first. @throws GraphwrightError `not_found`, `store_damaged`. */
  async turns(id: string, owner: Owner): Promise<Turn[]> {
    await this.get(id, owner);
    const { turns } = this.#store.tables;
    const rows = await this.#read(`SELECT * FROM ${turns} WHERE thread = ?1 ORDER BY number`, id);
    return rows.map((row) => ({
      agent: String(row['agent']),
      at: String(row['at']),
      messages: readMessages(String(row['messages']), id),
    }));
  }

  /** Adds a turn, and the thread with its first one, in one commit; threads and turns past their time go with it. */
  async append(id: string, owner: Owner, { agent, at, messages }: Turn): Promise<void> {
    const { threads, turns } = this.#store.tables;
    const { maxAge, maxTurns } = this.#retention;
    const idle = new Date(new Date(at).getTime() - maxAge).toISOString();
    await this.#commit([
      {
        sql: `INSERT INTO ${threads} (id, owner, created_at, updated_at) VALUES (?1, ?2, ?3, ?3)
          ON CONFLICT (id) DO UPDATE SET updated_at = ?3`,
        values: [id, owner ?? null, at],
      },
      {
        sql: `INSERT INTO ${turns} (thread, number, agent, messages, at)
          SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4 FROM ${turns} WHERE thread = ?1`,
        values: [id, agent, writeMessages(messages), at],
      },
      {
        sql: `DELETE FROM ${turns} WHERE thread = ?1
          AND number <= (SELECT max(number) FROM ${turns} WHERE thread = ?1) - ?2`,
        values: [id, maxTurns],
      },
      {
        sql: `DELETE FROM ${turns} WHERE thread IN (SELECT id FROM ${threads} WHERE updated_at < ?1)`,
        values: [idle],
      },
      { sql: `DELETE FROM ${threads} WHERE updated_at < ?1`, values: [idle] },
    ]);
  }

  /** Removes a thread with all that was said in it. @throws GraphwrightError `not_found` */
  async delete(id: string, owner: Owner): Promise<void> {
    await this.get(id, owner);
    const { threads, turns } = this.#store.tables;
    await this.#commit([
      { sql: `DELETE FROM ${turns} WHERE thread = ?1`, values: [id] },
      { sql: `DELETE FROM ${threads} WHERE id = ?1`, values: [id] },
    ]);
  }

  /**
   * Answers in a thread while nobody else does, in whichever process: the next question is about the answer.
   * @throws GraphwrightError `conflict` while somebody does.
   */
  async alone<Value>(id: string, action: () => Promise<Value>): Promise<Value> {
    if (this.#busy.has(id)) throw waitsForAnswer(id);
    this.#busy.add(id);
    try {
      const release = await this.#store.hold(id);
      if (!release) throw waitsForAnswer(id);
      return await action().finally(release);
    } finally {
      this.#busy.delete(id);
    }
  }

  /** Lets go of what it has opened itself. */
  close(): Promise<void> {
    return this.#store.close();
  }

  get #selected(): string {
    const { threads, turns } = this.#store.tables;
    return `SELECT number, id, created_at, updated_at,
      (SELECT count(*) FROM ${turns} WHERE thread = t.id) AS turns FROM ${threads} AS t`;
  }

  async #read(sql: string, ...values: SqlValue[]): Promise<Record<string, SqlValue>[]> {
    await this.#prepared();
    return this.#store.read({ sql, values });
  }

  async #commit(statements: readonly Statement[]): Promise<void> {
    await this.#prepared();
    await this.#store.commit(statements);
  }

  /** Whoever asks no agent has no tables for them. */
  #prepared(): Promise<void> {
    this.#ready ??= this.#store.prepare().catch((thrown: unknown) => {
      this.#ready = undefined;
      throw thrown;
    });
    return this.#ready;
  }
}

const waitsForAnswer = (id: string) =>
  new GraphwrightError('conflict', `The thread ${id} waits for an answer`, { retriable: true });

const by = (owner: Owner): [number, string | null] => [owner === undefined ? 1 : 0, owner ?? null];

const threadOf = (row: Record<string, SqlValue>): Thread => ({
  id: String(row['id']),
  createdAt: String(row['created_at']),
  updatedAt: String(row['updated_at']),
  turns: Number(row['turns']),
});

function placeOf(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new GraphwrightError('invalid_parameters', 'The cursor is not one of ours', {
    problems: [{ pointer: '/cursor', detail: 'Not a nextCursor of the page before' }],
  });
}
