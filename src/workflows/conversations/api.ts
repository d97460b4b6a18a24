import type { GraphwrightError } from '../../errors.ts';
import type { Runs } from '../runs/runs.ts';
import type { AnyWorkflow } from '../workflow.ts';
import type { ConversationAgent } from './agent.ts';
import type { ConversationStatus, ConversationSummary, Session, Turn } from './conversation.ts';
import type { CompiledFlow } from './flow.ts';
import type { EngineSettings } from './flow-settings.ts';
import type { LogEntry } from './log.ts';
import type { Message } from './message.ts';
import type { ConversationStorage, RecordCodec } from './storage/storage.ts';

/** What the engine works with; each but the storage has a plain default. */
export interface ConversationsConfiguration {
  /** Where conversations are kept; the caller closes it, after the engine. */
  readonly storage: ConversationStorage;
  readonly flows?: readonly CompiledFlow[];
  readonly settings?: Partial<EngineSettings>;
  /** How records are encoded; as they are by default. */
  readonly codec?: RecordCodec;
  /** The agents that flows call by name; a function makes one when it is first needed. */
  readonly agents?: Readonly<Record<string, ConversationAgent | (() => ConversationAgent)>>;
  /** What carries out workflows for steps. */
  readonly runs?: Pick<Runs, 'start' | 'wait' | 'get'>;
  /** The workflows that flows may name. */
  readonly workflows?: readonly AnyWorkflow[];
  readonly now?: () => Date;
  /** Makes the ids of conversations, messages and events; random UUIDs by default. */
  readonly id?: () => string;
  /** Told of what went wrong without harm to anybody's turn: an event of an unknown type, a failed clean-up. */
  readonly onWarning?: (warning: GraphwrightError) => void;
}

/** How a conversation begins. */
export interface StartConversation {
  readonly tenant: string;
  readonly flow: string;
  /** A UUID by default. With the id of one that exists and the same first message, that one is given back. */
  readonly id?: string;
  readonly session: Session;
  /** The first message; a start step that asks by itself gets it along. */
  readonly message?: Message;
  /** Put over the flow's variables. */
  readonly state?: CompiledFlow['variables'];
}

/** Where a rollback goes to: a version, which must be a checkpoint or in reach, or so many answers back. */
export type RollbackTarget =
  { readonly version: number } | { readonly steps: number } | { readonly checkpoint: string };

/** Which conversations of a tenant are wanted. */
export interface ConversationFilter {
  readonly tenant: string;
  readonly flow?: string;
  readonly sessionId?: string;
  readonly status?: ConversationStatus | readonly ConversationStatus[];
  /** Where the page before ended; nothing but the `nextCursor` of a page. */
  readonly cursor?: string;
  /** From 1 to 1,000; 50 by default. */
  readonly limit?: number;
}

/** A page of conversations, the newest first. */
export interface ConversationPage {
  readonly items: readonly ConversationSummary[];
  /** Set when there are more. */
  readonly nextCursor?: string;
}

/** Where following starts and ends. */
export interface FollowConversation {
  /** The version that is known already; 0, from the beginning, by default. */
  readonly after?: number;
  readonly signal?: AbortSignal;
}

/** Which part of the log is wanted. */
export interface HistoryFilter {
  /** Versions greater than this. */
  readonly after?: number;
  /** Versions less than this. */
  readonly before?: number;
  readonly order?: 'oldest' | 'newest';
  /** From 1 to 1,000; 50 by default. */
  readonly limit?: number;
}

/** What those who follow a conversation are told: commits, and what a step says while it is at it. */
export type Followed =
  | ({ readonly type: 'entry' } & LogEntry)
  | { readonly type: 'saying'; readonly step: string; readonly text: string };

/** What became of an event from outside. */
export interface Delivery {
  readonly id: string;
  /** Taken by a conversation, kept until one asks for it, or known from before. */
  readonly outcome: 'taken' | 'kept' | 'known';
  /** The turn it led to, when a conversation took it. */
  readonly turn?: Turn;
}
