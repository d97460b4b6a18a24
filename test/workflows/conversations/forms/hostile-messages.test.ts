import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Json } from '../../../../src/workflows/conversations/json.ts';
import { valueSchema } from '../../../../src/workflows/conversations/forms/field-schema.ts';
import { defineForm } from '../../../../src/workflows/conversations/forms/form.ts';
import { takeUp, type FormStand } from '../../../../src/workflows/conversations/forms/memo.ts';
import { RulesReader } from '../../../../src/workflows/conversations/forms/rules/understand.ts';
import {
  beginForm,
  takeMessage,
  type FormServices,
} from '../../../../src/workflows/conversations/forms/turn.ts';

const form = defineForm({
  name: 'all',
  fields: [
    { name: 'who', type: 'name' },
    { name: 'count', type: 'integer', min: 0, max: 10 },
    { name: 'price', type: 'decimal', required: false },
    { name: 'sure', type: 'boolean' },
    { name: 'day', type: 'date' },
    { name: 'hour', type: 'time' },
    { name: 'start', type: 'datetime', required: false },
    { name: 'kind', type: 'choice', options: ['Red', 'Green', 'Yes'] },
    { name: 'mail', type: 'email', required: false },
    { name: 'phone', type: 'phone', required: false },
    { name: 'where', type: 'place' },
    { name: 'note', type: 'text', maxLength: 40 },
  ],
});

const now = new Date('2026-11-21T12:00:00Z');
const services: FormServices = {
  reader: new RulesReader(),
  maxAttempts: 3,
  parallel: true,
  cancellable: true,
  signal: new AbortController().signal,
  now: () => now,
};

const words = fc.constantFrom(
  ...'no yes actually, change my the who count price sure day hour kind where note is to and I\'m Ada born in London on 3/4/1990 31/02/2027 14:30 half past two 2 pm twenty -5 99 red gren 1 skip cancel done what ? why help , . : ada@x.org +49301234567 15 May 2027 tomorrow 0 __proto__ "'.split(
    ' ',
  ),
);
const message: fc.Arbitrary<Json> = fc.oneof(
  { weight: 6, arbitrary: fc.array(words, { maxLength: 12 }).map((all) => all.join(' ')) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json> },
  {
    weight: 1,
    arbitrary: fc.dictionary(
      fc.constantFrom(...form.fields.map(({ name }) => name), 'x'),
      fc.jsonValue() as fc.Arbitrary<Json>,
    ),
  },
);

it('T20 L15 whatever is said, every value is a good one, none is lost, and there is always a reply', async () => {
  const bad = (values: FormStand['values']) =>
    form.fields.filter((field) => {
      const value = values[field.name];
      return value !== undefined && !valueSchema(field, now).safeParse(value).success;
    });
  let filled = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 12 }), async (messages) => {
      let stand: FormStand = await beginForm(
        form,
        takeUp(undefined, undefined),
        undefined,
        services,
      );
      for (const content of messages) {
        const before = Object.keys(stand.values);
        // As the engine keeps it between two turns.
        const kept = JSON.parse(JSON.stringify(stand)) as FormStand;
        const turn = await takeMessage(
          form,
          takeUp(kept.values, kept.memo as unknown as Json),
          content,
          services,
        );
        expect(Object.keys(turn.values)).toEqual(expect.arrayContaining(before));
        expect(bad(turn.values)).toEqual([]);
        filled += Object.keys(turn.values).length - before.length;
        if (turn.outcome !== undefined) break;
        expect(turn.reply.content).not.toBe('');
        stand = turn;
      }
    }),
    { numRuns: 80 },
  );
  expect(filled).toBeGreaterThan(80);
});
