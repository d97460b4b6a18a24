import type { ConversationKey } from '../conversation.ts';
import type { AwaitedEvent } from '../message.ts';
import { pageOf } from './heads.ts';
import type {
  Commit,
  ConversationStorage,
  EntryFilter,
  HeadFilter,
  LoadOptions,
  StoredEvent,
  StoredHead,
  SweepFilter,
} from './storage.ts';

/** How each tenant gets a storage of its own. */
export interface TenantStoragesConfiguration {
  /** Opens one; called once for each tenant. */
  readonly open: (tenant: string) => Promise<ConversationStorage>;
  /** The tenants that have one already, whose conversations are taken up at the start. */
  readonly tenants?: () => Promise<readonly string[]>;
}

/**
 * One storage for each tenant (row V20), so that no statement can reach two. A limit on the open conversations of
 * all tenants counts those of the tenant alone, since no commit spans two storages.
 */
export class TenantStorages implements ConversationStorage {
  readonly #configuration: TenantStoragesConfiguration;
  readonly #opened = new Map<string, Promise<ConversationStorage>>();
  #exclusive = true;

  static async open(configuration: TenantStoragesConfiguration): Promise<TenantStorages> {
    const storages = new TenantStorages(configuration);
    for (const tenant of (await configuration.tenants?.()) ?? []) await storages.#of(tenant);
    return storages;
  }

  private constructor(configuration: TenantStoragesConfiguration) {
    this.#configuration = configuration;
  }

  /** As long as every storage is. */
  get exclusive(): boolean {
    return this.#exclusive;
  }

  async load(key: ConversationKey, options?: LoadOptions) {
    return (await this.#of(key.tenant)).load(key, options);
  }

  async commit(commit: Commit) {
    return (await this.#of(commit.head.tenant)).commit(commit);
  }

  async entries(key: ConversationKey, filter: EntryFilter) {
    return (await this.#of(key.tenant)).entries(key, filter);
  }

  async put(event: StoredEvent) {
    return (await this.#of(event.tenant)).put(event);
  }

  async inbox(tenant: string, awaited: AwaitedEvent) {
    return (await this.#of(tenant)).inbox(tenant, awaited);
  }

  async list(filter: HeadFilter): Promise<readonly StoredHead[]> {
    if (filter.tenant !== undefined) return (await this.#of(filter.tenant)).list(filter);
    const pages = await Promise.all((await this.#all()).map((storage) => storage.list(filter)));
    return pageOf(pages.flat(), filter);
  }

  async delete(key: ConversationKey) {
    return (await this.#of(key.tenant)).delete(key);
  }

  async sweep(filter: SweepFilter): Promise<number> {
    let count = 0;
    for (const storage of await this.#all()) count += await storage.sweep(filter);
    return count;
  }

  async close(): Promise<void> {
    for (const storage of await this.#all()) await storage.close();
    this.#opened.clear();
  }

  /** Those that could be opened, each once; what failed was told to whoever asked. */
  async #all(): Promise<ConversationStorage[]> {
    const settled = await Promise.allSettled(this.#opened.values());
    const opened = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    return [...new Set(opened)];
  }

  #of(tenant: string): Promise<ConversationStorage> {
    const known = this.#opened.get(tenant);
    if (known) return known;
    const opening = this.#configuration.open(tenant).then((storage) => {
      this.#exclusive &&= storage.exclusive;
      return storage;
    });
    this.#opened.set(tenant, opening);
    // The next one who asks may have more luck.
    opening.catch(() => this.#opened.delete(tenant));
    return opening;
  }
}
