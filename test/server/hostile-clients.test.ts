import fc from 'fast-check';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { server } from '../../src/server/server.ts';
import { sample } from './apps.ts';

/** How many requests are generated: GRAPHWRIGHT_HOSTILE, which the long run sets to 10,000. */
const count = Number(process.env.GRAPHWRIGHT_HOSTILE ?? 300);
const seed = 20_261_121;

let origin: string;
let close: () => Promise<void>;
beforeAll(async () => {
  // A second reader answers the others while one works on a long query.
  const graph = await openEmbedded({ readers: 2 });
  await sample(graph.store);
  const app = await server({ store: graph.store, workflows: [], queryTimeout: 1_500 });
  await app.listen({ host: '127.0.0.1', port: 0 });
  origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  close = async () => {
    await app.close();
    await graph.close();
  };
});
afterAll(() => close());

interface Attack {
  url: string;
  type: string;
  body: string;
}

const query = (body: string): Attack => ({ url: '/query', type: 'application/sparql-query', body });
const update = (body: string): Attack => ({
  url: '/update',
  type: 'application/sparql-update',
  body,
});
const graph = (type: string, body: string): Attack => ({ url: '/store?graph=urn:x', type, body });

const killer = `SELECT * ${'{'.repeat(702)}${'}'.repeat(702)}`;

/** Ways to be deep, long and wide, each as large as it is told. */
const shapes: ((size: number) => Attack)[] = [
  (n) => query(`SELECT * ${'{'.repeat(n)}${'}'.repeat(n)}`),
  (n) => query(`SELECT * { FILTER${'('.repeat(n)}1${')'.repeat(n)} }`),
  (n) => query(`SELECT * { ${'OPTIONAL{'.repeat(n)}${'}'.repeat(n)} }`),
  (n) => query(`SELECT (1${'+1'.repeat(n)} AS ?x) {}`),
  (n) => query(`SELECT * { {} ${'UNION {} '.repeat(n)} }`),
  (n) =>
    query(`SELECT * { ${Array.from({ length: n }, (_, i) => `BIND(${i} AS ?v${i})`).join(' ')} }`),
  (n) => query(`SELECT * { ?s <urn:p>${'/<urn:p>'.repeat(n)} ?o }`),
  (n) => query(`SELECT * { ?s <urn:p> ${'['.repeat(n)} ${']'.repeat(n)} }`),
  (n) => query(`SELECT * { ?s <urn:p> ${'('.repeat(n)}${')'.repeat(n)} }`),
  (n) => query(`SELECT * { FILTER(${'!'.repeat(n)}true) }`),
  (n) => query(`# ${'x'.repeat(n * 40)}\nSELECT * {`),
  (n) => query(`SELECT * ${String.raw`\u007B`.repeat(n)}`),
  (n) =>
    update(
      `INSERT DATA { <urn:s> <urn:p> ${'<<( <urn:s> <urn:p> '.repeat(n)}1${' )>>'.repeat(n)} }`,
    ),
  (n) => update(`DELETE WHERE ${'{'.repeat(n)}`),
  (n) => update(`${'CLEAR SILENT GRAPH <urn:none> ; '.repeat(n)} {`),
  (n) => graph('text/turtle', `<urn:s> <urn:p> ${'['.repeat(n * 10)}`),
  (n) => graph('text/turtle', `<urn:s> <urn:p> ${'('.repeat(n * 10)}`),
];

const bomb = (depth: number) =>
  `<!DOCTYPE r [<!ENTITY a0 "xxxxxxxxxx">${Array.from({ length: depth }, (_, i) => `<!ENTITY a${i + 1} "${`&a${i};`.repeat(10)}">`).join('')}]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:"><rdf:Description><u:p>&a${depth};</u:p></rdf:Description></rdf:RDF>`;

/** Those that cost a thread are sent a few times only. */
const heavy: Attack[] = [
  query(
    `SELECT (STRLEN(?x29) AS ?n) { BIND("xxxxxxxx" AS ?x0) ${Array.from({ length: 29 }, (_, i) => `BIND(CONCAT(?x${i}, ?x${i}) AS ?x${i + 1})`).join(' ')} }`,
  ),
  graph('application/rdf+xml', bomb(9)),
  graph('application/ld+json', `${'{"urn:p":'.repeat(946)}1${'}'.repeat(946)}`),
  graph('application/ld+json', '['.repeat(500_000)),
];

