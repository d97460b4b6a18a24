import type { Pool, QueryResultRow } from 'pg';
import { postgresFailure } from '../../../postgres-failure.ts';
import { hasNul, loadPostgres, outliveConnections } from '../../../postgres-package.ts';
import type { ConversationKey } from '../../conversation.ts';
import type { AwaitedEvent } from '../../message.ts';
import type {
  Commit,
  ConversationStorage,
  EntryFilter,
  HeadFilter,
  LoadOptions,
  Refusal,
  StoredConversation,
  StoredEvent,
  StoredHead,
  SweepFilter,
} from '../storage.ts';
import {
  entryOf,
  eventOf,
  fromBytes,
  headOf,
  toBytes,
  type EntryRow,
  type EventRow,
  type HeadRow,
} from './rows.ts';
import { queriesOf, wantedHeads, type Queries } from './queries.ts';
import { checkedTables, createTables, type PostgresTables } from './tables.ts';

/** Where conversations are kept in Postgres. */
export interface PostgresConversationsConfiguration {
  /** `postgres://user:password@host:port/database` */
  readonly connectionString: string;
  /** Connections at once; 10 by default. */
  readonly connections?: number;
  /** Tables by other names; they are made when they are missing. */
  readonly tables?: Partial<PostgresTables>;
}

/** Conversations in Postgres, for any number of processes; a commit is one statement. */
export class PostgresConversations implements ConversationStorage {
  readonly exclusive = false;
  readonly #pool: Pool;
  readonly #tables: PostgresTables;
  readonly #queries: Queries;

  /**
   * Connects, and makes the tables that are missing.
   * @throws GraphwrightError `unavailable`, or `invalid_configuration` for a table's name and when `pg` is not installed.
   */
  static async open(
    configuration: PostgresConversationsConfiguration,
  ): Promise<PostgresConversations> {
    const tables = checkedTables(configuration.tables);
    const { connectionString, connections: max = 10 } = configuration;
    const { Pool } = await loadPostgres('Conversations');
    const pool = outliveConnections(new Pool({ connectionString, max }));
    const storage = new PostgresConversations(pool, tables);
    try {
      await storage.#prepare();
    } catch (thrown) {
      await pool.end();
      throw thrown;
    }
    return storage;
  }

  private constructor(pool: Pool, tables: PostgresTables) {
    this.#pool = pool;
    this.#tables = tables;
    this.#queries = queriesOf(tables);
  }

  async load({ tenant, id }: ConversationKey, options: LoadOptions = {}) {
    const { known, at, messageId } = options;
    const values = [tenant, id, known, at, messageId];
    const rows = await this.#rows<LoadedRow>(this.#queries.load, values);
    const [first] = rows;
    return first && loaded(first, rows, options);
  }

  async commit({ expected, head, entry, takes, limits }: Commit): Promise<Refusal | undefined> {
    const { waitingFor } = head;
    const [row] = await this.#rows<{ refusal: Refusal | null }>(this.#queries.commit, [
      expected,
      head.tenant,
      head.id,
      head.flow,
      head.sessionId,
      head.status,
      waitingFor?.type,
      waitingFor?.correlationId,
      head.createdAt,
      head.updatedAt,
      head.dueAt,
      toBytes(head.data),
      entry.at,
      entry.messageId,
      entry.checkpoint,
      toBytes(entry.data),
      entry.snapshot === undefined ? undefined : toBytes(entry.snapshot),
      takes?.correlationId,
      takes?.id,
      limits?.tenantSessions,
      limits?.allSessions,
      limits?.rate?.window,
      limits?.rate?.most,
    ]);
    return row?.refusal ?? undefined;
  }

  async entries({ tenant, id }: ConversationKey, filter: EntryFilter) {
    const { after = 0, before, checkpoints = false, order, limit } = filter;
    const sql = order === 'newest' ? this.#queries.newestEntries : this.#queries.oldestEntries;
    const values = [tenant, id, after, before, checkpoints, limit];
    return (await this.#rows<EntryRow>(sql, values)).map(entryOf);
  }

  async put({ tenant, correlationId, id, type, at, data }: StoredEvent): Promise<boolean> {
    const values = [tenant, correlationId, id, type, at, toBytes(data)];
    return (await this.#rows(this.#queries.put, values)).length > 0;
  }

  async inbox(tenant: string, { type, correlationId }: AwaitedEvent): Promise<StoredEvent[]> {
    const rows = await this.#rows<EventRow>(this.#queries.inbox, [tenant, correlationId, type]);
    return rows.map(eventOf);
  }

  async list(filter: HeadFilter): Promise<StoredHead[]> {
    const { sql, values } = wantedHeads(this.#tables, filter);
    return (await this.#rows<HeadRow>(sql, values)).map(headOf);
  }

  async delete({ tenant, id }: ConversationKey): Promise<boolean> {
    return (await this.#rows(this.#queries.delete, [tenant, id])).length > 0;
  }

  async sweep({ conversationsBefore, eventsBefore, limit }: SweepFilter): Promise<number> {
    const conversations = [conversationsBefore, limit];
    const gone = await this.#rows(this.#queries.sweepConversations, conversations);
    const past = await this.#rows(this.#queries.sweepEvents, [eventsBefore, limit]);
    return gone.length + past.length;
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  /** Two processes that make tables at once would be in each other's way. */
  async #prepare(): Promise<void> {
    const lock = `SELECT pg_advisory_xact_lock(hashtextextended('${this.#tables.conversations}', 2))`;
    try {
      await this.#pool.query(`BEGIN; ${lock}; ${createTables(this.#tables)} COMMIT`);
    } catch (thrown) {
      throw postgresFailure(thrown);
    }
  }

  async #rows<Row extends QueryResultRow>(sql: string, values: readonly unknown[]): Promise<Row[]> {
    // Under a name each connection keeps the statement prepared.
    const name = this.#queries.names.get(sql);
    try {
      const { rows } = await this.#pool.query<Row>({ name, text: sql, values: [...values] });
      return rows;
    } catch (thrown) {
      if (hasNul(thrown)) return [];
      throw postgresFailure(thrown);
    }
  }
}

/** A head with one of its entries, or with none. */
type LoadedRow = HeadRow & {
  entry_version: number | null;
  entry_data: Buffer;
  base: number;
  follows: boolean;
} & Pick<EntryRow, 'at' | 'message_id' | 'checkpoint' | 'snapshot'>;

function loaded(
  first: LoadedRow,
  rows: readonly LoadedRow[],
  { at = first.version, messageId }: LoadOptions,
): StoredConversation {
  const { base, follows } = first;
  const found = rows.filter(({ entry_version: version }) => version !== null);
  const entries = found.map((row) => ({
    ...row,
    version: row.entry_version!,
    data: row.entry_data,
  }));
  const snapshot = follows ? undefined : entries.find(({ version }) => version === base)?.snapshot;
  const answered = entries.find((row) => messageId !== undefined && row.message_id === messageId);
  return {
    head: headOf(first),
    snapshot: snapshot ? { version: base, data: fromBytes(snapshot) } : undefined,
    entries: entries.filter(({ version }) => version > base && version <= at).map(entryOf),
    answered: answered && entryOf(answered),
  };
}
