import { z } from 'zod';
import type { Json, JsonObject } from './json.ts';

/** An id of a tenant, conversation, message or event: it goes into keys and paths, so nothing else may be in it. */
export const Id = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'Use 1 to 64 letters, digits, hyphens and underscores');

/** A name given by an outside system, such as a user id or a correlation id. */
export const ForeignId = z
  .string()
  .min(1)
  .max(200)
  // oxlint-disable-next-line no-control-regex -- they are what must not be there
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'Control characters are not allowed');

const JsonValue: z.ZodType<Json, Json> = z.json();
const JsonRecord: z.ZodType<JsonObject, JsonObject> = z.record(z.string(), z.json());

/**
 * What a user sends, whatever the channel (row L8). `content` is a text, or JSON where a form or a button
 * sends it; 0, false and the empty text are answers like any other.
 */
export const Message = z.object({
  /** The same id again to the same conversation gets the stored reply; a UUID by default. */
  id: Id.optional(),
  userId: ForeignId.optional(),
  /** `web` by default; `telegram`, `whatsapp`, `email`, ... */
  channelType: z.string().min(1).max(40).optional(),
  channelUserId: ForeignId.optional(),
  content: JsonValue,
  /** `text` for a text and `json` for anything else by default; `image`, `audio`, `location`, ... */
  contentType: z.string().min(1).max(100).optional(),
  metadata: JsonRecord.optional(),
});
export type Message = z.input<typeof Message>;

/** A message as steps and the log have it. */
export interface AcceptedMessage extends Message {
  readonly id: string;
}

/** The words of a message, as people would write them. */
export const textOf = ({ content }: Pick<Message, 'content'>): string =>
  typeof content === 'string' ? content : JSON.stringify(content);

/** Something one may choose: `value` is what is stored and compared, `label` what people read. */
export interface Option {
  readonly value: string;
  readonly label: string;
}

/** What a reply asks for; absent when it asks for nothing. */
export interface Expectation {
  readonly kind: 'text' | 'choice' | 'fields' | 'approval' | 'confirmation';
  /** The field that is asked for next. */
  readonly field?: string;
  readonly options?: readonly Option[];
  /** Whether an answer that is none of the options is taken. */
  readonly custom?: boolean;
  readonly required?: boolean;
  readonly placeholder?: string;
  readonly hints?: readonly string[];
  /** From 1: how often it has been asked. */
  readonly attempt?: number;
}

/** What the conversation answers, whatever the channel. */
export interface Reply {
  readonly content: string;
  /** `text` by default. */
  readonly contentType?: string;
  readonly expects?: Expectation;
  /** More for programs, as JSON: `nextField`, `profileId`, the agent that spoke. */
  readonly metadata?: JsonObject;
}

/** Something that happened outside and that a conversation may wait for (row L6). */
export const ExternalEvent = z.object({
  /** `payment_confirmed`, `location_resolved`, ... */
  type: z.string().regex(/^[A-Za-z0-9_.:-]{1,64}$/, 'Use letters, digits and _ . : -'),
  /** What it is about, in words both sides know: an order number, or the conversation's id. */
  correlationId: ForeignId,
  /** With the correlation id it stands for one event, however often it is sent; a UUID by default. */
  id: ForeignId.optional(),
  payload: JsonValue.optional(),
});
export type ExternalEvent = z.input<typeof ExternalEvent>;

/** An event as steps and the log have it. */
export interface AcceptedEvent extends ExternalEvent {
  readonly id: string;
}

/** Which event a conversation waits for. */
export type AwaitedEvent = Pick<ExternalEvent, 'type' | 'correlationId'>;
