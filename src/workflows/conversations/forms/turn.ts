import type { Json } from '../json.ts';
import type { Reply } from '../message.ts';
import { FormAsking } from './asking.ts';
import type { Field } from './field.ts';
import type { Form } from './form.ts';
import type { FormStand } from './memo.ts';
import type { FormReader } from './understanding.ts';

/** How a form ended: filled in, ended early with what there is, given up by the user, or asked too often in vain. */
export type FormOutcome = 'complete' | 'partial' | 'cancelled' | 'exhausted';

/** What one message came to. */
export interface FormTurn extends FormStand {
  readonly reply: Reply;
  readonly outcome?: FormOutcome;
}

/** What a form works with. */
export interface FormServices {
  readonly reader: FormReader;
  /** How often a field is asked for when the form does not say. */
  readonly maxAttempts: number;
  /** Whether several fields are checked at the same time. */
  readonly parallel: boolean;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Answers a question when neither a model nor a help text does. */
  readonly answer?: (question: string, field: Field | undefined) => Promise<string | undefined>;
  /** Whether the user may end the form early. */
  readonly cancellable: boolean;
}

/** Asks the first question; what the message that led here tells already is taken in. */
export async function beginForm(
  form: Form,
  stand: FormStand,
  content: Json | undefined,
  services: FormServices,
): Promise<FormTurn> {
  const asking = new FormAsking(form, stand, services);
  const text = typeof content === 'string' ? content : undefined;
  if (text !== undefined) {
    const told = await asking.understand(text);
    if (told.response === 'answer' || told.response === 'correction')
      await asking.take(told.candidates);
  }
  const { asked } = stand.memo;
  return asking.next(
    form.intro === undefined ? [] : [form.intro],
    asked === undefined ? [] : [asked],
  );
}

/** Takes one message: answers, corrections, questions, commands, or JSON with values by field. */
export async function takeMessage(
  form: Form,
  stand: FormStand,
  content: Json,
  services: FormServices,
): Promise<FormTurn> {
  const asking = new FormAsking(form, stand, services);
  if (typeof content !== 'string') return asking.json(content);
  return asking.text(content);
}
