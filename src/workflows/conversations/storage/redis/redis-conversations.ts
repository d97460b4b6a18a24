import type { ConversationKey } from '../../conversation.ts';
import type { AwaitedEvent } from '../../message.ts';
import { isOpen, pageOf } from '../heads.ts';
import {
  parseEntry,
  parseEvent,
  parseHead,
  writtenEntry,
  writtenEvent,
  writtenHead,
} from '../records.ts';
import {
  withoutSnapshot,
  type Commit,
  type ConversationStorage,
  type Data,
  type EntryFilter,
  type HeadFilter,
  type LoadOptions,
  type Refusal,
  type StoredConversation,
  type StoredEntry,
  type StoredEvent,
  type StoredHead,
  type SweepFilter,
} from '../storage.ts';
import { RedisConnection } from './connection.ts';
import { encoded, RedisKeys } from './keys.ts';
import { commitScript, loadScript, putScript, removeEventScript, removeScript } from './scripts.ts';

/** Where conversations are kept in Redis (row V16). */
export interface RedisConversationsConfiguration {
  /** `redis://user:password@host:port/db`, or `rediss:` for TLS. */
  readonly url: string;
  /** What all keys begin with; `graphwright:` by default. */
  readonly prefix?: string;
  /** Milliseconds after its last commit at which a conversation is forgotten; never by default. */
  readonly ttl?: number;
}

/** How many conversations a list looks at in one go. */
const page = 100;

/**
 * Conversations in a stock Redis 6.2 or newer, without modules, for any number of processes; a commit is one
 * script. How much survives the end of Redis itself is up to its settings: with `appendonly yes` and
 * `appendfsync always` everything that was acknowledged.
 */
export class RedisConversations implements ConversationStorage {
  readonly exclusive = false;
  readonly #connection: RedisConnection;
  readonly #keys: RedisKeys;
  readonly #ttl?: number;

  /** @throws GraphwrightError `unavailable`, or `invalid_configuration` when `@redis/client` is not installed. */
  static async open(configuration: RedisConversationsConfiguration): Promise<RedisConversations> {
    const { url, prefix = 'graphwright:', ttl } = configuration;
    const keys = new RedisKeys(prefix);
    return new RedisConversations(await RedisConnection.open(url), keys, ttl);
  }

  private constructor(connection: RedisConnection, keys: RedisKeys, ttl: number | undefined) {
    this.#connection = connection;
    this.#keys = keys;
    this.#ttl = ttl;
  }

  async load(key: ConversationKey, options: LoadOptions = {}) {
    const { known, at, messageId } = options;
    const values = [known, at, messageId].map((value) => value?.toString() ?? '');
    const found = await this.#connection.run(loadScript, [this.#keys.conversation(key)], values);
    if (!Array.isArray(found)) return undefined;
    const [head, base, snapshot, answered, entries] = found as Loaded;
    const kept: StoredConversation = {
      head: parseHead(head),
      snapshot: snapshot === '' ? undefined : { version: Number(base), data: dataOf(snapshot) },
      entries: entries.map(parseEntry),
      answered: answered === '' ? undefined : parseEntry(answered),
    };
    return kept;
  }

