import { z } from 'zod';
import { GraphwrightError, type Problem } from '../../../errors.ts';
import { suggest } from '../../../nearest.ts';
import type { JsonObject } from '../json.ts';
import { fieldTypes, isRequired, optionsOf, type Field } from './field.ts';
import { valueSchema } from './field-schema.ts';
import { patternProblem } from './patterns.ts';

/** Several fields that are asked for in one step. */
export interface Form<F extends readonly Field[] = readonly Field[]> {
  /** The key of the state under which the values are kept. */
  readonly name: string;
  readonly fields: F;
  /** Said before the first question. */
  readonly intro?: string;
  /** Whether a summary is shown at the end and has to be confirmed; true by default for more than one field. */
  readonly confirm?: boolean;
  /** Said after the last answer, or after the summary was confirmed. */
  readonly done?: string;
  /** How often a field is asked for; the flow's `maxRetries` by default, and at least once. */
  readonly maxAttempts?: number;
  /** Whether `that's all` ends it while required fields are missing. */
  readonly partial?: boolean;
  /** What is said to a question when the field has no help of its own. */
  readonly help?: string;
  /** How sure a model must be of a value, from 0 to 1; 0.6 by default. Below, the field is asked for again. */
  readonly minConfidence?: number;
}

/** The values of a form, by the types of its fields. */
export type FormValues<F extends Form> = {
  [E in F['fields'][number] as E['required'] extends false ? never : E['name']]: ValueOf<E>;
} & { [E in F['fields'][number] as E['required'] extends false ? E['name'] : never]?: ValueOf<E> };

type ValueOf<F extends Field> = F extends { schema: z.ZodType<infer V> }
  ? V
  : F['type'] extends 'integer' | 'decimal'
    ? number
    : F['type'] extends 'boolean'
      ? boolean
      : string;

/**
 * Checks a form before anybody fills it in.
 * @example
 * const booking = defineForm({
 *   name: 'booking',
 *   fields: [
 *     { name: 'guests', type: 'integer', min: 1, max: 8, prompt: 'For how many?' },
 *     { name: 'day', type: 'date', min: 'today', prompt: 'On which day?' },
 *   ],
 * });
 * @throws GraphwrightError `invalid_configuration` with all that is wrong, each by JSON Pointer.
 */
export function defineForm<const F extends readonly Field[]>(form: Form<F>): Form<F> {
  const problems = formProblems(form);
  if (problems.length === 0) return form;
  const list = problems.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; ');
  throw new GraphwrightError('invalid_configuration', `Form ${form.name}: ${list}`, { problems });
}

/** Whether a summary is shown at the end and has to be confirmed. */
export const confirms = ({ confirm, fields }: Form): boolean => confirm ?? fields.length > 1;

/**
 * The schema of a form's values: unknown keys are refused, and what is not required may be absent. What a field's
 * `check` asks of outside systems is not in it.
 */
export const formSchema = <F extends Form>(form: F, now?: Date): z.ZodType<FormValues<F>> =>
  z.strictObject(
    Object.fromEntries(
      form.fields.map((field) => {
        const schema = valueSchema(field, now);
        return [field.name, isRequired(field) ? schema : schema.optional()];
      }),
    ),
  ) as unknown as z.ZodType<FormValues<F>>;

/** The fields that are still to be asked for, in order. */
export const missingFields = (
  { fields }: Form,
  values: JsonObject,
  skipped: readonly string[] = [],
): readonly Field[] =>
  fields.filter(({ name }) => values[name] === undefined && !skipped.includes(name));

/** Whether every required field has a value; 0, false and the empty text are values. */
export const isComplete = (form: Form, values: JsonObject): boolean =>
  missingFields(form, values).every((field) => !isRequired(field));

function formProblems({ name, fields, maxAttempts, minConfidence }: Form): Problem[] {
  const problems: Problem[] = [];
  const report = (pointer: string, detail: string) => problems.push({ pointer, detail });
  if (!key.test(name)) report('/name', keyRule);
  if (fields.length === 0) report('/fields', 'A form needs at least one field');
  if (maxAttempts !== undefined && !(Number.isInteger(maxAttempts) && maxAttempts > 0))
    report('/maxAttempts', 'Give a whole number from 1');
  if (minConfidence !== undefined && !(minConfidence >= 0 && minConfidence <= 1))
    report('/minConfidence', 'Give a number from 0 to 1');
  fields.forEach((field, index) => {
    const at = `/fields/${index}`;
    if (fields.findIndex(({ name: other }) => other === field.name) !== index)
      report(`${at}/name`, `There are two fields ${field.name}`);
    for (const [key, detail] of fieldProblems(field)) report(`${at}/${key}`, detail);
  });
  return problems;
}

const key = /^[A-Za-z]\w{0,63}$/;
const keyRule = 'Use a letter, then letters, digits and underscores, 64 in all';

function fieldProblems(field: Field): [key: string, detail: string][] {
  const { name, type, options, custom, min, max, minLength = 0, maxLength, pattern } = field;
  const problems: [string, string][] = [];
  const of = `Field ${name}`;
  // A prototype's name as a key would be found on every object.
  if (!key.test(name) || name in {}) problems.push(['name', `${of}: ${keyRule}`]);
  if (!fieldTypes.includes(type))
    problems.push(['type', `${of} has the unknown type ${type}; ${suggest(type, fieldTypes)}`]);
  if (type === 'choice' && !options?.length) problems.push(['options', `${of} has no options`]);
  if (type !== 'choice' && (options ?? custom) !== undefined)
    problems.push(['options', `${of} is no choice, so it has no options`]);
  const values = optionsOf(field).map(({ value }) => value);
  if (values.some((value) => value === ''))
    problems.push(['options', `${of} has an option without a value; give it a slug`]);
  if (new Set(values).size < values.length)
    problems.push(['options', `${of} has two options of the same value`]);
  if (min !== undefined && max !== undefined && min !== 'today' && max !== 'today' && min > max)
    problems.push(['min', `${of}: the least value ${min} is greater than the greatest, ${max}`]);
  if (maxLength !== undefined && minLength > maxLength)
    problems.push(['minLength', `${of}: minLength ${minLength} is greater than maxLength`]);
  const unsafe = pattern === undefined ? undefined : patternProblem(pattern);
  if (unsafe !== undefined) problems.push(['pattern', `${of}: ${unsafe}`]);
  return problems;
}