async function send({ url, type, body }: Attack): Promise<number> {
  const method = url.startsWith('/store') ? 'PUT' : 'POST';
  const answer = await fetch(origin + url, { method, headers: { 'content-type': type }, body });
  await answer.arrayBuffer();
  return answer.status;
}

const ask = () => fetch(`${origin}/query?query=ASK%20%7B%7D`).then((answer) => answer.text());
const alive = () => fetch(`${origin}/healthz`).then((answer) => answer.text());

/** The 99th percentile, in milliseconds, of calls one after the other until the promise is settled. */
async function percentile(call: () => Promise<unknown>, until: Promise<unknown>): Promise<number> {
  const over = new AbortController();
  const end = () => over.abort();
  until.then(end, end);
  const times: number[] = [];
  while (!over.signal.aborted || times.length < 100) {
    const begin = performance.now();
    await call();
    times.push(performance.now() - begin);
    await sleep(2);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)]!;
}

describe('T1 T8 T13 hostile texts', () => {
  test(
    'the one of 1.4 KB that kills the engine is refused in under 5 ms',
    { retry: 2 },
    async () => {
      const times: number[] = [];
      for (let round = 0; round < 25; round += 1) {
        const begin = performance.now();
        expect(await send(query(killer))).toBe(400);
        times.push(performance.now() - begin);
      }
      expect(Math.min(...times)).toBeLessThan(5);
    },
  );

  test(
    `of ${count}, generated from ${seed}, none ends a thread or holds other clients`,
    // What it measures, a noisy machine may spoil once.
    { timeout: 40_000 + count * 12, retry: 2 },
    async () => {
      const attacks = fc.sample(
        fc
          .tuple(fc.constantFrom(...shapes), fc.integer({ min: 65, max: 1_500 }))
          .map(([shape, size]) => shape(size)),
        { numRuns: count, seed },
      );
      const quiet = await percentile(ask, sleep(1_500));
      const statuses: Record<number, number> = {};
      const attacking = (async () => {
        for (const attack of attacks) {
          const status = await send(attack);
          statuses[status] = (statuses[status] ?? 0) + 1;
        }
      })();
      const busy = await percentile(ask, attacking);
      await attacking;
      const refused = Object.keys(statuses).filter((status) => Number(status) >= 500);
      expect(refused, JSON.stringify(statuses)).toEqual([]);
      // Below some ten milliseconds a percentile is what the machine happens to do besides.
      expect(busy).toBeLessThan(2 * Math.max(quiet, 15));
    },
  );

  test('T2 T3 T4 T6 those that cost a thread end with an error, and the server lives', async () => {
    for (const attack of heavy) {
      expect([400, 403, 413, 504], attack.body.slice(0, 40)).toContain(await send(attack));
      expect(await ask()).toContain('true');
    }
    const insert = 'INSERT DATA { GRAPH <urn:after> { <urn:s> <urn:p> 1 } }';
    expect(await send(update(insert))).toBe(204);
  });
});

describe('N6 a query without end', () => {
  test(
    'T5 is ended at its timeout, and meanwhile the others and the health check are fast',
    { retry: 2 },
    async () => {
      const names = ['a', 'b', 'c', 'd', 'e', 'f'];
      const values = Array.from({ length: 60 }, (_, index) => index).join(' ');
      const vast = `SELECT (COUNT(*) AS ?n) { ${names.map((name) => `VALUES ?${name} { ${values} }`).join(' ')} }`;
      const quiet = await percentile(ask, sleep(1_000));
      const ended = fetch(`${origin}/query?query=${encodeURIComponent(vast)}`).then((answer) =>
        answer.json(),
      );
      const [busy, health] = await Promise.all([percentile(ask, ended), percentile(alive, ended)]);
      expect(await ended).toMatchObject({ status: 504, code: 'timeout', retriable: true });
      expect(busy).toBeLessThan(5 * Math.max(quiet, 5));
      // On a machine that is busy with other things, what it is without the query tells more.
      expect(health).toBeLessThan(Math.max(50, 3 * quiet));
    },
  );
});
