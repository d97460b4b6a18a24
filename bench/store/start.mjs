// Opening a store of a million statements beside one load of the same text by raw Oxigraph, and the memory of
// one more copy; each in a process of its own, alternating.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { atMost, chunked, inDirectory, median, products, report, timed } from './measure.mjs';

const settings = { format: 'application/n-quads' };
const megabytes = () => process.memoryUsage().rss / 2 ** 20;

/** What a process of its own does, and prints as JSON. */
const tasks = {
  /** Fills a data directory and makes its snapshot. */
  async fill(directory, statements) {
    const { openEmbedded } = await import('../../dist/ontology/embedded/open-embedded.js');
    const { quads } = await import('../../dist/ontology/embedded/results.js');
    const { graph } = await import('./measure.mjs');
    const { store, close } = await openEmbedded({ directory, readers: 1 });
    for (const text of chunked(products(statements))) await store.insert(graph, quads(text));
    await store.snapshot();
    await close();
  },
  async raw(_, statements) {
    const { Store } = await import('oxigraph');
    const texts = [...chunked(products(statements))];
    const before = megabytes();
    const store = new Store();
    const time = await timed(async () => texts.forEach((text) => store.load(text, settings)));
    return { time, memory: megabytes() - before };
  },
  async open(directory, _, readers) {
    const { openEmbedded } = await import('../../dist/ontology/embedded/open-embedded.js');
    const { sparql } = await import('../../dist/ontology/sparql.js');
    let graph;
    const time = await timed(async () => (graph = await openEmbedded({ directory, readers })));
    // The writer and the readers after the first come while that one answers.
    await graph.store.update(sparql`CLEAR SILENT GRAPH <urn:none>`);
    await new Promise((resolve) => setTimeout(resolve, 2 * time));
    const memory = megabytes();
    await graph.close();
    return { time, memory };
  },
};

const inProcess = (...task) =>
  JSON.parse(
    execFileSync(process.execPath, [import.meta.filename, JSON.stringify(task)]).toString() ||
      'null',
  );

const of = (results, what) => median(results.map((result) => result[what]));

export function measureStart({ statements = 1_000_000, rounds = 3, log = () => {} } = {}) {
  return inDirectory(async (directory) => {
    const data = join(directory, 'data');
    inProcess('fill', data, statements);
    const raw = [];
    const one = [];
    const two = [];
    for (let round = 0; round < rounds; round += 1) {
      raw.push(inProcess('raw', data, statements));
      one.push(inProcess('open', data, statements, 1));
      two.push(inProcess('open', data, statements, 2));
    }
    const start = of(two, 'time') / of(raw, 'time');
    const copy = (of(two, 'memory') - of(one, 'memory')) / of(raw, 'memory');
    log(
      `opening ${statements} statements / raw load`,
      start,
      atMost(1.1),
      `${of(two, 'time').toFixed(0)} and ${of(raw, 'time').toFixed(0)} ms`,
    );
    log(
      'memory of one more reader / raw',
      copy,
      atMost(1.2),
      `${(of(two, 'memory') - of(one, 'memory')).toFixed(0)} and ${of(raw, 'memory').toFixed(0)} MiB`,
    );
    return { start, copy };
  });
}

if (process.argv[1] === import.meta.filename) {
  const [task, ...given] = process.argv[2]?.startsWith('[') ? JSON.parse(process.argv[2]) : [];
  if (task) console.log(JSON.stringify((await tasks[task](...given)) ?? null));
  else await measureStart({ statements: Number(process.argv[2] ?? 1_000_000), log: report });
}
