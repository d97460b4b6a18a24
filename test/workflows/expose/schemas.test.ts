import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { coerce } from '../../../src/workflows/expose/coerce.ts';
import { inputSchema, outputSchema } from '../../../src/workflows/expose/schemas.ts';
import { Workflow } from '../../../src/workflows/workflow.ts';

const Mood = z.enum(['calm', 'busy']).meta({ id: 'Mood' });
interface Part {
  name: string;
  parts?: Part[];
}
const Part: z.ZodType<Part> = z.object({
  name: z.string(),
  get parts() {
    return z.array(Part).optional();
  },
});

const Parameters = z.object({
  mood: Mood,
  moods: z.array(Mood).default([]),
  part: Part.optional(),
  limit: z.number().nullable().optional(),
  either: z.union([z.string(), z.number()]).optional(),
  shape: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('dot') }),
      z.object({ kind: z.literal('line'), length: z.number() }),
    ])
    .optional(),
  rows: z.array(z.array(z.number())).optional(),
  level: z.literal([1, 2]).optional(),
  length: z
    .string()
    .transform((text) => text.length)
    .optional(),
});

class Sample extends Workflow {
  readonly name = 'sample';
  readonly description = 'Give a sample.';
  readonly parameters = Parameters;
  readonly result = z.object({ mood: Mood.default('calm') });

  async run() {
    return {};
  }
}

const schema = inputSchema(new Sample({}));

describe('A3 the JSON Schemas of a workflow', () => {
  test('show what callers send, and what they get', () => {
    expect(schema.required).toEqual(['mood']);
    expect(schema.properties?.['length']).toEqual({ type: 'string' });
    expect(outputSchema(new Sample({})).required).toEqual(['mood']);
  });

  test('refuse unknown keys', () => {
    expect(schema['additionalProperties']).toBe(false);
  });

  test('hold each shared definition where it is used, and leave the inside of a recursive one open', () => {
    expect(JSON.stringify(schema)).not.toMatch(/\$ref|\$defs/);
    expect(schema.properties?.['moods']?.items?.enum).toEqual(['calm', 'busy']);
    const parts = schema.properties?.['part']?.properties?.['parts'];
    expect(parts).toMatchObject({ type: 'array' });
  });
});

describe('A3 text is read as the types that a schema asks for', () => {
  test.each([
    ['mood', 'calm', 'calm'],
    ['moods', 'calm', ['calm']],
    ['moods', ['calm', 'busy'], ['calm', 'busy']],
    ['limit', '-1.5e3', -1500],
    ['limit', 'null', null],
    ['limit', '1,5', '1,5'],
    ['limit', ' 1', ' 1'],
    ['limit', 'Infinity', 'Infinity'],
    ['limit', ['1', '2'], ['1', '2']],
    ['either', '5', '5'],
    ['shape', '{"kind":"line","length":1}', { kind: 'line', length: 1 }],
    ['rows', '[[1],[2]]', [[1], [2]]],
    ['rows', ['[1]', '[2]'], [[1], [2]]],
    ['level', '2', 2],
    ['unknown', '5', '5'],
  ])('%s from %j is %j', (key, given, read) => {
    expect(coerce(schema, { [key]: given })).toEqual({ [key]: read });
  });
});
