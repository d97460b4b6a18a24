import type { ConversationKey, ConversationStatus } from '../conversation.ts';
import type { AwaitedEvent } from '../message.ts';

/**
 * What users and steps said, as the engine's {@link RecordCodec} made it: JSON text, or bytes when it is
 * compressed or encrypted. An adapter keeps it unread and gives back the same.
 */
export type Data = string | Uint8Array;

/** The newest state of affairs of one conversation; what adapters look things up by is plain. */
export interface StoredHead extends ConversationKey {
  readonly flow: string;
  readonly sessionId: string;
  readonly status: ConversationStatus;
  /** The number of commits; also that of the newest entry. */
  readonly version: number;
  readonly waitingFor?: AwaitedEvent;
  /** Times in milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When something is to happen by itself; only an open one has it. */
  readonly dueAt?: number;
  /** The `ConversationFacts`. */
  readonly data: Data;
}

/** One commit of a conversation's log. */
export interface StoredEntry {
  readonly version: number;
  readonly at: number;
  /** Stands for one entry of the conversation. */
  readonly messageId?: string;
  /** Set when it is a checkpoint; empty but for a label from before labels were part of the data. */
  readonly checkpoint?: string;
  /** The events, and a checkpoint's label. */
  readonly data: Data;
  /** The state as this entry left it; only now and then. */
  readonly snapshot?: Data;
}

/** An entry as it is given to those who asked for no snapshot. */
export function withoutSnapshot(entry: StoredEntry): StoredEntry {
  const { snapshot: _, ...plain } = entry;
  return plain;
}

/** An event in the inbox; `correlationId` and `id` together stand for one of the tenant. */
export interface StoredEvent extends AwaitedEvent {
  readonly tenant: string;
  readonly id: string;
  readonly at: number;
  readonly data: Data;
}

/** All that takes effect together: a turn, or one operation on a conversation. */
export interface Commit {
  /** The version it is based on; 0 makes the conversation. */
  readonly expected: number;
  /** Its version is `expected + 1`. */
  readonly head: StoredHead;
  /** Of the same version. */
  readonly entry: StoredEntry;
  /** The event that it takes out of the inbox; it must be there and untaken. */
  readonly takes?: Pick<StoredEvent, 'correlationId' | 'id'>;
  /** What must hold when it takes effect, checked in the same transaction. */
  readonly limits?: CommitLimits;
}

/** Quotas of a commit; what is absent has no limit. */
export interface CommitLimits {
  /** Open conversations of the tenant, this one included. The engine gives it when the commit opens one. */
  readonly tenantSessions?: number;
  /** The same of all tenants. */
  readonly allSessions?: number;
  /**
   * The commit counts in the tenant's window of this number, of which only the newest is kept; `most` is what
   * may be counted in one, this one included.
   */
  readonly rate?: { readonly window: number; readonly most: number };
}

/** Why nothing of a commit took effect: its base is not the newest version, its event is gone, or a quota is used up. */
export type Refusal = 'version' | 'event' | 'tenant_sessions' | 'all_sessions' | 'rate';

/** What {@link ConversationStorage.load} is to find. */
export interface LoadOptions {
  /** The version that the caller has already: entries after it are enough, and no snapshot. */
  readonly known?: number;
  /** The version to be rebuilt, the newest by default: the entries end with it. */
  readonly at?: number;
  /** The entry with this message id is given as well, wherever it is in the log. */
  readonly messageId?: string;
  /** Whether all message ids of the log are given as well; asked of exclusive storages only. */
  readonly messageIds?: boolean;
}

/** What is needed to rebuild a conversation. */
export interface StoredConversation {
  /** The newest one, also when an older version is rebuilt. */
  readonly head: StoredHead;
  /** The newest snapshot at or before the wanted version; absent when there is none, or with `known`. */
  readonly snapshot?: { readonly version: number; readonly data: Data };
  /** Those after the snapshot, or after `known`, in order. */
  readonly entries: readonly StoredEntry[];
  readonly answered?: StoredEntry;
  /** When they were asked for. */
  readonly messageIds?: readonly string[];
}

