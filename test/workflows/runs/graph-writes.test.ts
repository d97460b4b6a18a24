import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEmbedded, type Embedded } from '../../../src/ontology/embedded/open-embedded.ts';
import { GraphBuilder } from '../../../src/ontology/graph-builder.ts';
import { sparql } from '../../../src/ontology/sparql.ts';
import type { Commit } from '../../../src/ontology/store.ts';
import { graphName, thing } from '../../../src/ontology/terms.ts';
import { GraphwrightError } from '../../../src/errors.ts';
import { EmbeddedRuns } from '../../../src/workflows/runs/embedded-runs.ts';
import type { Run } from '../../../src/workflows/workflow.ts';
import { Scripted } from '../../conformance/runs.ts';

const graph = graphName('customer_data');
const other = graphName('feedback_data');

const customer = (id: string) => {
  const builder = new GraphBuilder();
  builder.createEntity('Customer', { identifier: id, name: `Customer ${id}` });
  return [...builder];
};

let embedded: Embedded;
let runs: EmbeddedRuns;
let flow: Scripted;

beforeEach(async () => {
  embedded = await openEmbedded({});
  flow = new Scripted('writing_flow', () => undefined);
  runs = await EmbeddedRuns.open({ state: embedded.state, workflows: [flow] });
});

afterEach(async () => {
  await runs.close();
  await embedded.close();
});

const carryOut = async (body: (run: Run) => unknown) => {
  flow.body = body;
  const { id } = await runs.start(flow, {});
  return runs.wait(id, 5000);
};
const quads = async () =>
  (await embedded.store.graphs()).reduce((sum, each) => sum + each.quads, 0);
const journal = async () => {
  const [row] = await embedded.state.read({ sql: 'SELECT count(*) AS rows FROM journal' });
  return Number(row!['rows']);
};
const outside = async () => new Promise((resolve) => setTimeout(resolve, 20)).then(quads);

