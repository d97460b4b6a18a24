import type { JsonObject } from '../json.ts';
import type { Field, Verdict } from './field.ts';
import type { Form } from './form.ts';

/** What a message does to a form (row L12); `answer` gives values, `unknown` nothing that was understood. */
export const responseKinds = [
  'answer',
  'confirmation',
  'rejection',
  'correction',
  'question',
  'cancel',
  'skip',
  'done',
  'unknown',
] as const;
export type ResponseKind = (typeof responseKinds)[number];

/** What a message says about one field. */
export interface Candidate {
  readonly field: string;
  readonly verdict: Verdict;
  /** Whether it is said to replace an answer given before. */
  readonly corrects: boolean;
  /** From 0 to 1; 1 for what rules read. */
  readonly confidence: number;
  /** Whether it is a meaning that the field's own check offered, which is not checked again. */
  readonly checked?: boolean;
}

/** A message as the form understands it. */
export interface Understanding {
  readonly response: ResponseKind;
  readonly candidates: readonly Candidate[];
  /** Fields that are to be changed, without a value for them. */
  readonly reopened: readonly string[];
  /** What a model answers to a question. */
  readonly answer?: string;
  /** What was dropped and why, for those who look into it. */
  readonly notes: readonly string[];
}

/** A message, and what it was said to. */
export interface FormMessage {
  readonly form: Form;
  readonly text: string;
  /** The field that was asked for; none when the form was not yet, or the summary was shown. */
  readonly asked?: Field;
  /** Whether the summary was shown, or it was asked what to change. */
  readonly review: boolean;
  readonly values: JsonObject;
  readonly now: Date;
}

/** Reads messages: by rules, or by a model. */
export interface FormReader {
  understand(message: FormMessage, signal: AbortSignal): Promise<Understanding>;
}
