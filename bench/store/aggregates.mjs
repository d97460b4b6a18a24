// Whole-graph aggregates through the port beside raw Oxigraph in this thread, asked first and asked again.
import { Store } from 'oxigraph';
import { EmbeddedStore } from '../../dist/ontology/embedded/embedded-store.js';
import { quads } from '../../dist/ontology/embedded/results.js';
import { openStateFile } from '../../dist/ontology/embedded/state-file.js';
import { sparqlText } from '../../dist/ontology/sparql.js';
import {
  atMost,
  chunked,
  graph,
  median,
  ms,
  products,
  report,
  statement,
  timed,
} from './measure.mjs';

const v = 'http://example.org/vocabulary#';
export const aggregates = {
  'count of all': 'SELECT (COUNT(*) AS ?n) { ?s ?p ?o }',
  'count by predicate': 'SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p ORDER BY ?p',
  'count by class': 'SELECT ?c (COUNT(?s) AS ?n) { ?s a ?c } GROUP BY ?c ORDER BY ?c',
  'average of a join': `SELECT ?m (AVG(?x) AS ?a) { ?s <${v}maker> ?m ; <${v}price> ?x } GROUP BY ?m ORDER BY ?m`,
};

export async function measureAggregates({ statements = 100_000, rounds = 7, log = () => {} } = {}) {
  const options = {
    results_format: 'application/sparql-results+json',
    use_default_graph_as_union: true,
  };
  const raw = new Store();
  const state = await openStateFile({ path: ':memory:' });
  const store = await EmbeddedStore.open({ state, readers: 1 });
  try {
    for (const text of chunked(products(statements))) {
      raw.load(text, { format: 'application/n-quads' });
      await store.insert(graph, quads(text));
    }
    const results = {};
    let written = 0;
    for (const [name, text] of Object.entries(aggregates)) {
      const times = { raw: [], first: [], again: [] };
      for (let round = 0; round < rounds; round += 1) {
        await store.insert(graph, [statement((written += 1))]);
        raw.add(statement(written));
        // Also waits for the reader to have followed.
        await store.ask(sparqlText('ASK {}'));
        times.raw.push(await timed(async () => raw.query(text, options)));
        times.first.push(await timed(() => store.select(sparqlText(text))));
        times.again.push(await timed(() => store.select(sparqlText(text))));
      }
      const [theirs, first, again] = [times.raw, times.first, times.again].map(median);
      results[name] = { first: first / theirs, again: again / theirs };
      log(
        `${name}, asked first / raw`,
        first / theirs,
        atMost(1.1),
        `${ms(first)} and ${ms(theirs)}`,
      );
      log(`${name}, asked again / raw`, again / theirs, atMost(1.1), `${ms(again)}`);
    }
    return results;
  } finally {
    await store.close();
    await state.close();
  }
}

if (process.argv[1] === import.meta.filename)
  await measureAggregates({ statements: Number(process.argv[2] ?? 100_000), log: report });
