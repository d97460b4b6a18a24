import { z } from 'zod';
import type { Json, JsonObject } from '../json.ts';

const FormMemo = z.object({
  /** Collecting, showing the summary, or asking what to change of it. */
  stage: z.enum(['collect', 'review', 'change']).default('collect'),
  /** The field that was asked for. */
  asked: z.string().optional(),
  /** How many answers to a field were none; of the summary under the empty name. */
  failures: z.record(z.string(), z.number()).default({}),
  skipped: z.array(z.string()).default([]),
  /** Fields with a value that another one is wanted for. */
  reopened: z.array(z.string()).default([]),
  /** What an answer may mean, while it is asked which. */
  meanings: z
    .object({
      field: z.string(),
      question: z.string(),
      /** Whether the field's own check offered them. */
      checked: z.boolean(),
      meanings: z.array(z.object({ label: z.string(), value: z.json() })),
    })
    .optional(),
});

/** What a form keeps for itself between two messages. */
export type FormMemo = z.output<typeof FormMemo>;

/** Where a form stands. */
export interface FormStand {
  readonly values: JsonObject;
  readonly memo: FormMemo;
}

/** Takes up what was kept; a form that changed meanwhile begins anew with the values that there are. */
export function takeUp(values: unknown, memo: Json | undefined): FormStand {
  const kept = FormMemo.safeParse(memo ?? {});
  const known = z.record(z.string(), z.json()).safeParse(values ?? {});
  return {
    values: known.success ? (known.data as JsonObject) : {},
    memo: kept.success ? kept.data : FormMemo.parse({}),
  };
}