describe('N2 what a step writes to the graph', () => {
  test('is seen from outside when the step has ended, all of it in one commit', async () => {
    const before = await quads();
    let commits: Commit[] = [];
    let between: number | undefined;
    const record = await carryOut((run) =>
      run.step('write', async () => {
        commits = [
          await embedded.store.insert(graph, customer('a')),
          await embedded.store.insert(graph, customer('a')),
          await embedded.store.update(
            sparql`INSERT { GRAPH ${other} { ?s ?p ?o } } WHERE { GRAPH ${graph} { ?s ?p ?o } }`,
          ),
        ];
        between = await reading(() => quads());
      }),
    );
    expect(record).toMatchObject({ status: 'completed' });
    const size = customer('a').length;
    expect(commits.map(({ inserted, approximate }) => [inserted, approximate])).toEqual([
      [size, true],
      [0, true],
      [size, true],
    ]);
    expect(between).toBe(before);
    expect(await quads()).toBe(before + 2 * size);
    expect(await journal()).toBe(1);
  });

  test('is dropped when the step fails, and when an attempt does', async () => {
    let attempts = 0;
    const record = await carryOut((run) =>
      run.step(
        'write',
        async () => {
          attempts += 1;
          await embedded.store.insert(graph, customer(String(attempts)));
          throw new GraphwrightError('integration_failed', 'no');
        },
        { attempts: 2, backoff: { initial: 1 } },
      ),
    );
    expect([record.status, attempts]).toEqual(['failed', 2]);
    expect(await journal()).toBe(0);
  });

  test('is seen by what the step itself reads', async () => {
    const record = await carryOut((run) =>
      run.step('write', async () => {
        await embedded.store.insert(graph, customer('a'));
        const seen = await embedded.store.ask(sparql`ASK { ?s ?p "Customer a" }`);
        await embedded.store.insert(graph, customer('b'));
        const both = await embedded.store.subject(thing('customer', 'b'));
        return { seen, both: both.length > 0 };
      }),
    );
    expect(record.result).toEqual({ seen: true, both: true });
    const left = await embedded.state.read({ sql: 'SELECT step FROM run_writes' });
    expect(left).toEqual([]);
  });

  test('is not made twice when the step reads, is interrupted and done again', async () => {
    let times = 0;
    flow.body = (run) =>
      run.step('write', async ({ signal }) => {
        times += 1;
        // Would be there twice: blank nodes and times are new each time.
        const text = sparql`INSERT { GRAPH ${graph} { [] ${thing('p', 'x')} ?now } } WHERE { BIND (UUID() AS ?now) }`;
        await embedded.store.update(text);
        await embedded.store.ask(sparql`ASK { ?s ?p ?o }`);
        if (times === 1)
          await new Promise((_, reject) =>
            signal.addEventListener('abort', () => reject(signal.reason)),
          );
      });
    const { id } = await runs.start(flow, {});
    // The write before the read is on disk, the step is not.
    while ((await journal()) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(times).toBe(1);
    await runs.close();
    runs = await EmbeddedRuns.open({ state: embedded.state, workflows: [flow] });
    await runs.resume();
    expect(await runs.wait(id, 5000)).toMatchObject({ status: 'completed' });
    expect(times).toBe(2);
    expect(await journal()).toBe(1);
  });

  test('that cannot be is refused where it is asked for', async () => {
    const record = await carryOut((run) =>
      run.step('write', () =>
        embedded.store
          .update(sparql`DROP GRAPH ${graphName('nowhere')}`)
          .catch(({ code }: GraphwrightError) => code),
      ),
    );
    expect(record).toMatchObject({ status: 'completed', result: 'not_found' });
  });

  test('outside of steps and in effects goes directly to the graph', async () => {
    const record = await carryOut(async (run) => {
      await embedded.store.insert(graph, customer('a'));
      const one = await outside();
      const two = await run.effect(
        'send',
        async () => {
          await embedded.store.insert(graph, customer('b'));
          return outside();
        },
        { onUnknown: 'hold' },
      );
      return two - one;
    });
    expect(record.result).toBe(customer('b').length);
  });

  test('N3 is attributed to the run and to who asked for it', async () => {
    const told = await openEmbedded({ provenance: { level: 'activity' } });
    const others = await EmbeddedRuns.open({ state: told.state, workflows: [flow] });
    flow.body = (run) =>
      run.step('write', async () => {
        await told.store.insert(graph, customer('a'));
        await told.store.insert(graph, customer('b'));
      });
    const agent = { surface: 'http', name: 'ada' };
    const { id } = await others.start(flow, {}, { agent });
    expect((await others.wait(id, 5000)).status).toBe('completed');
    const rows = await told.store.select(sparql`PREFIX prov: <http://www.w3.org/ns/prov#>
      SELECT DISTINCT ?activity ?agent { GRAPH ${graphName('provenance')} {
        ?commit prov:wasGeneratedBy ?activity . ?activity prov:wasAssociatedWith ?agent } }`);
    expect(rows).toHaveLength(1);
    expect(rows[0]!['activity']!.value).toContain(id);
    expect(rows[0]!['agent']!.value).toContain('ada');
    await others.close();
    await told.close();
  });

  test('by many runs at once is all there', async () => {
    flow.body = (run) => run.step('write', () => embedded.store.insert(graph, customer(run.id)));
    const all = await Promise.all(Array.from({ length: 50 }, () => runs.start(flow, {})));
    for (const { id } of all) expect((await runs.wait(id, 5000)).status).toBe('completed');
    expect(await quads()).toBe(50 * customer('x').length);
  });
});

/** Reads as somebody outside of the step does. */
function reading<T>(action: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    queue.push(() => action().then(resolve, reject));
  });
}

// Made outside of any step, so that what it calls is outside too.
const queue: (() => void)[] = [];
const timer = setInterval(() => queue.splice(0).forEach((next) => next()), 5);
timer.unref();
