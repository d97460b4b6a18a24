import type { ConversationKey } from '../conversation.ts';
import type { AwaitedEvent } from '../message.ts';
import { isOpen } from './heads.ts';
import type { Commit, Refusal, StoredEvent, StoredHead, SweepFilter } from './storage.ts';

/** What a sweep removes. */
export interface Swept {
  readonly conversations: readonly StoredHead[];
  readonly events: readonly StoredEvent[];
}

/**
 * The newest heads, the inbox and the quotas of a storage that only this process writes to: what a commit is
 * checked against, in memory.
 */
export class CommitGuard {
  readonly #heads = new Map<string, StoredHead>();
  readonly #events = new Map<string, { readonly event: StoredEvent; taken: boolean }>();
  readonly #windows = new Map<string, { readonly window: number; readonly count: number }>();

  head(key: ConversationKey): StoredHead | undefined {
    return this.#heads.get(nameOf(key));
  }

  heads(): Iterable<StoredHead> {
    return this.#heads.values();
  }

  /** Why the commit may not take effect; undefined when it may. */
  refusal({ expected, head, takes, limits = {} }: Commit): Refusal | undefined {
    const { tenantSessions = Infinity, allSessions = Infinity, rate } = limits;
    if ((this.head(head)?.version ?? 0) !== expected) return 'version';
    if (takes && this.#events.get(eventName({ ...takes, tenant: head.tenant }))?.taken !== false)
      return 'event';
    if (Math.min(tenantSessions, allSessions) < Infinity) {
      const { tenant, id } = head;
      const others = [...this.heads()].filter(
        (each) => isOpen(each) && (each.tenant !== tenant || each.id !== id),
      );
      const ours = others.filter((each) => each.tenant === tenant);
      if (ours.length >= tenantSessions) return 'tenant_sessions';
      if (others.length >= allSessions) return 'all_sessions';
    }
    if (rate && this.#counted(head.tenant, rate.window) >= rate.most) return 'rate';
    return undefined;
  }

  /** Takes in a commit that was not refused. */
  accept({ head, takes, limits }: Pick<Commit, 'head' | 'takes' | 'limits'>): void {
    this.#heads.set(nameOf(head), head);
    if (takes) this.take({ ...takes, tenant: head.tenant });
    if (!limits?.rate) return;
    const { window } = limits.rate;
    this.#windows.set(head.tenant, { window, count: this.#counted(head.tenant, window) + 1 });
  }

  knows(event: EventKey): boolean {
    return this.#events.has(eventName(event));
  }

  put(event: StoredEvent, taken = false): void {
    this.#events.set(eventName(event), { event, taken });
  }

  /** Marks an event as taken, when it is known. */
  take(event: EventKey): void {
    const known = this.#events.get(eventName(event));
    if (known) known.taken = true;
  }

  /** The untaken events of this type and correlation id, the oldest first. */
  inbox(tenant: string, { type, correlationId }: AwaitedEvent): StoredEvent[] {
    return [...this.#events.values()]
      .filter(({ event, taken }) => !taken && event.tenant === tenant)
      .map(({ event }) => event)
      .filter((event) => event.type === type && event.correlationId === correlationId)
      .toSorted((a, b) => a.at - b.at);
  }

  /** All events with whether they were taken. */
  events(): Iterable<{ readonly event: StoredEvent; readonly taken: boolean }> {
    return this.#events.values();
  }

  delete(key: ConversationKey): boolean {
    return this.#heads.delete(nameOf(key));
  }

  /** What is old enough to go; nothing is removed yet. */
  old({ conversationsBefore, eventsBefore, limit }: SweepFilter): Swept {
    const conversations = [...this.heads()].filter(
      ({ updatedAt }) => updatedAt < conversationsBefore,
    );
    const events = [...this.events()]
      .map(({ event }) => event)
      .filter(({ at }) => at < eventsBefore);
    return { conversations: conversations.slice(0, limit), events: events.slice(0, limit) };
  }

  remove({ conversations, events }: Swept): void {
    for (const head of conversations) this.delete(head);
    for (const event of events) this.#events.delete(eventName(event));
  }

  #counted(tenant: string, window: number): number {
    const counted = this.#windows.get(tenant);
    return counted?.window === window ? counted.count : 0;
  }
}

type EventKey = Pick<StoredEvent, 'tenant' | 'correlationId' | 'id'>;

/** One text for one conversation. */
export const nameOf = ({ tenant, id }: ConversationKey): string => JSON.stringify([tenant, id]);
const eventName = ({ tenant, correlationId, id }: EventKey) =>
  JSON.stringify([tenant, correlationId, id]);
