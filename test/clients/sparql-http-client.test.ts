import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import ParsingClient from 'sparql-http-client/ParsingClient.js';
import StreamClient from 'sparql-http-client/StreamClient.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Quad, Term } from '@rdfjs/types';
import { factory, iri, xsd } from '../../src/ontology/terms.ts';
import { testApp, type TestApp } from '../server/apps.ts';

const apiKey = 'correct-horse-battery';

let kit: TestApp;
let urls: { endpointUrl: string; updateUrl: string; storeUrl: string };
beforeAll(async () => {
  kit = await testApp({ apiKey });
  await kit.app.listen({ host: '127.0.0.1', port: 0 });
  const origin = `http://127.0.0.1:${(kit.app.server.address() as AddressInfo).port}`;
  urls = {
    endpointUrl: `${origin}/query`,
    updateUrl: `${origin}/update`,
    storeUrl: `${origin}/store`,
  };
});
afterAll(() => kit[Symbol.asyncDispose]());

const headers = { authorization: `Bearer ${apiKey}` };
const graph = iri('urn:g');
const statement = (value: string) =>
  factory.quad(iri('urn:s'), iri('urn:p'), factory.literal(value, xsd('int')));

describe('A10 sparql-http-client', () => {
  test('updates, and reads tables, graphs and answers', async () => {
    const client = new ParsingClient({ ...urls, headers });
    await client.query.update('INSERT DATA { GRAPH <urn:a> { <urn:s> <urn:p> "é", 2 } }');
    const rows = await client.query.select('SELECT ?o { GRAPH <urn:a> { ?s ?p ?o } } ORDER BY ?o');
    expect(rows.map(({ o }: Record<string, Term>) => o!.value).toSorted()).toEqual(['2', 'é']);
    expect(await client.query.ask('ASK { <urn:s> <urn:p> 2 }')).toBe(true);
    const quads = await client.query.construct('CONSTRUCT { ?s <urn:q> ?o } { ?s ?p ?o }');
    expect([...quads]).toHaveLength(2);
  });

  test('streams, and reads and writes graphs', async () => {
    const client = new StreamClient({ ...urls, headers });
    await client.store.put(Readable.from([statement('01'), statement('2')]), { graph });
    await client.store.post(Readable.from([statement('3')]), { graph });
    const found: Quad[] = await client.store.get(graph).toArray();
    expect(found.map(({ object }) => object.value).toSorted()).toEqual(['01', '2', '3']);
    const rows: Record<string, Term>[] = await client.query
      .select('SELECT ?o { GRAPH <urn:g> { ?s ?p ?o } }')
      .toArray();
    expect(rows).toHaveLength(3);
  });

  test('is told by status and text what was wrong', async () => {
    const client = new ParsingClient({ ...urls, headers });
    await expect(client.query.select('SELECT {')).rejects.toThrow(/400|Bad Request/);
    const stranger = new ParsingClient(urls);
    await expect(stranger.query.ask('ASK {}')).rejects.toThrow(/401|Unauthorized/);
  });
});
