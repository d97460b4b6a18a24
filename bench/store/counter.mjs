// One counter is updated again and again. Oxigraph never frees what is removed, so the raw engine gets slower
// with every update; the store renews its engines. First and last updates and queries, in memory, so that the
// disk does not hide the engine.
import { Store } from 'oxigraph';
import { EmbeddedStore } from '../../dist/ontology/embedded/embedded-store.js';
import { openStateFile } from '../../dist/ontology/embedded/state-file.js';
import { sparqlText } from '../../dist/ontology/sparql.js';
import { atMost, median, ms, report, timed } from './measure.mjs';

const counter = '<http://example.org/counter> <http://example.org/value>';
const increment = `DELETE { GRAPH <http://example.org/graph> { ${counter} ?n } }
  INSERT { GRAPH <http://example.org/graph> { ${counter} ?m } }
  WHERE { GRAPH <http://example.org/graph> { ${counter} ?n } BIND(?n + 1 AS ?m) }`;
const value = `SELECT ?n { ${counter} ?n }`;
const start = `INSERT DATA { GRAPH <http://example.org/graph> { ${counter} 0 } }`;
const sample = 400;

/** The medians of the first and of the last updates and queries of so many. */
async function firstAndLast(updates, update, query) {
  const first = { update: [], query: [] };
  const last = { update: [], query: [] };
  // What is compiled on the way is not what is measured.
  for (let n = 0; n < sample; n += 1) {
    await update();
    await query();
  }
  for (let n = 0; n < updates; n += 1) {
    const into = n < sample ? first : n >= updates - sample ? last : undefined;
    if (!into) {
      await update();
      continue;
    }
    into.update.push(await timed(update));
    into.query.push(await timed(query));
  }
  const grown = (what) => median(last[what]) / median(first[what]);
  return { update: grown('update'), query: grown('query'), first, last };
}

export async function measureCounter({ updates = 100_000, raw = true, log = () => {} } = {}) {
  const state = await openStateFile({ path: ':memory:' });
  const store = await EmbeddedStore.open({ state, readers: 1 });
  try {
    await store.update(sparqlText(start));
    const ours = await firstAndLast(
      updates,
      () => store.update(sparqlText(increment)),
      () => store.select(sparqlText(value)),
    );
    const [row] = await store.select(sparqlText(value));
    for (const what of ['update', 'query'])
      log(
        `${what} after ${updates} updates of one counter / at first`,
        ours[what],
        atMost(1.5),
        `${ms(median(ours.last[what]))} and ${ms(median(ours.first[what]))}`,
      );
    if (raw) {
      const engine = new Store();
      engine.update(start);
      const theirs = await firstAndLast(
        updates,
        async () => engine.update(increment),
        async () => engine.query(value, { use_default_graph_as_union: true }),
      );
      for (const what of ['update', 'query'])
        log(
          `the same ${what} in raw Oxigraph`,
          theirs[what],
          undefined,
          `${ms(median(theirs.last[what]))} and ${ms(median(theirs.first[what]))}`,
        );
    }
    return { ...ours, value: Number(row.n.value) };
  } finally {
    await store.close();
    await state.close();
  }
}

if (process.argv[1] === import.meta.filename)
  await measureCounter({ updates: Number(process.argv[2] ?? 100_000), log: report });
