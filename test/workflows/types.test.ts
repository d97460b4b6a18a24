import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { GraphwrightError } from '../../src/errors.ts';
import { sparql } from '../../src/ontology/sparql.ts';
import type { OntologyStore } from '../../src/ontology/store.ts';
import { execute } from '../../src/workflows/execute.ts';
import {
  Workflow,
  workflowList,
  type ParametersOf,
  type ResultOf,
} from '../../src/workflows/workflow.ts';

// Each @ts-expect-error below fails the type check as soon as what follows it compiles.

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assertType = <_ extends true>(): void => undefined;

const Parameters = z.object({
  on: z.iso.date().transform((text) => new Date(text)),
  days: z.number().default(1),
  note: z.string().optional(),
});
const Result = z.object({
  on: z.date().transform((date) => date.toISOString()),
  days: z.number().default(0),
});

class AddDays extends Workflow {
  readonly name = 'add_days';
  readonly description = 'Add days to a date.';
  readonly parameters = Parameters;
  readonly result = Result;

  async run({ on, days }: z.output<typeof Parameters>) {
    return { on: new Date(on.getTime() + days * 86_400_000) };
  }
}

describe('A1 the types come from the schemas', () => {
  test('callers see the input side of the parameters and the output side of the result', async () => {
    assertType<
      Equal<
        ParametersOf<AddDays>,
        { on: string; days?: number | undefined; note?: string | undefined }
      >
    >();
    assertType<Equal<ResultOf<AddDays>, { on: string; days: number }>>();
    const result = await execute(new AddDays({}), { on: '2026-01-01' });
    assertType<Equal<typeof result, { on: string; days: number }>>();
    expect(result).toEqual({ on: '2026-01-02T00:00:00.000Z', days: 0 });
  });

  test('execute takes no other parameters', async () => {
    const refused = { code: 'invalid_parameters' };
    // @ts-expect-error -- `at` is not a parameter
    await expect(execute(new AddDays({}), { at: '2026-01-01' })).rejects.toMatchObject(refused);
    // @ts-expect-error -- `on` is a text
    await expect(execute(new AddDays({}), { on: 1 })).rejects.toMatchObject(refused);
    await expect(
      // @ts-expect-error -- `days` is a number
      execute(new AddDays({}), { on: '2026-01-01', days: '1' }),
    ).rejects.toMatchObject(refused);
    // @ts-expect-error -- `on` is missing
    await expect(execute(new AddDays({}), {})).rejects.toMatchObject(refused);
  });

  test('the configuration is typed, and must be given', () => {
    class Greet extends Workflow<{ greeting: string }> {
      readonly name = 'greet';
      readonly description = 'Greet.';
      readonly parameters = z.object({});
      readonly result = z.string();

      async run() {
        return this.configuration.greeting;
      }
    }
    // @ts-expect-error -- the greeting is a text
    expect(new Greet({ greeting: 1 })).toBeInstanceOf(Greet);
    // @ts-expect-error -- the greeting is missing
    expect(new Greet({})).toBeInstanceOf(Greet);
    // @ts-expect-error -- the configuration is missing
    expect(() => new Greet()).not.toThrow();
  });
});

describe('A1 what does not fit together does not compile', () => {
  test('a wrong result', () => {
    class Wrong extends AddDays {
      // @ts-expect-error -- the result holds a date, not a number
      override async run() {
        return { on: 1 };
      }
    }
    class Short extends AddDays {
      // @ts-expect-error -- the result lacks `on`
      override async run() {
        return { days: 1 };
      }
    }
    expect([Wrong, Short]).toHaveLength(2);
  });

  test('a missing schema', () => {
    // @ts-expect-error -- no schema of the parameters
    class NoParameters extends Workflow {
      readonly name = 'no_parameters';
      readonly description = 'Lacks a schema.';
      readonly result = z.object({});

      async run() {
        return {};
      }
    }
    // @ts-expect-error -- no schema of the result
    class NoResult extends Workflow {
      readonly name = 'no_result';
      readonly description = 'Lacks a schema.';
      readonly parameters = z.object({});

      async run() {
        return {};
      }
    }
    class TextParameters extends Workflow {
      readonly name = 'text_parameters';
      readonly description = 'Its parameters have no names.';
      // @ts-expect-error -- parameters are an object
      readonly parameters = z.string();
      readonly result = z.object({});

      async run() {
        return {};
      }
    }
    expect([NoParameters, NoResult, TextParameters]).toHaveLength(3);
  });

  test('a forgotten run()', () => {
    // @ts-expect-error -- no run()
    class NoRun extends Workflow {
      readonly name = 'no_run';
      readonly description = 'Does nothing.';
      readonly parameters = z.object({});
      readonly result = z.object({});
    }
    expect(NoRun).toBeDefined();
  });

  test('a run() that asks for more than its schema promises, where workflows are listed', () => {
    class Drifted extends Workflow {
      readonly name = 'drifted';
      readonly description = 'Asks for a phone number that nobody gives.';
      readonly parameters = z.object({ email: z.string() });
      readonly result = z.object({ phone: z.string() });

      async run({ phone }: { email: string; phone: string }) {
        return { phone };
      }
    }
    // @ts-expect-error -- the schema has no phone
    expect(workflowList(new AddDays({}), new Drifted({}))).toHaveLength(2);
    const listed = workflowList(new AddDays({}));
    assertType<Equal<(typeof listed)[0], AddDays>>();
  });
});

/** Never called: the compiler is what it is for. */
const ask = (store: OntologyStore) => [
  // @ts-expect-error -- a plain string
  store.select('SELECT * { ?s ?p ?o }'),
  // @ts-expect-error -- a string put together from values
  store.update(`DROP GRAPH ${'<urn:x>'}`),
  // @ts-expect-error -- looks like one
  store.ask({ toString: () => 'ASK {}' }),
  store.select(sparql`SELECT * { ?s ?p ?o }`),
];

describe('N7 only the sparql tag makes a query', () => {
  test('a plain string does not compile where a query is expected', () => {
    expect(ask).toHaveLength(1);
    // @ts-expect-error -- an object is no value
    expect(() => sparql`SELECT * { ?s ?p ${{ text: 'x' }} }`).toThrow(GraphwrightError);
  });
});