/** Which entries are wanted; what is left out may be anything. Snapshots are left out. */
export interface EntryFilter {
  /** Versions greater than this. */
  readonly after?: number;
  /** Versions less than this. */
  readonly before?: number;
  /** Only checkpoints. */
  readonly checkpoints?: boolean;
  /** `oldest` first by default. */
  readonly order?: 'oldest' | 'newest';
  readonly limit: number;
}

/** Which conversations are wanted; what is left out may be anything. */
export interface HeadFilter {
  /** Absent only in the engine's own upkeep, never on behalf of a caller. */
  readonly tenant?: string;
  readonly flow?: string;
  readonly sessionId?: string;
  readonly status?: readonly ConversationStatus[];
  readonly waitingFor?: AwaitedEvent;
  /** Those whose `dueAt` is this time or earlier. */
  readonly dueBefore?: number;
  /** The last one of the page before; the page begins after it. */
  readonly after?: Pick<StoredHead, 'createdAt' | 'tenant' | 'id'>;
  readonly limit: number;
}

/** What is no longer needed; times in milliseconds since 1970. */
export interface SweepFilter {
  /** Conversations in which nothing happened since, with their logs. */
  readonly conversationsBefore: number;
  /** Events of the inbox that came before, taken or not. */
  readonly eventsBefore: number;
  /** How many of each are removed at most. */
  readonly limit: number;
}

/**
 * Where conversations are kept. Every adapter passes `test/conformance/conversations.ts`.
 *
 * An adapter holds no logic of conversations: it keeps what it is given, unread, and guards the commit. What it
 * acknowledged survives the end of its process (except in `memory`). Every value of a caller is bound or
 * escaped, never a part of a query or a pattern.
 */
export interface ConversationStorage {
  /** Whether only this object writes to it: the engine may then trust what it has in memory. */
  readonly exclusive: boolean;
  /** A conversation of this tenant; of another tenant's id it finds nothing. */
  load(key: ConversationKey, options?: LoadOptions): Promise<StoredConversation | undefined>;
  /**
   * Makes the commit take effect as a whole or not at all; resolves once it is durable. Two commits with the
   * same base never both take effect, nor do more than a quota allows, however many race.
   * @returns Why it was refused, or undefined when it took effect.
   */
  commit(commit: Commit): Promise<Refusal | undefined>;
  /** A part of the log; empty for an unknown conversation. */
  entries(key: ConversationKey, filter: EntryFilter): Promise<readonly StoredEntry[]>;
  /** Puts an event into the inbox. @returns Whether it was new; a known one changes nothing, taken or not. */
  put(event: StoredEvent): Promise<boolean>;
  /** The untaken events of this type and correlation id, the oldest first. */
  inbox(tenant: string, awaited: AwaitedEvent): Promise<readonly StoredEvent[]>;
  /** Newest first: by `createdAt`, then `tenant` and `id`, all descending. */
  list(filter: HeadFilter): Promise<readonly StoredHead[]>;
  /** Removes a conversation with its log. @returns Whether there was one. */
  delete(key: ConversationKey): Promise<boolean>;
  /** Removes what is old. @returns How many conversations and events went. */
  sweep(filter: SweepFilter): Promise<number>;
  close(): Promise<void>;
}

/** What a record is: bound into its encryption, so that one moved to another place does not decrypt. */
export interface RecordPlace extends ConversationKey {
  readonly kind: 'head' | 'entry' | 'snapshot' | 'event';
  /** The version of the conversation; of an event, 0. `id` is then the correlation id and the event's id as JSON. */
  readonly version: number;
}

/** What the flow of a record asks for. */
export interface RecordTreatment {
  readonly compress: boolean;
  readonly encrypt: boolean;
}

/** Turns JSON text into what is stored, and back: as it is, compressed, or encrypted. */
export interface RecordCodec {
  encode(text: string, place: RecordPlace, treatment: RecordTreatment): Data;
  /** @throws GraphwrightError `store_damaged` when it was made for another place, with another key, or altered. */
  decode(data: Data, place: RecordPlace): string;
}
