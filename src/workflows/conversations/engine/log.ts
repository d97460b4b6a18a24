import { isDeepStrictEqual } from 'node:util';
import { GraphwrightError } from '../../../errors.ts';
import type { ConversationKey } from '../conversation.ts';
import type { JsonObject } from '../json.ts';
import type { ConversationEvent, ConversationFacts, ConversationState, LogEntry } from '../log.ts';
import type { AcceptedMessage } from '../message.ts';
import type {
  CommitLimits,
  ConversationStorage,
  LoadOptions,
  Refusal,
  StoredConversation,
  StoredEvent,
  StoredHead,
} from '../storage/storage.ts';
import { difference } from './patch.ts';
import type { Loaded, Records } from './records.ts';

/** What is to become of a conversation. */
export interface Change {
  readonly state: ConversationState;
  readonly facts: ConversationFacts;
  readonly at: number;
  /** What happened; the change of the state is added. */
  readonly events: readonly ConversationEvent[];
  readonly messageId?: string;
  readonly checkpoint?: string;
  readonly takes?: Pick<StoredEvent, 'correlationId' | 'id'>;
  readonly limits?: CommitLimits;
  readonly dueAt?: number;
  /** Whether the state is written as a whole, because the log before it leads elsewhere. */
  readonly whole?: boolean;
}

/** What a commit came to. */
export type Committed =
  { readonly loaded: Loaded; readonly entry: LogEntry } | { readonly refused: Refusal };

/** A snapshot is due after so many entries, and once the log is so many times as long as the last one. */
const snapshotEvery = 50;
const snapshotShare = 4;
const mostInMemory = 2000;

interface Remembered {
  readonly loaded: Loaded;
  /** The messages that were answered, as long as all of them are known. */
  readonly answered?: Set<string>;
}

/** Conversations by key: as they lie in the storage, and the ones used last in memory as well. */
export class ConversationLog {
  readonly #storage: ConversationStorage;
  readonly #records: Records;
  readonly #remembered = new Map<string, Remembered>();

  constructor(storage: ConversationStorage, records: Records) {
    this.#storage = storage;
    this.#records = records;
  }

