import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { factory, iri } from '../../src/ontology/terms.ts';
import type { ProblemDetails } from '../../src/workflows/expose/problem.ts';
import { testApp, type TestApp } from './apps.ts';

const graph = iri('urn:long');
const count = 20_000;
const megabyte = 1024 * 1024;
const limits = { rows: 25_000, bytes: 8 * megabyte };

let kit: TestApp;
let origin: string;
const sockets = new Set<Socket>();

beforeAll(async () => {
  kit = await testApp({ limits });
  await kit.app.listen({ host: '127.0.0.1', port: 0 });
  kit.app.server.on('connection', (socket: Socket) => sockets.add(socket));
  origin = `http://127.0.0.1:${(kit.app.server.address() as AddressInfo).port}`;
  const filler = 'x'.repeat(200);
  const quads = Array.from({ length: count }, (_, index) =>
    factory.quad(iri(`urn:s${index}`), iri('urn:p'), factory.literal(`${index} ${filler}`)),
  );
  await kit.store.insert(graph, quads);
});
afterAll(() => kit[Symbol.asyncDispose]());

const address = (query: string) => `${origin}/query?query=${encodeURIComponent(query)}`;
const all = 'SELECT ?s ?o { ?s ?p ?o }';
const vast = `SELECT (COUNT(*) AS ?n) { ${'?a ?b ?c . ?d ?e ?f . ?g ?h ?i .'} }`;

async function open(url: string, headers: Record<string, string>): Promise<IncomingMessage> {
  const outgoing = request(url, { headers, agent: false }).end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return response;
}

describe('T7 a long answer', () => {
  test.each([
    ['a table', () => address(all), 'text/csv', 'urn:s19999,'],
    [
      'a graph',
      () => address('CONSTRUCT WHERE { ?s ?p ?o }'),
      'application/n-triples',
      '<urn:s19999>',
    ],
    ['an export', () => `${origin}/store?graph=urn:long`, 'application/n-triples', '<urn:s19999>'],
    [
      'an export by the engine',
      () => `${origin}/store?graph=urn:long`,
      'application/rdf+xml',
      'urn:s19999"',
    ],
  ])('waits for a client that reads slowly: %s', async (_, url, accept, last) => {
    sockets.clear();
    const response = await open(url(), { accept });
    expect(response.statusCode).toBe(200);
    response.pause();
    await sleep(300);
    // What the kernel does not take waits with its maker, not in the connection.
    for (const socket of sockets) expect(socket.writableLength).toBeLessThan(megabyte);
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    response.resume();
    await once(response, 'end');
    expect(text.length).toBeGreaterThan(4 * megabyte);
    expect(text).toContain(last);
    const sent = Buffer.byteLength(text);
    expect(Number(response.headers['content-length'] ?? sent)).toBe(sent);
  });

  test('of too many rows or bytes is refused with what to do', async () => {
    const cross = 'SELECT ?p { ?s ?p ?o . ?a ?b ?c }';
    for (const format of ['text/csv', 'application/sparql-results+json']) {
      const answer = await fetch(address(cross), { headers: { accept: format } });
      expect([answer.status, ((await answer.json()) as ProblemDetails).code]).toEqual([
        413,
        'too_large',
      ]);
    }
    const wide = 'CONSTRUCT { ?s ?p ?o ; <urn:q> ?o } WHERE { ?s ?p ?o }';
    const answer = await fetch(address(wide), { headers: { accept: 'application/n-triples' } });
    expect(await answer.json()).toMatchObject({
      status: 413,
      detail: expect.stringContaining('LIMIT'),
    });
    const part = await fetch(address(`${cross} LIMIT 10 OFFSET 25000`), {
      headers: { accept: 'text/csv' },
    });
    expect((await part.text()).trim().split('\n')).toHaveLength(11);
  });
});

describe('T5 a client that goes away', () => {
  test('ends its query, so that others need not wait for it', async () => {
    const leave = new AbortController();
    const asked = fetch(address(vast), { signal: leave.signal }).catch(() => 'left');
    await sleep(200);
    leave.abort();
    expect(await asked).toBe('left');
    const begin = performance.now();
    expect((await fetch(address('ASK {}'))).status).toBe(200);
    expect(performance.now() - begin).toBeLessThan(5_000);
  });

  test('ends its export, and takes nothing with it', async () => {
    const response = await open(`${origin}/store?graph=urn:long`, { accept: 'text/turtle' });
    response.destroy();
    await sleep(100);
    expect((await fetch(address('ASK {}'))).status).toBe(200);
  });
});
