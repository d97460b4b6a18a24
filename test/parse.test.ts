import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { GraphwrightError } from '../src/errors.ts';
import { parse } from '../src/parse.ts';

const schema = z.object({
  name: z.string(),
  tags: z.array(z.object({ 'a/b': z.number() })).default([]),
});

function failure(value: unknown): GraphwrightError {
  try {
    parse(schema, value, 'invalid_parameters', 'sample');
  } catch (error) {
    return error as GraphwrightError;
  }
  throw new Error('It was accepted');
}

describe('parsing at a boundary', () => {
  test('gives the output side of the schema', () => {
    expect(parse(schema, { name: 'x' }, 'invalid_parameters', 'sample')).toEqual({
      name: 'x',
      tags: [],
    });
  });

  test('names every mistake by JSON Pointer', () => {
    const { code, problems } = failure({ tags: [{ 'a/b': 'one' }] });
    expect(code).toBe('invalid_parameters');
    expect(problems.map(({ pointer }) => pointer)).toEqual(['/name', '/tags/0/a~1b']);
  });

  test('T20 refuses unknown keys instead of dropping them', () => {
    expect(failure({ name: 'x', nmae: 'y' }).problems).toEqual([
      { pointer: '/nmae', detail: 'Unknown key' },
    ]);
  });

  test('T20 does not coerce', () => {
    expect(failure({ name: 123 }).problems[0]?.pointer).toBe('/name');
  });
});
