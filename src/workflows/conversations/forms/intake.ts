import { GraphwrightError } from '../../../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { labelOf, type CheckContext, type Field, type Verdict } from './field.ts';
import { givenSchema } from './field-schema.ts';
import type { Form } from './form.ts';
import type { Candidate } from './understanding.ts';

/** What became of what a message said. */
export interface Intake {
  readonly values: JsonObject;
  /** The fields that got a value. */
  readonly taken: readonly string[];
  /** By field: why what was said is no answer. */
  readonly problems: Readonly<Record<string, string>>;
  /** Fields that could not be looked at; the user is not to blame. */
  readonly unchecked: readonly string[];
  /** Fields that have another value already, which stays. */
  readonly kept: readonly string[];
  readonly meanings?: { field: string; checked: boolean } & Extract<Verdict, { kind: 'meanings' }>;
}

/** How candidates are taken in. */
export interface IntakeOptions extends Omit<CheckContext, 'values'> {
  readonly form: Form;
  readonly values: JsonObject;
  /** The fields whose value may be replaced, as another one was asked for. */
  readonly open: readonly string[];
  /** Whether several fields are checked at the same time. */
  readonly parallel: boolean;
}

/** Takes in what a message says: good values are kept, whatever is wrong with the others (row L11). */
export async function takeIn(
  candidates: readonly Candidate[],
  options: IntakeOptions,
): Promise<Intake> {
  const { form, values, open, parallel } = options;
  const named = candidates.flatMap((candidate) => {
    const field = form.fields.find(({ name }) => name === candidate.field);
    return field ? [{ candidate, field }] : [];
  });
  // Only what was said to be a correction replaces an answer (row L9).
  const isKept = ({ candidate: { field, corrects } }: (typeof named)[number]) =>
    values[field] !== undefined && !corrects && !open.includes(field);
  const kept = named
    .filter(isKept)
    .filter(({ candidate: { field, verdict } }) => differs(verdict, values[field]));
  const fresh = named.filter((each) => !isKept(each));
  const look = async ({ candidate, field }: (typeof named)[number]) => ({
    field,
    ...(await looked(candidate, field, options)),
  });
  const seen: Awaited<ReturnType<typeof look>>[] = [];
  if (parallel) seen.push(...(await Promise.all(fresh.map(look))));
  else for (const each of fresh) seen.push(await look(each));
  const good = seen.flatMap(({ field, verdict }) =>
    verdict.kind === 'value' ? [[field.name, verdict.value] as const] : [],
  );
  const unclear = seen.flatMap(({ field, verdict, read }) =>
    verdict.kind === 'meanings' ? [{ ...verdict, field: field.name, checked: !read }] : [],
  );
  return {
    values: { ...values, ...Object.fromEntries(good) },
    taken: good.map(([name]) => name),
    problems: Object.fromEntries(
      seen.flatMap(({ field, verdict }) =>
        verdict.kind === 'problem' ? [[field.name, verdict.problem]] : [],
      ),
    ),
    unchecked: seen.filter(({ unchecked }) => unchecked).map(({ field }) => field.name),
    kept: kept.map(({ field }) => field.name),
    ...(unclear[0] && { meanings: unclear[0] }),
  };
}

const differs = (verdict: Verdict, value: Json | undefined): boolean =>
  verdict.kind !== 'value' || JSON.stringify(verdict.value) !== JSON.stringify(value);

async function looked(
  { verdict, confidence, checked }: Candidate,
  field: Field,
  { form, values, signal, now }: IntakeOptions,
): Promise<{ verdict: Verdict; unchecked?: boolean; read?: boolean }> {
  if (confidence < (form.minConfidence ?? 0.6))
    return {
      verdict: problem(`I am not sure that I understood the ${labelOf(field)}`),
      unchecked: true,
    };
  if (verdict.kind !== 'value') return { verdict, read: true };
  if (checked) return { verdict: own(verdict, field) };
  const given = fits(givenSchema(field, now()), verdict.value);
  if (given.kind !== 'value' || !field.check) return { verdict: own(given, field) };
  try {
    return { verdict: own(await field.check(given.value, { values, signal, now }), field) };
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    const { retriable } = GraphwrightError.from(thrown);
    const again = retriable ? 'Please send it again in a moment' : 'Please try another one';
    return {
      verdict: problem(`I could not check the ${labelOf(field)} just now. ${again}`),
      unchecked: true,
    };
  }
}

/** What the field's own schema says of a value. */
const own = (verdict: Verdict, { schema }: Field): Verdict =>
  verdict.kind === 'value' && schema ? fits(schema, verdict.value) : verdict;

function fits(schema: NonNullable<Field['schema']>, value: Json): Verdict {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { kind: 'value', value: parsed.data };
  return problem(parsed.error.issues.map(({ message }) => message).join('; '));
}

const problem = (text: string): Verdict => ({ kind: 'problem', problem: text });
