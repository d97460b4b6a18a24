import type { ConversationKey } from '../conversation.ts';
import type { AwaitedEvent } from '../message.ts';
import { pageOf } from './heads.ts';
import { MemoryConversations } from './memory.ts';
import type {
  Commit,
  ConversationStorage,
  EntryFilter,
  HeadFilter,
  LoadOptions,
  Refusal,
  StoredConversation,
  StoredEntry,
  StoredEvent,
  StoredHead,
  SweepFilter,
} from './storage.ts';

/**
 * A storage of which the conversations of some flows never see anything: they are kept in memory, and end with
 * the process. Quotas count them by themselves.
 */
export class VolatileFlows implements ConversationStorage {
  readonly #kept: ConversationStorage;
  readonly #persists: (flow: string) => boolean;
  readonly #memory = new MemoryConversations();
  /** Events that a conversation in memory has taken; their storage cannot know. */
  readonly #taken = new Set<string>();

  /** @param persists Whether the conversations of a flow go to the storage. */
  constructor(kept: ConversationStorage, persists: (flow: string) => boolean) {
    this.#kept = kept;
    this.#persists = persists;
  }

  get exclusive(): boolean {
    return this.#kept.exclusive;
  }

  async load(key: ConversationKey, options?: LoadOptions): Promise<StoredConversation | undefined> {
    return (await this.#memory.load(key, options)) ?? this.#kept.load(key, options);
  }

  async commit({ takes, ...commit }: Commit): Promise<Refusal | undefined> {
    if (this.#persists(commit.head.flow)) return this.#kept.commit({ ...commit, takes });
    const name = takes && nameOf({ ...takes, tenant: commit.head.tenant });
    if (name !== undefined && this.#taken.has(name)) return 'event';
    const refused = await this.#memory.commit(commit);
    if (!refused && name !== undefined) this.#taken.add(name);
    return refused;
  }

  async entries(key: ConversationKey, filter: EntryFilter): Promise<readonly StoredEntry[]> {
    const found = await this.#memory.load(key);
    return (found ? this.#memory : this.#kept).entries(key, filter);
  }

  put(event: StoredEvent): Promise<boolean> {
    return this.#kept.put(event);
  }

  async inbox(tenant: string, awaited: AwaitedEvent): Promise<readonly StoredEvent[]> {
    const found = await this.#kept.inbox(tenant, awaited);
    return found.filter((event) => !this.#taken.has(nameOf(event)));
  }

  async list(filter: HeadFilter): Promise<readonly StoredHead[]> {
    const [kept, inMemory] = await Promise.all([
      this.#kept.list(filter),
      this.#memory.list(filter),
    ]);
    return inMemory.length === 0 ? kept : pageOf([...kept, ...inMemory], filter);
  }

  async delete(key: ConversationKey): Promise<boolean> {
    return (await this.#memory.delete(key)) || this.#kept.delete(key);
  }

  async sweep(filter: SweepFilter): Promise<number> {
    return (await this.#memory.sweep(filter)) + (await this.#kept.sweep(filter));
  }

  /** The storage is the caller's to close. */
  close(): Promise<void> {
    return this.#memory.close();
  }
}

const nameOf = ({
  tenant,
  correlationId,
  id,
}: Pick<StoredEvent, 'tenant' | 'correlationId' | 'id'>): string =>
  JSON.stringify([tenant, correlationId, id]);
