import { z } from 'zod';
import type { Json } from '../json.ts';
import { labelOf, optionsOf, type Field } from './field.ts';
import { longestMatched, matchesWhole } from './patterns.ts';

/** The schema of a field's value, as it is kept; its messages are whole sentences for users. */
export function valueSchema(field: Field, now: Date = new Date()): z.ZodType<Json> {
  // A place is a text until it is looked up; what came of that only its own schema knows.
  if (field.schema && field.type === 'place') return field.schema;
  const given = givenSchema(field, now);
  return field.schema ? given.pipe(field.schema as z.ZodType<Json, Json>) : given;
}

/** The schema of a value as it is given, before the field's `check` and its own `schema` have seen it. */
export const givenSchema = (field: Field, now: Date = new Date()): z.ZodType<Json> =>
  withPattern(typed(field, now), field);

function typed(field: Field, now: Date): z.ZodType<Json> {
  const { type, min, max } = field;
  const label = capital(labelOf(field));
  switch (type) {
    case 'integer':
    case 'decimal': {
      const number = z.number(`${label} is a number`).check((context) => {
        const { value } = context;
        if (type === 'integer' && !Number.isSafeInteger(value))
          context.issues.push(issue(value, `${label} is a whole number, not ${value}`));
        else push(context, bounds(value, min, max));
      });
      return number;
    }
    case 'boolean':
      return z.boolean(`${label} is yes or no`);
    case 'date':
    case 'time':
    case 'datetime': {
      const least = min === 'today' ? today(now) : min;
      const most = max === 'today' ? today(now) : max;
      return z
        .string(`${label} is a ${type}`)
        .regex(temporal[type], {
          error: `${label} is a ${type} such as ${examples[type]}`,
          abort: true,
        })
        .check((context) => push(context, bounds(context.value, least, most)));
    }
    case 'choice': {
      const options = optionsOf(field);
      if (field.custom) return lengths(z.string(`${label} is a text`), field, label);
      const listed = options.map(({ label: name }) => name).join(', ');
      return z.enum(
        options.map(({ value }) => value),
        `Please choose one of: ${listed}`,
      );
    }
    case 'email':
      return z.email(`${label} is an email address such as ada@example.org`).max(254);
    case 'phone':
      return z.string().regex(/^\+?\d{6,15}$/, `${label} is a phone number of 6 to 15 digits`);
    case 'name':
      return lengths(
        z.string(`${label} is a name`).regex(/\p{L}/u, `${label} needs letters`),
        { minLength: 2, maxLength: 100, ...field },
        label,
      );
    case 'place':
    case 'text':
      return lengths(z.string(`${label} is a text`), field, label);
  }
}

const temporal = {
  date: /^\d{4}-\d\d-\d\d$/,
  time: /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/,
  datetime: /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/,
};

const examples = { date: '1990-01-15', time: '14:30', datetime: '1990-01-15T14:30' };

function lengths(
  text: z.ZodString,
  { minLength = 0, maxLength = 10_000 }: Pick<Field, 'minLength' | 'maxLength'>,
  label: string,
): z.ZodString {
  return text
    .min(minLength, `${label} needs at least ${counted(minLength)}`)
    .max(maxLength, `${label} has at most ${counted(maxLength)}`);
}

const counted = (count: number) => (count === 1 ? 'one character' : `${count} characters`);

function withPattern(schema: z.ZodType<Json>, field: Field): z.ZodType<Json> {
  const { pattern, hints = [] } = field;
  if (pattern === undefined) return schema;
  const advice = hints.length > 0 ? `: ${hints.join(' ')}` : '';
  return schema.refine(
    (value) => typeof value === 'string' && matchesWhole(pattern, value),
    `${capital(labelOf(field))} is not in the right form, or longer than ${longestMatched} characters${advice}`,
  );
}

function bounds<T extends number | string>(value: T, min?: number | string, max?: number | string) {
  if (min !== undefined && value < min) return `The least is ${min}, not ${value}`;
  if (max !== undefined && value > max) return `The most is ${max}, not ${value}`;
  return undefined;
}

const issue = (input: unknown, message: string) => ({ code: 'custom' as const, input, message });

function push(
  context: { value: unknown; issues: z.core.$ZodRawIssue[] },
  message: string | undefined,
): void {
  if (message !== undefined) context.issues.push(issue(context.value, message));
}

const today = (now: Date): string => now.toISOString().slice(0, 10);

/** A text with a capital first letter. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
