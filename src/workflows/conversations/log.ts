import type { SerializedError } from '../../errors.ts';
import type { ConversationStatus, Session } from './conversation.ts';
import type { Json, JsonObject } from './json.ts';
import type { AcceptedEvent, AcceptedMessage, AwaitedEvent, Reply } from './message.ts';

/** One change of a state, as JSON Patch (RFC 6902) has it; `/list/-` is the place after a list's end. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string };

/** What a step made of its input: the part of a {@link StepResult} that the log keeps. */
export type Transition = 'continue' | 'repeat' | 'jump' | 'call' | 'wait' | 'complete' | 'failed';

/** Something that happened in a conversation; the log only ever grows. */
export type ConversationEvent =
  | { readonly type: 'started'; readonly flow: string }
  | { readonly type: 'message'; readonly message: AcceptedMessage }
  | { readonly type: 'external'; readonly event: AcceptedEvent }
  /** A step was executed; `to` is where the conversation stands after it, `duration` in milliseconds. */
  | {
      readonly type: 'step';
      readonly flow: string;
      readonly step: string;
      readonly input: 'arrival' | 'message' | 'event' | 'timeout';
      readonly action: Transition;
      readonly to: string;
      readonly at: number;
      readonly duration: number;
      /** How often it was tried; 1 when absent. */
      readonly attempts?: number;
      readonly error?: SerializedError;
    }
  | { readonly type: 'reply'; readonly reply: Reply }
  /** The whole of what the turn changed in the {@link ConversationState}. */
  | { readonly type: 'state'; readonly patch: readonly PatchOperation[] }
  /** From here on the conversation stands where it stood at an older version. */
  | { readonly type: 'rollback'; readonly to: number }
  | { readonly type: 'status'; readonly status: ConversationStatus; readonly reason?: string };

/** One commit of a conversation: a turn, or one operation on it. */
export interface LogEntry {
  /** From 1, without gaps. */
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The message that it answers. */
  readonly messageId?: string;
  /** Set when it is a checkpoint: its label, which may be empty. */
  readonly checkpoint?: string;
  readonly events: readonly ConversationEvent[];
}

/** A flow that called another one, and the step at which it goes on. */
export interface CallFrame {
  readonly flow: string;
  readonly step: string;
}

/**
 * What a conversation is at one version: reduced from the log, and restored by a rollback. The author's keys
 * are all below `data`, so that they never meet the engine's.
 */
export interface ConversationState {
  /** The flow it is in now, which a call may have changed. */
  readonly flow: string;
  readonly step: string;
  readonly status: ConversationStatus;
  /** The author's state. */
  readonly data: JsonObject;
  /** What the current step keeps for itself until it is left. */
  readonly memo?: Json;
  /** How often each step was arrived at. */
  readonly visits: Readonly<Record<string, number>>;
  readonly calls: readonly CallFrame[];
  /** Set while the current step, which acts on arrival, has not got to it: it failed, and is tried at the next message. */
  readonly arriving?: true;
  readonly waiting?: AwaitedEvent;
  /** Events that were taken at a version which a rollback left behind; they are offered again. */
  readonly kept?: readonly AcceptedEvent[];
  /** When the current step was arrived at, in milliseconds since 1970. */
  readonly arrivedAt: number;
  /** When the step that waits is told that its time is over. */
  readonly until?: number;
}

/** What holds for a conversation as a whole, at whatever version it stands; a rollback leaves it alone. */
export interface ConversationFacts {
  readonly session: Session;
  /** How many steps were executed. */
  readonly steps: number;
  /** When a user or an event did something last, in milliseconds since 1970. */
  readonly activeAt: number;
  /** When the newest checkpoint was made. */
  readonly checkpointAt: number;
  /** The status from before a pause; `lapsed` when nobody asked for it: the next message ends it. */
  readonly paused?: { readonly from: ConversationStatus; readonly lapsed?: true };
  /** The newest version with a snapshot and its characters, and the characters logged since. */
  readonly snapshot: { readonly version: number; readonly size: number };
  readonly logged: number;
}