  async commit({ expected, head, entry, takes, limits = {} }: Commit) {
    const keys = this.#keys;
    const { tenant, id, waitingFor } = head;
    const event = takes && keys.event({ ...takes, tenant });
    const facts = {
      prefix: keys.prefix,
      tenant: encoded(tenant),
      id: encoded(id),
      member: keys.member(head),
      expected,
      createdAt: head.createdAt,
      updatedAt: head.updatedAt,
      dueAt: head.dueAt,
      waiting: waitingFor && keys.waiting(tenant, waitingFor),
      open: isOpen(head),
      messageId: entry.messageId,
      checkpoint: entry.checkpoint !== undefined,
      takes: takes && encoded(takes.id),
      tenantSessions: limits.tenantSessions,
      allSessions: limits.allSessions,
      // Lua prints large numbers in its own way; as text it compares as it is.
      window: limits.rate?.window.toString(),
      most: limits.rate?.most,
      ttl: this.#ttl,
    };
    const { snapshot } = entry;
    const values = [
      JSON.stringify(facts),
      JSON.stringify(writtenHead(head)),
      JSON.stringify(writtenEntry(withoutSnapshot(entry))),
      snapshot === undefined ? '' : textOf(snapshot),
    ];
    const refusal = await this.#connection.run(
      commitScript,
      [keys.conversation(head), event ?? ''],
      values,
    );
    return (refusal as Refusal | null) ?? undefined;
  }

  async entries(key: ConversationKey, filter: EntryFilter): Promise<StoredEntry[]> {
    const base = this.#keys.conversation(key);
    const { after = 0, before, checkpoints, order, limit } = filter;
    const last = before === undefined ? undefined : before - 1;
    if (checkpoints) return this.#checkpoints(base, after, last, filter);
    const length = await this.#connection.command((client) => client.lLen(`${base}:log`));
    const end = Math.min(last ?? length, length);
    const from = order === 'newest' ? Math.max(after, end - limit) : after;
    const to = order === 'newest' ? end : Math.min(end, after + limit);
    if (to <= from) return [];
    const texts = await this.#connection.command((client) =>
      client.lRange(`${base}:log`, from, to - 1),
    );
    const entries = texts.map(parseEntry);
    return order === 'newest' ? entries.toReversed() : entries;
  }

  async put(event: StoredEvent): Promise<boolean> {
    const keys = this.#keys;
    const names = [keys.event(event), keys.inbox(event.tenant, event), keys.events];
    const text = JSON.stringify(writtenEvent(event));
    const values = [text, String(event.at), encoded(event.id), keys.eventMember(event)];
    return (await this.#connection.run(putScript, names, values)) === 1;
  }

  async inbox(tenant: string, awaited: AwaitedEvent): Promise<StoredEvent[]> {
    const { correlationId } = awaited;
    const inbox = this.#keys.inbox(tenant, awaited);
    const ids = await this.#connection.command((client) => client.zRange(inbox, 0, -1));
    const found = await Promise.all(
      ids.map((id) => {
        const name = this.#keys.event({ tenant, correlationId, id: decodeURIComponent(id) });
        return this.#connection.command((client) => client.hmGet(name, ['event', 'taken']));
      }),
    );
    return found.flatMap(([event, taken]) => (event && taken === '0' ? [parseEvent(event)] : []));
  }

  async list(filter: HeadFilter): Promise<StoredHead[]> {
    const wanted: StoredHead[] = [];
    for await (const heads of this.#candidates(filter)) {
      wanted.push(...pageOf(heads, filter));
      // What comes later is older, unless it came from an index with another order.
      if (wanted.length >= filter.limit && inOrder(filter)) break;
    }
    return pageOf(wanted, filter);
  }

  async delete(key: ConversationKey): Promise<boolean> {
    return (await this.#remove(key)) > 0;
  }

  async sweep({ conversationsBefore, eventsBefore, limit }: SweepFilter): Promise<number> {
    const keys = this.#keys;
    const old = (index: string, before: number) =>
      this.#connection.command((client) =>
        client.zRangeByScore(index, '-inf', `(${before}`, { LIMIT: { offset: 0, count: limit } }),
      );
    let count = 0;
    for (const member of await old(keys.updated, conversationsBefore))
      count += await this.#remove(keys.keyOf(member), conversationsBefore);
    for (const member of await old(keys.events, eventsBefore)) {
      const event = keys.eventOf(member);
      const names = [keys.event(event), keys.events];
      count += Number(
        await this.#connection.run(removeEventScript, names, [encoded(event.id), member]),
      );
    }
    return count;
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  async #checkpoints(
    base: string,
    after: number,
    last: number | undefined,
    { order, limit }: EntryFilter,
  ): Promise<StoredEntry[]> {
    const [least, most] = [`(${after}`, last?.toString() ?? '+inf'];
    const LIMIT = { offset: 0, count: limit };
    const versions = await this.#connection.command((client) =>
      order === 'newest'
        ? client.zRange(`${base}:checkpoints`, most, least, { BY: 'SCORE', REV: true, LIMIT })
        : client.zRange(`${base}:checkpoints`, least, most, { BY: 'SCORE', LIMIT }),
    );
    const texts = await Promise.all(
      versions.map((version) =>
        this.#connection.command((client) => client.lIndex(`${base}:log`, Number(version) - 1)),
      ),
    );
    return texts.flatMap((text) => (text === null ? [] : [parseEntry(text)]));
  }

  /** Heads that the narrowest index leads to, a page at a time; more than are wanted. */
  async *#candidates(filter: HeadFilter): AsyncGenerator<StoredHead[]> {
    const { tenant, waitingFor, dueBefore, after } = filter;
    const keys = this.#keys;
    if (dueBefore !== undefined && tenant === undefined) {
      const due = await this.#connection.command((client) =>
        client.zRangeByScore(keys.due, '-inf', dueBefore),
      );
      for (let at = 0; at < due.length; at += page)
        yield this.#heads(due.slice(at, at + page).map((member) => keys.keyOf(member)));
      return;
    }
    const waits = tenant !== undefined && waitingFor !== undefined;
    const index = waits ? keys.waiting(tenant, waitingFor) : keys.newest(tenant);
    const from = after ? String(after.createdAt) : '+inf';
    for (let offset = 0; ; offset += page) {
      const LIMIT = { offset, count: page };
      const members = await this.#connection.command((client) =>
        client.zRange(index, from, '-inf', { BY: 'SCORE', REV: true, LIMIT }),
      );
      if (members.length === 0) return;
      yield this.#heads(
        members.map((member) =>
          tenant === undefined ? keys.keyOf(member) : { tenant, id: decodeURIComponent(member) },
        ),
      );
    }
  }

  /** The heads that are still there; what its time to live ended is taken out of the indexes. */
  async #heads(found: readonly ConversationKey[]): Promise<StoredHead[]> {
    const texts = await Promise.all(
      found.map((key) =>
        this.#connection.command((client) => client.hGet(this.#keys.conversation(key), 'head')),
      ),
    );
    const gone = found.filter((_, at) => !texts[at]);
    for (const key of gone) await this.#remove(key);
    return texts.flatMap((text) => (text ? [parseHead(text)] : []));
  }

  async #remove(key: ConversationKey, before?: number): Promise<number> {
    const keys = this.#keys;
    const [tenant, id] = [encoded(key.tenant), encoded(key.id)];
    const values = [keys.prefix, keys.member(key), tenant, id, before?.toString() ?? ''];
    return Number(await this.#connection.run(removeScript, [keys.conversation(key)], values));
  }
}

/** What the script answers: texts that are empty where there is nothing, and the entries. */
type Loaded = [head: string, base: string, snapshot: string, answered: string, entries: string[]];

/** Whether the candidates of a filter come in the order of the answer. */
const inOrder = ({ dueBefore, tenant }: HeadFilter) =>
  dueBefore === undefined || tenant !== undefined;

/** Redis keeps texts: bytes become base64 after a letter. */
const textOf = (data: Data) =>
  typeof data === 'string' ? `t${data}` : `b${Buffer.from(data).toString('base64')}`;
const dataOf = (text: string): Data =>
  text.startsWith('t') ? text.slice(1) : new Uint8Array(Buffer.from(text.slice(1), 'base64'));
