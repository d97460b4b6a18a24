// A point query through the port beside raw Oxigraph in this thread; selective queries over HTTP from another
// process beside the raw engine's rate; and both, with /healthz, while a query runs that never ends.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Store } from 'oxigraph';
import { EmbeddedStore } from '../../dist/ontology/embedded/embedded-store.js';
import { openStateFile } from '../../dist/ontology/embedded/state-file.js';
import { quads } from '../../dist/ontology/embedded/results.js';
import { sparqlText } from '../../dist/ontology/sparql.js';
import { server } from '../../dist/server/server.js';
import {
  atLeast,
  atMost,
  chunked,
  graph,
  median,
  ms,
  products,
  quantile,
  report,
  timed,
} from './measure.mjs';
import { endless, point, selective } from './queries.mjs';

const statements = 100_000;
const count = statements / 10;
const options = {
  results_format: 'application/sparql-results+json',
  use_default_graph_as_union: true,
};

async function loaded() {
  const raw = new Store();
  const state = await openStateFile({ path: ':memory:' });
  const store = await EmbeddedStore.open({ state });
  for (const text of chunked(products(statements))) {
    raw.load(text, { format: 'application/n-quads' });
    await store.insert(graph, quads(text));
  }
  const close = async () => {
    await store.close();
    await state.close();
  };
  return { raw, store, close };
}

/** The latencies that a client process sees. */
function client(settings) {
  const script = fileURLToPath(new URL('http-client.mjs', import.meta.url));
  const child = spawn(
    process.execPath,
    [script, JSON.stringify({ products: count, ...settings })],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (some) => (text += some));
    child
      .on('error', reject)
      .on('close', (code) =>
        code === 0 ? resolve(JSON.parse(text)) : reject(new Error('The client failed')),
      );
  });
}

export async function measureQueries({ milliseconds = 3000, rounds = 5, log = () => {} } = {}) {
  const { raw, store, close } = await loaded();
  const app = await server({ store, workflows: [] });
  const base = await app.listen({ port: 0, host: '127.0.0.1' });
  try {
    const here = [];
    const port = [];
    const rates = { raw: [], http: [] };
    for (let round = 0; round < rounds; round += 1) {
      for (let n = 0; n < 300; n += 1) {
        const text = point((n * 7919 + round) % count);
        here.push(await timed(async () => raw.query(text, options)));
        port.push(await timed(() => store.select(sparqlText(text))));
      }
      let asked = 0;
      const spent = await timed(async () => {
        for (; asked < 3000; asked += 1)
          raw.query(selective[asked % selective.length]((asked * 7919) % count), options);
      });
      rates.raw.push((asked / spent) * 1000);
      const answered = await client({ base, connections: 2, milliseconds: milliseconds / 2 });
      rates.http.push((answered.length / milliseconds) * 2000);
    }
    const extra = median(port) - median(here);
    log(
      'point query, port minus raw, in ms',
      extra,
      atMost(0.3),
      `${ms(median(port))} and ${ms(median(here))}`,
    );
    const rate = median(rates.http) / median(rates.raw);
    log(
      'selective queries over HTTP / raw',
      rate,
      atLeast(0.6),
      `${median(rates.http).toFixed(0)} and ${median(rates.raw).toFixed(0)} a second, two connections`,
    );

    const quiet = await client({ base, connections: 1, milliseconds });
    const ended = store.select(sparqlText(endless), { timeout: milliseconds + 1000 }).then(
      () => 'answered',
      ({ code }) => code,
    );
    const [busy, health] = await Promise.all([
      client({ base, connections: 1, milliseconds }),
      client({ base, connections: 1, milliseconds, path: '/healthz' }),
    ]);
    const outcome = await ended;
    const worse = quantile(busy, 0.99) / quantile(quiet, 0.99);
    const alive = quantile(health, 0.99);
    log(
      '99th percentile beside an endless query / quiet',
      worse,
      atMost(5),
      `${ms(quantile(busy, 0.99))} and ${ms(quantile(quiet, 0.99))}; it was ended with ${outcome}`,
    );
    log(
      '/healthz beside an endless query, 99th percentile in ms',
      alive,
      atMost(50),
      `the slowest took ${ms(Math.max(...health))}`,
    );
    return { extra, rate, worse, alive, outcome };
  } finally {
    await app.close();
    await close();
  }
}

if (process.argv[1] === import.meta.filename) await measureQueries({ log: report });
