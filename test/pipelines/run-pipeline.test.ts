import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { sparql } from '../../src/ontology/sparql.ts';
import type { OntologyStore } from '../../src/ontology/store.ts';
import { factory, graphName, gw, thing, type Quad } from '../../src/ontology/terms.ts';
import { Pipeline, type PipelineRun } from '../../src/pipelines/pipeline.ts';
import { runPipeline } from '../../src/pipelines/run-pipeline.ts';

const fact = (id: string, text: string) =>
  factory.quad(thing('fact', id), gw('text'), factory.literal(text), graphName('elsewhere'));

class Facts extends Pipeline<(run: PipelineRun) => Iterable<Quad>> {
  readonly name = 'facts';
  readonly description = 'State facts.';
  readonly parameters = z.object({});
  readonly graph = graphName('facts');

  run(_: object, run: PipelineRun) {
    return this.configuration(run);
  }
}

let store: OntologyStore;
let close: () => Promise<void>;
beforeEach(async () => {
  const opened = await openEmbedded({});
  store = opened.store;
  close = () => opened.close();
});
afterEach(() => close());

const texts = async () => {
  const rows = await store.select(
    sparql`SELECT ?text { GRAPH ${graphName('facts')} { ?fact ${gw('text')} ?text } }`,
  );
  return rows.map(({ text }) => text!.value).toSorted();
};

describe('A6 running a pipeline', () => {
  test('loads the quads into the graph of the pipeline, whatever graph they name', async () => {
    const facts = new Facts(() => [fact('1', 'a'), fact('1', 'b'), fact('2', 'c')]);
    expect(await runPipeline(facts, {}, { store })).toMatchObject({ inserted: 3, removed: 0 });
    expect(await texts()).toEqual(['a', 'b', 'c']);
    expect((await store.graphs()).map(({ graph }) => graph.value)).toEqual([facts.graph.value]);
  });

  test('replaces what was said of its subjects and leaves the others', async () => {
    await runPipeline(new Facts(() => [fact('1', 'a'), fact('2', 'c')]), {}, { store });
    const later = new Facts(() => [fact('1', 'a'), fact('1', 'x')]);
    expect(await runPipeline(later, {}, { store })).toMatchObject({ inserted: 1, removed: 0 });
    const last = new Facts(() => [fact('1', 'y')]);
    expect(await runPipeline(last, {}, { store })).toMatchObject({ inserted: 1, removed: 2 });
    expect(await texts()).toEqual(['c', 'y']);
  });

  test('text from outside stays text', async () => {
    const text = '"""\\ } } ; DROP ALL # \u0000\n\u{1F600}';
    await runPipeline(new Facts(() => [fact('" } ; DROP ALL #', text)]), {}, { store });
    expect(await texts()).toEqual([text]);
  });

  test('a pipeline that yields nothing changes nothing', async () => {
    await runPipeline(new Facts(() => [fact('1', 'a')]), {}, { store });
    const none = new Facts(() => []);
    expect(await runPipeline(none, {}, { store })).toMatchObject({ inserted: 0, removed: 0 });
    expect(await texts()).toEqual(['a']);
  });

  test('one that fails half-way writes nothing, and its error is coded', async () => {
    const broken = new Facts(function* () {
      yield fact('1', 'a');
      throw new TypeError('broken');
    });
    await expect(runPipeline(broken, {}, { store })).rejects.toMatchObject({
      code: 'internal',
      message: 'broken',
    });
    expect(await texts()).toEqual([]);
  });

  test('a blank node as a subject is refused', async () => {
    const blank = factory.quad(factory.blankNode(), gw('text'), factory.literal('a'));
    const error = runPipeline(new Facts(() => [blank]), {}, { store });
    await expect(error).rejects.toMatchObject({ code: 'invalid_data' });
  });

  test('gives the pipeline its signal and clock, and stops once the signal aborts', async () => {
    const controller = new AbortController();
    const now = new Date('2026-03-01T00:00:00Z');
    const seen: unknown[] = [];
    const facts = new Facts(function* (run) {
      seen.push(run.signal, run.now());
      yield fact('1', 'a');
      controller.abort();
      yield fact('2', 'b');
      seen.push('went on');
    });
    const context = { store, signal: controller.signal, now: () => now };
    await expect(runPipeline(facts, {}, context)).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen).toEqual([controller.signal, now]);
    expect(await texts()).toEqual([]);
  });
});
