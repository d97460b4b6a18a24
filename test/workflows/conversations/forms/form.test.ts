import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { GraphwrightError } from '../../../../src/errors.ts';
import type { FieldType } from '../../../../src/workflows/conversations/forms/field.ts';
import {
  defineForm,
  formSchema,
  isComplete,
  missingFields,
  type FormValues,
} from '../../../../src/workflows/conversations/forms/form.ts';
import {
  matchesWhole,
  patternProblem,
} from '../../../../src/workflows/conversations/forms/patterns.ts';

const survey = defineForm({
  name: 'survey',
  fields: [
    { name: 'age', type: 'integer', min: 0, max: 150 },
    { name: 'happy', type: 'boolean' },
    { name: 'note', type: 'text', maxLength: 5 },
    { name: 'when', type: 'date', required: false, max: 'today' },
    {
      name: 'even',
      type: 'integer',
      required: false,
      schema: z.number().multipleOf(2, 'Give an even number'),
    },
  ],
});

describe('V7 the schema of a form', () => {
  const now = new Date('2026-11-21T12:00:00Z');
  const says = (value: unknown) => {
    const parsed = formSchema(survey, now).safeParse(value);
    return parsed.success
      ? parsed.data
      : parsed.error.issues.map(({ path, message }) => `${path.join('/')}: ${message}`);
  };
  const good = { age: 0, happy: false, note: '' };

  it('has a type for each value, and 0, false and the empty text are values', () => {
    const values: FormValues<typeof survey> = { age: 0, happy: false, note: '' };
    // @ts-expect-error -- a text is no number
    const bad: FormValues<typeof survey> = { age: '0', happy: false, note: '' };
    expect(says(values)).toEqual(good);
    expect(says(bad)).toEqual(['age: Age is a number']);
    expect(isComplete(survey, good)).toBe(true);
    expect(missingFields(survey, good).map(({ name }) => name)).toEqual(['when', 'even']);
  });

  it.each([
    [{ ...good, age: 1.5 }, 'age: Age is a whole number, not 1.5'],
    [{ ...good, age: 200 }, 'age: The most is 150, not 200'],
    [{ ...good, note: 'too long' }, 'note: Note has at most 5 characters'],
    [{ ...good, when: '21/11/2026' }, 'when: When is a date such as 1990-01-15'],
    [{ ...good, when: '2026-11-22' }, 'when: The most is 2026-11-21, not 2026-11-22'],
    [{ ...good, even: 3 }, 'even: Give an even number'],
    [{ ...good, other: 1 }, ': Unrecognized key: "other"'],
  ])('refuses %o', (value, problem) => {
    expect(says(value)).toEqual([problem]);
  });
});

describe('the definition of a form', () => {
  it('tells all of its mistakes at once, each with its place', () => {
    const wrong = {
      name: '1st',
      maxAttempts: 0,
      minConfidence: 2,
      fields: [
        { name: 'a', type: 'choice' },
        { name: 'a', type: 'integr' as FieldType },
        { name: '__proto__', type: 'text' },
        { name: 'constructor', type: 'text', options: ['x'] },
        { name: 'b', type: 'integer', min: 3, max: 2 },
        { name: 'c', type: 'text', minLength: 3, maxLength: 2, pattern: '(a+)+' },
        { name: 'd', type: 'choice', options: ['One', { value: 'one', label: 'Uno' }, '!!'] },
      ],
    } as const;
    let thrown: GraphwrightError | undefined;
    try {
      defineForm(wrong);
    } catch (error) {
      thrown = error as GraphwrightError;
    }
    expect(thrown?.code).toBe('invalid_configuration');
    expect(thrown?.problems.map(({ pointer }) => pointer)).toEqual([
      '/name',
      '/maxAttempts',
      '/minConfidence',
      '/fields/0/options',
      '/fields/1/name',
      '/fields/1/type',
      '/fields/2/name',
      '/fields/3/name',
      '/fields/3/options',
      '/fields/4/min',
      '/fields/5/minLength',
      '/fields/5/pattern',
      '/fields/6/options',
      '/fields/6/options',
    ]);
    expect(thrown?.message).toContain('did you mean integer?');
  });

  it.each([
    '(a+)+',
    '(a|a)*b',
    '(?:a*b*)*',
    '(a?){2,}',
    '(a)\\1',
    '(?=a)b',
    'a*b*c*',
    '(',
    'a'.repeat(201),
  ])('T20 refuses the pattern %s', (pattern) => {
    expect(patternProblem(pattern)).toBeTypeOf('string');
  });

  it.each([
    '[A-Z]{2}-\\d{1,6}',
    '\\p{L}+ \\p{L}+',
    '(?:a|b)c{0,3}',
    '[(+*)]+',
    '(?:ab){2}',
    'colou?r',
  ])('takes the pattern %s', (pattern) => {
    expect(patternProblem(pattern)).toBeUndefined();
  });

  it('matches whole texts, and none that are long', () => {
    expect(matchesWhole('a|b', 'a')).toBe(true);
    expect(matchesWhole('a|b', 'ab')).toBe(false);
    expect(matchesWhole('a+', 'a'.repeat(501))).toBe(false);
  });
});
