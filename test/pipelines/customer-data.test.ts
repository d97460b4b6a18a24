import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { sparql } from '../../src/ontology/sparql.ts';
import type { OntologyStore } from '../../src/ontology/store.ts';
import { graphName, thing } from '../../src/ontology/terms.ts';
import { CustomerDataPipeline } from '../../src/pipelines/customer-data.ts';
import { runPipeline } from '../../src/pipelines/run-pipeline.ts';
import { crm, customer } from './crm.ts';

const transactions = [
  { id: 't-1', date: '2026-01-05T10:00:00Z', amount: 19.9, currency: 'EUR', description: 'A lamp' },
  { id: 't-2', date: '2026-01-06T10:00:00Z', amount: -5, currency: 'EUR' },
];
const interactions = [
  { id: 'i-1', date: '2026-02-01T09:30:00+01:00', channel: 'phone', summary: 'Asked for "help"' },
  { id: 'i-2', date: '2026-02-02T09:30:00Z', channel: 'mail' },
];
const ada = customer('c-1', {
  segment: 'premium',
  lifetimeValue: 1200.5,
  transactions,
  interactions,
});

const graph = graphName('customer_data');
let store: OntologyStore;
let closeStore: () => Promise<void>;
let system: Awaited<ReturnType<typeof crm>>;
let pipeline: CustomerDataPipeline;

beforeEach(async () => {
  const opened = await openEmbedded({});
  store = opened.store;
  closeStore = () => opened.close();
  system = await crm(ada, customer('c-2'));
  pipeline = new CustomerDataPipeline({ customers: system.customers });
});
afterEach(() => Promise.all([closeStore(), system.close()]));