  /** @throws GraphwrightError `not_found`; `key_reused` when the message's id stands for another one. */
  async load(
    key: ConversationKey,
    message?: AcceptedMessage,
  ): Promise<{ loaded: Loaded; answered?: LogEntry }> {
    const name = nameOf(key);
    const remembered = this.#remembered.get(name);
    if (remembered && this.#storage.exclusive)
      if (!message || (remembered.answered && !remembered.answered.has(message.id)))
        return { loaded: remembered.loaded };
    let known = remembered?.loaded;
    // Asked for with the second message: a conversation of which there is only one is not worth it.
    const messageIds = remembered && this.#storage.exclusive && !remembered.answered;
    let stored = await this.#storage.load(key, { ...options(known, message), messageIds });
    // Removed and made again in between, it is another one.
    if (stored && known && !continues(stored, known)) {
      known = undefined;
      stored = await this.#storage.load(key, options(known, message));
    }
    if (!stored) {
      this.#remembered.delete(name);
      throw new GraphwrightError('not_found', `There is no conversation ${key.id}`);
    }
    const { head } = stored;
    const loaded =
      known?.head.version === head.version
        ? known
        : {
            head,
            facts: this.#records.readFacts(head),
            state: this.#records.reduce(stored, known?.state),
          };
    const ids = stored.messageIds && new Set(stored.messageIds);
    this.#remember(name, { loaded, answered: known && (ids ?? remembered?.answered) });
    if (!stored.answered) return { loaded };
    const answered = this.#records.readEntry(key, stored.answered);
    assertSame(message!, answered);
    return { loaded, answered };
  }

  /** The state at an older version. */
  async stateAt(key: ConversationKey, at: number): Promise<ConversationState> {
    const stored = await this.#storage.load(key, { at });
    if (!stored) throw new GraphwrightError('not_found', `There is no conversation ${key.id}`);
    return this.#records.reduce(stored);
  }

  /** Makes the change the next version; `base` is undefined for a conversation that begins. */
  async commit(
    base: Loaded | undefined,
    head: Omit<StoredHead, 'data' | 'version' | 'status' | 'waitingFor' | 'updatedAt' | 'dueAt'>,
    change: Change,
  ): Promise<Committed> {
    const { state, at, messageId, checkpoint, takes, limits, dueAt } = change;
    const expected = base?.head.version ?? 0;
    const version = expected + 1;
    const patch = difference((base?.state ?? {}) as JsonObject, state as unknown as JsonObject);
    const events: ConversationEvent[] = [...change.events];
    if (patch.length > 0) events.push({ type: 'state', patch });
    const { status } = state;
    const waitingFor = status === 'waiting' ? state.waiting : undefined;
    const bare = { ...head, version, status, waitingFor, updatedAt: at, dueAt };
    const data = this.#records.writeEntry({ events, checkpoint }, bare);
    const logged = change.facts.logged + data.length;
    const taken = { snapshot: change.facts.snapshot, logged };
    const whole = this.#snapshot(change, version, logged);
    const snapshot = whole === undefined ? undefined : this.#records.writeSnapshot(whole, bare);
    if (whole !== undefined) {
      taken.snapshot = { version, size: whole.length };
      taken.logged = 0;
    }
    const facts = { ...change.facts, ...taken };
    const stored = { ...bare, data: this.#records.writeFacts(facts, bare) };
    // Its label is in the data.
    const marked = checkpoint === undefined ? undefined : '';
    const entry = { version, at, messageId, checkpoint: marked, data, snapshot };
    const refused = await this.#storage.commit({ expected, head: stored, entry, takes, limits });
    if (refused) {
      if (!this.#storage.exclusive) return { refused };
      // What is in memory was wrong, or the conversation was removed.
      this.#remembered.delete(nameOf(head));
      return { refused };
    }
    const loaded = { head: stored, facts, state };
    const answered = base ? this.#remembered.get(nameOf(head))?.answered : new Set<string>();
    if (messageId !== undefined) answered?.add(messageId);
    this.#remember(nameOf(head), { loaded, answered });
    return { loaded, entry: { version, at, messageId, checkpoint, events } };
  }

  forget(key: ConversationKey): void {
    this.#remembered.delete(nameOf(key));
  }

  /** Forgets those in which nothing happened since a time, in milliseconds since 1970. */
  forgetOld(before: number): void {
    for (const [name, { loaded }] of this.#remembered)
      if (loaded.head.updatedAt < before) this.#remembered.delete(name);
  }

  #snapshot({ facts, state, whole }: Change, version: number, logged: number) {
    const due =
      version - facts.snapshot.version >= snapshotEvery &&
      logged >= facts.snapshot.size * snapshotShare;
    return whole || due ? JSON.stringify(state) : undefined;
  }

  #remember(name: string, remembered: Remembered): void {
    // Their order matters only once the first ones may have to go.
    if (this.#remembered.size > mostInMemory / 2) this.#remembered.delete(name);
    this.#remembered.set(name, remembered);
    if (this.#remembered.size <= mostInMemory) return;
    const [oldest] = this.#remembered.keys();
    this.#remembered.delete(oldest!);
  }
}

const options = (known: Loaded | undefined, message: AcceptedMessage | undefined): LoadOptions => ({
  known: known?.head.version,
  messageId: message?.id,
});

const continues = ({ head }: StoredConversation, known: Loaded): boolean =>
  head.createdAt === known.head.createdAt && head.version >= known.head.version;

/** @throws GraphwrightError `key_reused` */
function assertSame(message: AcceptedMessage, { events }: LogEntry): void {
  const before = events.find((event) => event.type === 'message')?.message;
  if (!before || isDeepStrictEqual(before.content, message.content)) return;
  throw new GraphwrightError(
    'key_reused',
    `The message id ${message.id} stands for another message of this conversation; give each its own`,
  );
}

/** One text for a key; no two keys have the same. */
export const nameOf = ({ tenant, id }: ConversationKey): string => JSON.stringify([tenant, id]);
