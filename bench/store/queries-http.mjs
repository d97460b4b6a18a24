// A point query through the port beside raw Oxigraph in this thread; selective queries over HTTP from another
// process beside the raw engine's rate, and beside a bare node:http server that sends the same bytes without
// asking anything; and all of it, with /healthz, while a query runs that never ends.
//
// node queries-http.mjs [STATEMENTS...]
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
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

const json = 'application/sparql-results+json';
const options = { results_format: json, use_default_graph_as_union: true };

/** Connections at once: as few as there are readers, and enough to keep both of them busy. */
const crowds = [2, 8, 16];

async function loaded(statements) {
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

/** What HTTP costs on this machine by itself: answers of the same lengths, in turn. */
async function bare(raw) {
  const answers = selective.map((query) => Buffer.from(raw.query(query(7), options)));
  let asked = 0;
  const app = createServer((_request, response) => {
    const body = answers[(asked += 1) % answers.length];
    response.setHeader('content-type', json);
    response.setHeader('content-length', body.length);
    response.end(body);
  });
  await new Promise((listening) => app.listen(0, '127.0.0.1', listening));
  return { base: `http://127.0.0.1:${app.address().port}`, close: () => app.close() };
}

/** The latencies that a client process sees. */
function client(settings) {
  const script = fileURLToPath(new URL('http-client.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
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

async function measurePort({ raw, store, count, rounds, log }) {
  const here = [];
  const port = [];
  for (let n = 0; n < 300 * rounds; n += 1) {
    const text = point((n * 7919) % count);
    here.push(await timed(async () => raw.query(text, options)));
    port.push(await timed(() => store.select(sparqlText(text))));
  }
  const extra = median(port) - median(here);
  const detail = `${ms(median(port))} and ${ms(median(here))}`;
  log('point query, port minus raw, in ms', extra, atMost(0.3), detail);
  return extra;
}

async function measureRates({ raw, base, count, milliseconds, rounds, log }) {
  const floor = await bare(raw);
  const rate = async (settings) => {
    const answered = await client({ products: count, milliseconds: milliseconds / 2, ...settings });
    return (answered.length / milliseconds) * 2000;
  };
  await rate({ base, connections: 8 });
  const ratios = [];
  for (const connections of crowds) {
    const rates = { raw: [], http: [], bare: [] };
    for (let round = 0; round < rounds; round += 1) {
      let asked = 0;
      const spent = await timed(async () => {
        for (; asked < 5000; asked += 1)
          raw.query(selective[asked % selective.length]((asked * 7919) % count), options);
      });
      rates.raw.push((asked / spent) * 1000);
      rates.http.push(await rate({ base, connections }));
      rates.bare.push(await rate({ base: floor.base, connections }));
    }
    const [engine, ours, ceiling] = [rates.raw, rates.http, rates.bare].map(median);
    const detail = `${ours.toFixed(0)} and ${engine.toFixed(0)} a second; without a query ${ceiling.toFixed(0)}, which is ${(ceiling / engine).toFixed(2)}`;
    log(
      `selective queries over ${connections} connections / raw`,
      ours / engine,
      atLeast(0.6),
      detail,
    );
    ratios.push(ours / engine);
  }
  floor.close();
  return ratios;
}

async function measureBusy({ store, base, count, milliseconds, log }) {
  const settings = { base, products: count, connections: 1, milliseconds };
  const quiet = await client(settings);
  const ended = store.select(sparqlText(endless), { timeout: milliseconds + 1000 }).then(
    () => 'answered',
    ({ code }) => code,
  );
  const [busy, health] = await Promise.all([
    client(settings),
    client({ ...settings, path: '/healthz' }),
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
  return { worse, alive, outcome };
}

export async function measureQueries({
  statements = 100_000,
  milliseconds = 3000,
  rounds = 5,
  log = () => {},
} = {}) {
  const { raw, store, close } = await loaded(statements);
  const app = await server({ store, workflows: [] });
  const base = await app.listen({ port: 0, host: '127.0.0.1' });
  const settings = { raw, store, base, count: statements / 10, milliseconds, rounds, log };
  try {
    const extra = await measurePort(settings);
    const ratios = await measureRates(settings);
    return { extra, ratios, ...(await measureBusy(settings)) };
  } finally {
    await app.close();
    await close();
  }
}

if (process.argv[1] === import.meta.filename) {
  const sizes = process.argv.slice(2).map(Number);
  for (const statements of sizes.length > 0 ? sizes : [20_000, 200_000]) {
    console.log(`${statements} statements`);
    await measureQueries({ statements, log: report });
  }
}
