import { GraphwrightError } from '../errors.ts';
import type { SqlValue, StateFile, Statement } from '../ontology/embedded/state-file.ts';
import { readMessages, writeMessages, type StoredMessage } from './stored-messages.ts';

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

/** Conversations in the state file; those of another owner do not exist. */
export class Threads {
  readonly #state: StateFile;
  readonly #retention: ThreadRetention;
  #ready: Promise<void> | undefined;

  constructor(state: StateFile, retention: ThreadRetention) {
    this.#state = state;
    this.#retention = retention;
  }

  /** @throws GraphwrightError `not_found`, also for a thread of somebody else. */
  async get(id: string, owner: Owner): Promise<Thread> {
    const [row] = await this.#read(`${selectThreads} WHERE id = ? AND ${owned}`, id, ...by(owner));
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
      `${selectThreads} WHERE number < ? AND ${owned} ORDER BY number DESC LIMIT ?`,
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
    const rows = await this.#read('SELECT * FROM agent_turns WHERE thread = ? ORDER BY number', id);
    return rows.map((row) => ({
      agent: String(row['agent']),
      at: String(row['at']),
      messages: readMessages(String(row['messages']), id),
    }));
  }

  /** Adds a turn, and the thread with its first one, in one commit; threads and turns past their time go with it. */
  async append(id: string, owner: Owner, { agent, at, messages }: Turn): Promise<void> {
    const { maxAge, maxTurns } = this.#retention;
    const idle = new Date(new Date(at).getTime() - maxAge).toISOString();
    await this.#commit([
      {
        sql: `INSERT INTO agent_threads (id, owner, created_at, updated_at) VALUES (?1, ?2, ?3, ?3)
          ON CONFLICT (id) DO UPDATE SET updated_at = ?3`,
        values: [id, owner ?? null, at],
      },
      {
        sql: `INSERT INTO agent_turns (thread, number, agent, messages, at)
          SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4 FROM agent_turns WHERE thread = ?1`,
        values: [id, agent, writeMessages(messages), at],
      },
      {
        sql: `DELETE FROM agent_turns WHERE thread = ?1
          AND number <= (SELECT max(number) FROM agent_turns WHERE thread = ?1) - ?2`,
        values: [id, maxTurns],
      },
      {
        sql: `DELETE FROM agent_turns
          WHERE thread IN (SELECT id FROM agent_threads WHERE updated_at < ?)`,
        values: [idle],
      },
      { sql: 'DELETE FROM agent_threads WHERE updated_at < ?', values: [idle] },
    ]);
  }

  /** Removes a thread with all that was said in it. @throws GraphwrightError `not_found` */
  async delete(id: string, owner: Owner): Promise<void> {
    await this.get(id, owner);
    await this.#commit([
      { sql: 'DELETE FROM agent_turns WHERE thread = ?', values: [id] },
      { sql: 'DELETE FROM agent_threads WHERE id = ?', values: [id] },
    ]);
  }

  async #read(sql: string, ...values: SqlValue[]): Promise<Record<string, SqlValue>[]> {
    await this.#prepared();
    return this.#state.read({ sql, values });
  }

  async #commit(statements: readonly Statement[]): Promise<void> {
    await this.#prepared();
    await this.#state.commit(statements);
  }

  /** Whoever asks no agent has no tables for them. */
  #prepared(): Promise<void> {
    this.#ready ??= this.#state.commit(tables.map((sql) => ({ sql }))).catch((thrown: unknown) => {
      this.#ready = undefined;
      throw thrown;
    });
    return this.#ready;
  }
}

const selectThreads = `SELECT number, id, created_at, updated_at,
  (SELECT count(*) FROM agent_turns WHERE thread = agent_threads.id) AS turns FROM agent_threads`;

const owned = '(? OR owner = ?)';
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