const short = (value: string) => value.replace(/^.*(graphwright:|#)/, '');

/** Everything in the graph as short lines: "customer:c-1 email c-1@example.org". */
async function contents(): Promise<string[]> {
  const rows = await store.select(sparql`SELECT * { GRAPH ${graph} { ?s ?p ?o } }`);
  return rows
    .map(({ s, p, o }) => `${short(s!.value)} ${short(p!.value)} ${short(o!.value)}`)
    .toSorted();
}

const ofAda = [
  'customer:c-1 email c-1@example.org',
  'customer:c-1 identifier c-1',
  'customer:c-1 lifetimeValue 1200.5',
  'customer:c-1 name Customer c-1',
  'customer:c-1 segment premium',
  'customer:c-1 type Customer',
];

describe('A6 the customer data pipeline', () => {
  test('writes the customer and the interactions into customer_data', async () => {
    const result = await runPipeline(pipeline, { customerId: 'c-1' }, { store });
    const lines = await contents();
    expect(result).toEqual({ graph, inserted: lines.length, removed: 0 });
    expect(lines.filter((line) => line.startsWith('customer:'))).toEqual(ofAda);
    expect(lines.filter((line) => line.startsWith('interaction:i-1'))).toEqual([
      'interaction:i-1 channel phone',
      'interaction:i-1 identifier i-1',
      'interaction:i-1 interactedWith customer:c-1',
      expect.stringMatching(/^interaction:i-1 occurredAt 2026-02-01T09:30:00/),
      'interaction:i-1 summary Asked for "help"',
      'interaction:i-1 type Interaction',
    ]);
    expect(lines.some((line) => line.startsWith('transaction:'))).toBe(false);
    expect(system.requests).toEqual(['/customers/c-1?include=interactions']);
  });

  test('writes transactions when asked, with right datatypes, and no interactions when not', async () => {
    const parameters = { customerId: 'c-1', includeTransactions: true, includeInteractions: false };
    await runPipeline(pipeline, parameters, { store });
    const [row] = await store.select(sparql`
      PREFIX gw: <https://w3id.org/graphwright#>
      SELECT * { GRAPH ${graph} {
        ?t a gw:Transaction ; gw:identifier "t-1" ; gw:madeBy ${thing('customer', 'c-1')} ;
          gw:amount ?amount ; gw:currency "EUR" ; gw:occurredAt ?when ; gw:description "A lamp"
      } }`);
    const types = ['amount', 'when'].map((name) => {
      const term = row![name]!;
      return term.termType === 'Literal' && [term.value, term.datatype.value.replace(/.*#/, '')];
    });
    expect(types).toEqual([
      ['19.9', 'decimal'],
      ['2026-01-05T10:00:00Z', 'dateTime'],
    ]);
    expect((await contents()).some((line) => line.startsWith('interaction:'))).toBe(false);
  });

  test('the same again changes nothing', async () => {
    await runPipeline(pipeline, { customerId: 'c-1', includeTransactions: true }, { store });
    const before = await contents();
    const again = await runPipeline(pipeline, { customerId: 'c-1' }, { store });
    expect(again).toEqual({ graph, inserted: 0, removed: 0 });
    expect(await contents()).toEqual(before);
  });

  test('what the customer is no longer goes: a changed address, a removed interaction', async () => {
    await runPipeline(pipeline, { customerId: 'c-1', includeTransactions: true }, { store });
    await runPipeline(pipeline, { customerId: 'c-2' }, { store });
    const before = await contents();

    system.put({
      ...ada,
      email: 'ada@example.net',
      interactions: interactions.slice(1),
      transactions: [],
    });
    const { inserted, removed } = await runPipeline(pipeline, { customerId: 'c-1' }, { store });

    const now = before.filter((line) => !line.startsWith('interaction:i-1 ') && line !== ofAda[0]);
    expect(await contents()).toEqual([...now, 'customer:c-1 email ada@example.net'].toSorted());
    expect({ inserted, removed }).toEqual({ inserted: 1, removed: 7 });
  });

  test('transactions stay unless they are asked for; then the removed ones go', async () => {
    const everything = { customerId: 'c-1', includeTransactions: true };
    await runPipeline(pipeline, everything, { store });
    system.put({ ...ada, transactions: transactions.slice(0, 1) });
    expect(await runPipeline(pipeline, { customerId: 'c-1' }, { store })).toMatchObject({
      removed: 0,
    });
    await runPipeline(pipeline, everything, { store });
    const left = (await contents()).filter((line) => line.includes('type Transaction'));
    expect(left).toEqual(['transaction:t-1 type Transaction']);
  });

  test('two at the same moment that disagree leave one address', async () => {
    const other = await crm({ ...ada, email: 'ada@example.net' });
    try {
      const pipelines = [pipeline, new CustomerDataPipeline({ customers: other.customers })];
      const runs = pipelines.map((each) => runPipeline(each, { customerId: 'c-1' }, { store }));
      await Promise.all(runs);
      const mail = (await contents()).filter((line) => line.startsWith('customer:c-1 email'));
      expect(mail).toHaveLength(1);
    } finally {
      await other.close();
    }
  });

  test.each(['c-9', 'x" . } ; DROP ALL #', '../c-1', "c-1' OR '1'='1"])(
    'a customer %j that nobody knows is an error with its pointer, and changes nothing',
    async (customerId) => {
      await runPipeline(pipeline, { customerId: 'c-1' }, { store });
      const before = await contents();
      await expect(runPipeline(pipeline, { customerId }, { store })).rejects.toMatchObject({
        code: 'not_found',
        problems: [{ pointer: '/customerId', detail: expect.stringContaining('no customer') }],
      });
      expect(await contents()).toEqual(before);
    },
  );

  test('parameters are parsed, the unknown refused', async () => {
    const bad = { includeInteractions: 'yes', limit: 5 } as unknown as { customerId: string };
    const error = runPipeline(pipeline, bad, { store });
    await expect(error).rejects.toMatchObject({ code: 'invalid_parameters' });
    const pointers = await error.catch(({ problems }) =>
      problems.map(({ pointer }: { pointer: string }) => pointer).toSorted(),
    );
    expect(pointers).toEqual(['/customerId', '/includeInteractions', '/limit']);
    expect(system.requests).toEqual([]);
    // @ts-expect-error -- the id is needed
    await expect(runPipeline(pipeline, {}, { store })).rejects.toThrow(/customerId/);
    expectTypeOf(runPipeline<CustomerDataPipeline>)
      .parameter(1)
      .toEqualTypeOf<{
        customerId: string;
        includeTransactions?: boolean | undefined;
        includeInteractions?: boolean | undefined;
      }>();
  });

  test('A15 a CRM that fails leaves the graph as it was, and the error retriable', async () => {
    await system.close();
    await expect(runPipeline(pipeline, { customerId: 'c-1' }, { store })).rejects.toMatchObject({
      code: 'integration_failed',
      retriable: true,
    });
    expect(await contents()).toEqual([]);
  });

  test('a cancelled run writes nothing', async () => {
    const signal = AbortSignal.abort();
    await expect(
      runPipeline(pipeline, { customerId: 'c-1' }, { store, signal }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(await contents()).toEqual([]);
  });
});
