import type { SerializedError } from '../../errors.ts';
import type { JsonObject } from './json.ts';
import type { AwaitedEvent, Expectation, Reply } from './message.ts';

/**
 * Where a conversation stands: it takes messages, waits for an event from outside, was paused, or has ended
 * as `completed`, `failed`, `cancelled` or `expired`.
 */
export type ConversationStatus =
  'active' | 'waiting' | 'paused' | 'completed' | 'failed' | 'cancelled' | 'expired';

/** Whether nothing more will happen in it, unless it is rolled back. */
export const hasEnded = (status: ConversationStatus): boolean =>
  openStatuses.every((open) => open !== status);

/** The statuses that count against a quota of sessions. */
export const openStatuses = ['active', 'waiting', 'paused'] as const satisfies ConversationStatus[];

/** Names one conversation. The tenant is part of every key; there is no id that stands for all. */
export interface ConversationKey {
  readonly tenant: string;
  readonly id: string;
}

/** Who talks, as the surface knows it; one session may have several conversations. */
export interface Session {
  readonly id: string;
  readonly userId?: string;
  readonly channelType?: string;
  readonly channelUserId?: string;
  readonly metadata?: JsonObject;
}

/** What one turn came to; the same message again gives the same turn, with `repeated`. */
export interface Turn extends ConversationKey {
  /** Set when a message was answered. */
  readonly messageId?: string;
  /** The version that the turn made. */
  readonly version: number;
  readonly replies: readonly Reply[];
  readonly status: ConversationStatus;
  /** The step at which the conversation stands now. */
  readonly step: string;
  /** Why a step could not do its part; the reply then says how to go on, and nothing said is lost. */
  readonly error?: SerializedError;
  /** Whether this is the stored answer to a message that had been answered before. */
  readonly repeated: boolean;
}

/** A conversation in a list; times are ISO 8601 in UTC. */
export interface ConversationSummary extends ConversationKey {
  readonly flow: string;
  readonly sessionId: string;
  readonly status: ConversationStatus;
  readonly version: number;
  readonly waitingFor?: AwaitedEvent;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** When it ends, or goes on, by itself. */
  readonly dueAt?: string;
}

/** A conversation as callers see it. */
export interface ConversationRecord extends ConversationSummary {
  readonly session: Session;
  readonly step: string;
  /** The author's state. */
  readonly state: JsonObject;
  /** What it asked for last and has no answer to. */
  readonly pending?: Expectation & { readonly prompt: string };
  /** Steps of the flow that were left behind, of all; in a flow with branches `total` is the most there are. */
  readonly progress: { readonly done: number; readonly total: number };
}

/** A place to which a conversation can be rolled back. */
export interface Checkpoint {
  readonly version: number;
  readonly step: string;
  readonly label?: string;
  readonly at: string;
}
