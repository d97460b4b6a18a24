import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadConfiguration, redacted } from '../../src/configuration.ts';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { parseShapes } from '../../src/ontology/shapes/parse-shapes.ts';
import { RemoteStore } from '../../src/ontology/remote/remote-store.ts';
import { sparql, sparqlText } from '../../src/ontology/sparql.ts';
import { graphName } from '../../src/ontology/terms.ts';
import { parseTurtle } from '../../src/ontology/turtle.ts';
import { assertGuarded } from '../../src/server/api-key.ts';
import { server } from '../../src/server/server.ts';
import { testKit } from '../../src/testing/index.ts';
import { EmbeddedRuns } from '../../src/workflows/runs/embedded-runs.ts';
import { Workflow, type AnyWorkflow, type Run } from '../../src/workflows/workflow.ts';
import { blocksOf } from '../support/documents.ts';
import { testApp, type TestApp } from './apps.ts';

const master = 'the-one-key-that-may-do-all';
const annKey = 'the-key-of-ann-0123456789';
const bobKey = 'the-key-of-bob-0123456789';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const ann = {
  name: 'ann',
  keyHash: sha256(annKey),
  read: ['x:shared'],
  write: ['x:ann/*'],
  workflows: ['wait_for_it'],
};
const bob = { name: 'bob', key: bobKey, read: [], write: ['x:bob/*'], workflows: ['*'] };

/** All that nobody but Bob and the holder of the one key may learn of. */
const secret = /secret|x:bob/;

const content = `INSERT DATA {
  <x:thing> <x:in> "the default secret" .
  GRAPH <x:shared> { <x:thing> <x:in> "shared" }
  GRAPH <x:ann/1> { <x:thing> <x:in> "ann" ; <x:next> <x:end> . <x:end> <x:in> "ann end" }
  GRAPH <x:bob/1> { <x:thing> <x:in> "bob's secret" ; <x:next> <x:bobs> . <x:bobs> a <x:Secret> ; <x:in> "secret end" }
  GRAPH <urn:bob> { <x:s> <x:in> "secret" }
}`;

type Sent = { method?: string; url: string; body?: string; type?: string; headers?: object };

describe('a key with rights', () => {
  let kit: TestApp;
  beforeAll(async () => {
    kit = await testApp({ apiKey: master, keys: [ann, bob] });
    await kit.app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(() => kit[Symbol.asyncDispose]());
  beforeEach(async () => {
    await kit.store.update(sparqlText(`DROP ALL ; ${content}`));
  });

  async function send(
    key: string,
    { method = 'GET', url, body, type = 'text/turtle', headers }: Sent,
  ) {
    const answer = await kit.app.inject({
      method: method as 'GET',
      url,
      payload: body,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': type }),
        ...headers,
      },
    });
    return { status: answer.statusCode, body: answer.body, headers: answer.headers };
  }

  const ask = (key: string, text: string, parameters = '') =>
    send(key, { url: `/query?query=${encodeURIComponent(text)}${parameters}` });
  const update = (key: string, text: string, parameters = '') =>
    send(key, {
      method: 'POST',
      url: `/update${parameters}`,
      body: text,
      type: 'application/sparql-update',
    });
  const everything = async () =>
    (
      await ask(
        master,
        'SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } } ORDER BY ?g ?s ?p ?o',
      )
    ).body;

  describe('T10 reads nothing else', () => {
    test.each([
      ['GRAPH ?g', 'SELECT ?o { GRAPH ?g { <x:thing> <x:in> ?o } }', ['ann', 'shared']],
      ['the union default graph', 'SELECT ?o { <x:thing> <x:in> ?o }', ['ann', 'shared']],
      ['GRAPH of another', 'SELECT ?o { GRAPH <x:bob/1> { ?s ?p ?o } }', []],
      ['FROM another', 'SELECT ?o FROM <x:bob/1> { ?s ?p ?o }', []],
      ['FROM one of its own', 'SELECT ?o FROM <x:shared> { <x:thing> <x:in> ?o }', ['shared']],
      ['FROM both', 'SELECT ?o FROM <x:shared> FROM <x:bob/1> { <x:thing> <x:in> ?o }', ['shared']],
      ['FROM by a prefix', 'PREFIX b: <x:bob/> SELECT ?o FROM b:1 { ?s ?p ?o }', []],
      ['FROM NAMED', 'SELECT ?o FROM NAMED <x:bob/1> { GRAPH ?g { ?s ?p ?o } }', []],
      [
        'a property path',
        'SELECT ?o { <x:thing> <x:next>*/<x:in> ?o }',
        ['ann', 'ann end', 'shared'],
      ],
      ['a negated path', 'SELECT ?o { <x:bobs> !<x:none> ?o }', []],
      ['a subquery', 'SELECT ?o { { SELECT * { GRAPH <x:bob/1> { ?s ?p ?o } } } }', []],
      ['EXISTS', 'SELECT ?o { BIND(EXISTS { GRAPH <x:bob/1> { ?s ?p ?q } } AS ?o) }', ['false']],
      ['names of graphs', 'SELECT ?o { GRAPH ?o {} }', ['x:ann/1', 'x:shared']],
      ['a count', 'SELECT (COUNT(*) AS ?o) { ?s ?p ?x }', ['4']],
    ])('%s', async (_, text, expected) => {
      const { status, body } = await ask(annKey, text);
      expect([status, rowsOf(body)]).toEqual([200, expected]);
      expect(body).not.toMatch(secret);
      // There is more to be found, or it would prove nothing.
      expect(rowsOf((await ask(master, text)).body)).not.toEqual(expected);
    });

    test('FROM that is hidden in escapes is refused', async () => {
      const { status } = await ask(annKey, 'SELECT ?o \\u0046ROM <x:bob/1> { ?s ?p ?o }');
      expect(status).toBe(400);
    });

    test.each([
      '&default-graph-uri=x:bob/1',
      '&default-graph-uri=x:bob/1&default-graph-uri=x:ann/1',
      '&named-graph-uri=x:bob/1',
      '&named-graph-uri=x:bob/1&named-graph-uri=urn:bob',
    ])('by %s', async (parameters) => {
      const text = 'SELECT ?o { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }';
      const { status, body } = await ask(annKey, text, parameters);
      expect(status).toBe(200);
      expect(body).not.toMatch(secret);
    });

    test.each([
      'CONSTRUCT { ?s ?p ?o . ?g <x:seen> true } { GRAPH ?g { ?s ?p ?o } }',
      'CONSTRUCT WHERE { ?s ?p ?o }',
      'DESCRIBE <x:thing>',
      'DESCRIBE ?s { GRAPH ?g { ?s ?p ?o } }',
    ])('%s', async (text) => {
      const { status, body } = await ask(annKey, text);
      expect(status).toBe(200);
      expect(body).toContain('ann');
      expect(body).not.toMatch(secret);
    });

    test('SERVICE is refused', async () => {
      const { status } = await ask(
        annKey,
        'SELECT * { SERVICE <http://127.0.0.1:1/query> { ?s ?p ?o } }',
      );
      expect(status).toBe(403);
    });

    test('an answer that was remembered for one key is not given to another', async () => {
      const text =
        'SELECT (COUNT(*) AS ?o) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?q }';
      const counts = [];
      for (const key of [master, annKey, bobKey, master]) counts.push((await ask(key, text)).body);
      expect(counts.map((body) => rowsOf(body)[0])).toEqual(['100000', '1024', '1024', '100000']);
    });

    test('/store says of a foreign graph what it says of one that is not there', async () => {
      for (const method of ['GET', 'HEAD']) {
        const [foreign, missing] = await Promise.all(
          ['x:bob/1', 'x:bob/9'].map((graph) =>
            send(annKey, { method, url: `/store?graph=${graph}` }),
          ),
        );
        expect([foreign!.status, missing!.status]).toEqual([404, 404]);
        expect(foreign!.body.replace('bob/1', 'bob/9')).toBe(missing!.body);
        expect(foreign!.headers.etag).toBeUndefined();
      }
      const own = await send(annKey, { url: '/store?graph=x:ann/1' });
      expect([own.status, own.body]).toEqual([200, expect.stringContaining('ann end')]);
    });

    test('/store?default is empty for who may not read it, and its version tells nothing', async () => {
      const before = await send(annKey, { url: '/store?default' });
      expect([before.status, before.body.trim()]).toEqual([200, '']);
      await kit.store.update(sparql`INSERT DATA { <x:more> <x:in> "secret" }`);
      const after = await send(annKey, { url: '/store?default' });
      expect(after.headers.etag).toBe(before.headers.etag);
    });

    test('/subjects follows no foreign statement', async () => {
      const { body } = await send(annKey, { url: '/subjects?iri=x:thing&depth=5' });
      expect(body).toContain('ann end');
      expect(body).not.toMatch(secret);
      expect((await send(annKey, { url: '/subjects?iri=x:bobs' })).status).toBe(404);
      expect((await send(bobKey, { url: '/subjects?iri=x:bobs' })).status).toBe(200);
    });

    test('/mcp tells of no foreign statement', async () => {
      const read = async (key: string, uri: string) => {
        const message = { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri } };
        const address = kit.app.listeningOrigin;
        const answer = await fetch(`${address}/mcp`, {
          method: 'POST',
          body: JSON.stringify(message),
          headers: {
            authorization: `Bearer ${key}`,
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
            'mcp-protocol-version': '2025-06-18',
          },
        });
        return answer.text();
      };
      const uri = 'graph://subject?iri=x:thing&depth=5';
      expect(await read(bobKey, uri)).toMatch(secret);
      const told = await read(annKey, uri);
      expect(told).toContain('ann end');
      expect(told).not.toMatch(secret);
      expect(await read(annKey, 'graph://subject?iri=x:bobs')).toContain('error');
    });

    test('VoID and the service description count and name only what it may read', async () => {
      for (const url of ['/.well-known/void', '/sparql']) {
        await send(master, { url });
        const { status, body } = await send(annKey, { url });
        expect([url, status]).toEqual([url, 200]);
        expect(body).not.toMatch(/Secret|x:bob|urn:bob/);
      }
      const count = (body: string) => /void:triples (\d+)/.exec(body)?.[1];
      expect(count((await send(annKey, { url: '/.well-known/void' })).body)).toBe('4');
      expect(count((await send(bobKey, { url: '/.well-known/void' })).body)).toBe('4');
      expect(Number(count((await send(master, { url: '/.well-known/void' })).body))).toBe(10);
    });

    test('an ETag of one key is not one of another', async () => {
      const tags = await Promise.all(
        [annKey, bobKey, master].map(async (key) => (await ask(key, 'ASK {}')).headers.etag),
      );
      expect(new Set(tags).size).toBe(3);
      const url = `/query?query=${encodeURIComponent('ASK {}')}`;
      const statusWith = async (tag: unknown) =>
        (await send(annKey, { url, headers: { 'if-none-match': tag } })).status;
      expect([await statusWith(tags[0]), await statusWith(tags[2])]).toEqual([304, 200]);
    });

    test('/changes tells of others nothing', async () => {
      const address = kit.app.listeningOrigin;
      const leaving = new AbortController();
      const { position } = kit.store as unknown as { position: number };
      const authorization = `Bearer ${annKey}`;
      const signal = AbortSignal.any([leaving.signal, AbortSignal.timeout(20_000)]);
      const answer = await fetch(`${address}/changes?after=${position}`, {
        headers: { authorization },
        signal,
      });
      await kit.store.update(sparql`INSERT DATA {
        GRAPH <x:bob/1> { <x:new> <x:in> "secret" }
        GRAPH <x:ann/1> { <x:new> <x:in> "for ann" }
      }`);
      await kit.store.update(sparql`DELETE DATA { GRAPH <x:bob/1> { <x:new> <x:in> "secret" } }`);
      await kit.store.update(sparql`INSERT DATA { GRAPH <x:ann/1> { <x:new> <x:in> "the end" } }`);
      let text = '';
      for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        if (text.includes('the end')) break;
      }
      leaving.abort();
      expect(text).toContain('for ann');
      expect(text.match(/event: change/g)).toHaveLength(2);
      expect(text).not.toMatch(secret);
    });
  });

  describe('T11 writes nothing else', () => {
    test.each([
      'DROP ALL',
      'CLEAR ALL',
      'DROP NAMED',
      'DROP SILENT ALL',
      'DROP DEFAULT',
      'DROP GRAPH <x:bob/1>',
      'CLEAR SILENT GRAPH <x:bob/1>',
      'DROP SILENT GRAPH <x:bob/none>',
      'MOVE <x:bob/1> TO <x:ann/2>',
      'MOVE SILENT <x:bob/1> TO <x:ann/2>',
      'MOVE <x:ann/1> TO <x:bob/1>',
      'MOVE DEFAULT TO <x:ann/2>',
      'COPY <x:ann/1> TO <x:bob/1>',
      'COPY <x:ann/1> TO DEFAULT',
      'ADD <x:ann/1> TO <x:bob/2>',
      'MOVE <x:shared> TO <x:ann/2>',
      'CREATE GRAPH <x:bob/2>',
      'CREATE SILENT GRAPH <x:bob/1>',
      'INSERT DATA { GRAPH <x:bob/1> { <x:a> <x:b> 1 } }',
      'INSERT DATA { <x:a> <x:b> 1 }',
      'INSERT DATA { GRAPH <x:shared> { <x:a> <x:b> 1 } }',
      `INSERT DATA { GRAPH <x:bob/1> { <x:thing> <x:in> "bob's secret" } }`,
      'INSERT DATA { GRAPH <x:ann/1> { <x:a> <x:b> 1 } GRAPH <x:bob/1> { <x:a> <x:b> 1 } }',
      'DELETE DATA { GRAPH <x:bob/1> { <x:thing> <x:in> "not there" } }',
      'WITH <x:bob/1> INSERT { <x:a> <x:b> 1 } WHERE {}',
      'WITH <x:bob/1> DELETE { <x:thing> <x:next> <x:bobs> } WHERE {}',
      'DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }',
      'INSERT { GRAPH ?g { <x:a> <x:b> 1 } } WHERE { BIND(IRI("x:bob/1") AS ?g) }',
      'INSERT DATA { GRAPH <x:ann/1> { <x:a> <x:b> 1 } } ; DROP GRAPH <x:bob/1>',
      'LOAD <http://127.0.0.1:1/x> INTO GRAPH <x:bob/1>',
    ])('403: %s', async (text) => {
      const before = await everything();
      const { status, body } = await update(annKey, text);
      expect([status, JSON.parse(body)]).toEqual([
        403,
        expect.objectContaining({ code: 'forbidden' }),
      ]);
      expect(await everything()).toBe(before);
      // What the caller did not say itself is not said to it.
      expect(text.includes('bob') || !secret.test(body)).toBe(true);
    });

    test('the graph is named', async () => {
      const { body } = await update(annKey, 'INSERT DATA { GRAPH <x:bob/1> { <x:a> <x:b> 1 } }');
      expect(JSON.parse(body).detail).toContain('<x:bob/1>');
    });

    test('T10 what an update reads is what it may read', async () => {
      for (const [text, parameters] of [
        ['COPY DEFAULT TO <x:ann/2>'],
        ['INSERT { GRAPH <x:ann/2> { ?s ?p ?o } } USING <x:bob/1> WHERE { ?s ?p ?o }'],
        [
          'INSERT { GRAPH <x:ann/2> { ?s ?p ?o } } USING NAMED <x:bob/1> WHERE { GRAPH ?g { ?s ?p ?o } }',
        ],
        ['INSERT { GRAPH <x:ann/2> { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }'],
        ['INSERT { GRAPH <x:ann/2> { ?s ?p ?o } } WHERE { ?s ?p ?o }'],
        ['INSERT { GRAPH <x:ann/2> { ?s ?p ?o } } WHERE { ?s ?p ?o }', '?using-graph-uri=x:bob/1'],
        ['WITH <x:bob/1> INSERT { GRAPH <x:ann/2> { ?s ?p ?o } } WHERE { ?s ?p ?o }'],
        ['WITH <x:ann/2> INSERT { ?s <x:path> ?o } WHERE { GRAPH <x:bob/1> { ?s <x:next>* ?o } }'],
        ['COPY SILENT <x:bob/1> TO <x:ann/2>'],
        ['ADD SILENT <x:bob/1> TO <x:ann/2>'],
      ] as const)
        expect([text, (await update(annKey, text, parameters)).status]).toEqual([text, 204]);
      const found = await ask(annKey, 'SELECT ?o { GRAPH <x:ann/2> { ?s ?p ?o } }');
      expect(found.body).toContain('shared');
      expect(found.body).not.toMatch(secret);
      const copy = await update(annKey, 'COPY <x:bob/1> TO <x:ann/2>');
      const missing = await update(annKey, 'COPY <x:bob/9> TO <x:ann/2>');
      expect([copy.status, copy.body.replace('bob/1', 'bob/9')]).toEqual([404, missing.body]);
    });

    test('its own graphs it writes in every way', async () => {
      for (const text of [
        'INSERT DATA { GRAPH <x:ann/3> { <x:a> <x:b> 1 } }',
        'MOVE <x:ann/3> TO <x:ann/4>',
        'COPY <x:shared> TO <x:ann/5>',
        'DELETE WHERE { GRAPH <x:ann/4> { ?s ?p ?o } }',
        'WITH <x:ann/5> DELETE { ?s ?p ?o } INSERT { ?s ?p "mine" } WHERE { ?s ?p ?o }',
        'DROP GRAPH <x:ann/4>',
      ])
        expect([text, (await update(annKey, text)).status]).toEqual([text, 204]);
      const { body } = await ask(annKey, 'SELECT ?o { GRAPH <x:ann/5> { ?s ?p ?o } }');
      expect(rowsOf(body)).toEqual(['mine']);
    });

    test('/store writes its own graphs alone, whatever the condition', async () => {
      const before = await everything();
      const tag = (await send(master, { url: '/store?graph=x:bob/1' })).headers.etag;
      for (const graph of ['x:bob/1', 'x:bob/9', 'x:shared'])
        for (const method of ['PUT', 'POST', 'DELETE'])
          for (const headers of [
            {},
            { 'if-match': tag },
            { 'if-match': '*' },
            { 'if-none-match': '*' },
          ]) {
            if (graph === 'x:shared' && Object.keys(headers).length > 0) continue;
            const body = method === 'DELETE' ? undefined : '<x:a> <x:b> 1 .';
            const { status } = await send(annKey, {
              method,
              url: `/store?graph=${graph}`,
              body,
              headers,
            });
            const isUnseen = method === 'DELETE' && graph !== 'x:shared';
            expect([graph, method, headers, status]).toEqual([
              graph,
              method,
              headers,
              isUnseen ? 404 : 403,
            ]);
          }
      for (const method of ['PUT', 'POST', 'DELETE']) {
        const body = method === 'DELETE' ? undefined : '<x:a> <x:b> 1 .';
        expect((await send(annKey, { method, url: '/store?default', body })).status).toBe(403);
      }
      expect(
        (await send(annKey, { method: 'PUT', url: '/store?graph=x:bob/1', body: '' })).status,
      ).toBe(403);
      expect((await send(annKey, { method: 'POST', url: '/store', body: '' })).status).toBe(403);
      expect(await everything()).toBe(before);
      const own = { url: '/store?graph=x:ann/6', body: '<x:a> <x:b> 1 .' };
      expect((await send(annKey, { method: 'PUT', ...own })).status).toBe(201);
      const { etag } = (await send(annKey, { url: own.url })).headers;
      const again = (tagged: unknown) =>
        send(annKey, { method: 'PUT', ...own, headers: { 'if-match': tagged } });
      expect([(await again(etag)).status, (await again('"other.text-turtle"')).status]).toEqual([
        204, 412,
      ]);
    });
  });

  test('T24 is known by its hash, and no other text opens anything', async () => {
    for (const wrong of [ann.keyHash, annKey.slice(1), `${annKey}x`, 'ann', ''])
      expect((await ask(wrong, 'ASK {}')).status).toBe(401);
    for (const right of [annKey, bobKey, master])
      expect((await ask(right, 'ASK {}')).status).toBe(200);
  });
});

test('T11 provenance names the key, and is no write of the caller', async () => {
  const { store, close } = await openEmbedded({
    provenance: { level: 'statement', parameters: 'full' },
  });
  const app = await server({ store, workflows: [], apiKey: master, keys: [ann] });
  const payload = 'INSERT DATA { GRAPH <x:ann/1> { <x:a> <x:b> 1 } }';
  const type = { 'content-type': 'application/sparql-update' };
  const headers = { authorization: `Bearer ${annKey}`, ...type };
  const answer = await app.inject({ method: 'POST', url: '/update', payload, headers });
  expect(answer.statusCode).toBe(204);
  const graph = 'urn:graphwright:graph:provenance';
  const names = await store.select(
    sparqlText(
      `SELECT ?g { GRAPH ?g { ?s ?p ?o FILTER(CONTAINS(STR(?o), "ann") || CONTAINS(STR(?s), "ann")) } FILTER(CONTAINS(STR(?g), "provenance")) } LIMIT 1`,
    ),
  );
  expect(names.map(({ g }) => g!.value)).toEqual([graph]);
  const url = `/query?query=${encodeURIComponent(`SELECT ?o { GRAPH <${graph}> { ?s ?p ?o } }`)}`;
  expect(
    rowsOf((await app.inject({ url, headers: { authorization: headers.authorization } })).body),
  ).toEqual([]);
  await app.close();
  await close();
});

test('T10 a shape that a write breaks tells nothing of graphs that the caller cannot read', async () => {
  const turtle = `@prefix sh: <http://www.w3.org/ns/shacl#> .
    <x:Shape> a sh:NodeShape ; sh:targetSubjectsOf <x:in> ;
      sh:property [ sh:path <x:in> ; sh:in ( "fine" ) ] .`;
  const shapes = parseShapes(parseTurtle(turtle, 'shapes.ttl'), 'shapes.ttl');
  const { store, close } = await openEmbedded({ shapes });
  const app = await server({ store, workflows: [], keys: [ann, { ...bob, read: ['*'] }] });
  const written = async (key: string, graph: string) => {
    const answer = await app.inject({
      method: 'PUT',
      url: `/store?graph=${graph}`,
      payload: '<x:thing> <x:in> "secret" .',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'text/turtle' },
    });
    return [answer.statusCode, answer.json().code, answer.body.includes('secret')];
  };
  expect(await written(bobKey, 'x:bob/1')).toEqual([422, 'shape_violation', true]);
  expect(await written(annKey, 'x:ann/1')).toEqual([422, 'shape_violation', false]);
  expect(await store.graphs()).toEqual([]);
  await app.close();
  await close();
});

const Job = z.object({ say: z.string().default('nothing') });

class WaitForIt extends Workflow {
  readonly name = 'wait_for_it';
  readonly description = 'Wait for a signal.';
  readonly parameters = Job;
  readonly result = z.object({ said: z.unknown() });
  run = async (_: unknown, run: Run) => ({ said: await run.waitFor('it') });
}

class Forbidden extends WaitForIt {
  override readonly name = 'forbidden_one' as 'wait_for_it';
}

describe('T22 the runs of a key', () => {
  test('are its own: of others it sees, steers and follows none', async () => {
    const kit = await testKit();
    const workflows: AnyWorkflow[] = [new WaitForIt({}), new Forbidden({})];
    const runs = await EmbeddedRuns.open({ state: kit.state, workflows });
    const app = await server({
      store: kit.store,
      workflows,
      runs,
      apiKey: master,
      keys: [ann, bob],
    });
    const call = async (
      key: string,
      method: string,
      url: string,
      payload?: object,
      headers = {},
    ) => {
      const answer = await app.inject({
        method: method as 'GET',
        url,
        payload,
        headers: { authorization: `Bearer ${key}`, ...headers },
      });
      return { status: answer.statusCode, body: answer.body ? JSON.parse(answer.body) : undefined };
    };
    const idempotency = { 'idempotency-key': 'order-17' };
    const start = (key: string, say: string) =>
      call(key, 'POST', '/workflows/wait_for_it', { say }, idempotency);
    const mine = await start(annKey, 'secret of ann');
    const other = await start(bobKey, 'secret of bob');
    const first = await start(master, 'of the one key');
    expect([mine, other, first].map(({ status }) => status)).toEqual([202, 202, 202]);
    expect((await start(annKey, 'secret of ann')).body.id).toBe(mine.body.id);
    const ids = async (key: string) =>
      (await call(key, 'GET', '/runs')).body.items.map(({ id }: { id: string }) => id);
    expect(await ids(annKey)).toEqual([mine.body.id]);
    expect(await ids(bobKey)).toEqual([other.body.id]);
    expect(await ids(master)).toHaveLength(3);
    const steps = [
      ['GET', ''],
      ['GET', '/events'],
      ['POST', '/cancel'],
      ['POST', '/resume'],
      ['POST', '/retry'],
      ['POST', '/signals/it'],
      ['DELETE', ''],
    ] as const;
    for (const [method, path] of steps) {
      const payload = path === '/signals/it' ? { said: 1 } : undefined;
      const foreign = await call(annKey, method, `/runs/${other.body.id}${path}`, payload);
      const missing = await call(annKey, method, `/runs/nothing-here${path}`, payload);
      expect([method, path, foreign.status]).toEqual([method, path, 404]);
      expect(foreign.body.detail.replace(other.body.id, 'nothing-here')).toBe(missing.body.detail);
    }
    expect((await call(bobKey, 'GET', `/runs/${other.body.id}`)).body.status).not.toBe('cancelled');
    expect(
      (await call(annKey, 'POST', `/runs/${mine.body.id}/signals/it`, { said: 1 })).status,
    ).toBe(204);
    expect((await call(bobKey, 'POST', `/runs/${other.body.id}/cancel`)).body.status).toBe(
      'cancelled',
    );
    expect((await call(master, 'POST', `/runs/${first.body.id}/cancel`)).body.status).toBe(
      'cancelled',
    );

    const names = async (key: string) =>
      (await call(key, 'GET', '/workflows')).body.items.map(({ name }: { name: string }) => name);
    expect(await names(annKey)).toEqual(['wait_for_it']);
    expect(await names(bobKey)).toEqual(['wait_for_it', 'forbidden_one']);
    expect((await call(annKey, 'GET', '/workflows/forbidden_one')).status).toBe(404);
    expect((await call(annKey, 'POST', '/workflows/forbidden_one', {})).status).toBe(403);
    expect((await call(bobKey, 'POST', '/workflows/forbidden_one', {})).status).toBe(202);
    await app.close();
    await runs.close();
    await kit.close();
  });

  test('go on only while the key may call their workflow', async () => {
    const kit = await testKit();
    const workflows: AnyWorkflow[] = [new WaitForIt({})];
    const runs = await EmbeddedRuns.open({ state: kit.state, workflows });
    const call = async (may: string[], url: string) => {
      const keys = [{ ...ann, workflows: may }];
      const app = await server({ store: kit.store, workflows, runs, keys });
      const headers = { authorization: `Bearer ${annKey}`, prefer: 'respond-async' };
      const answer = await app.inject({ method: 'POST', url, headers });
      await app.close();
      return { status: answer.statusCode, body: answer.json() };
    };
    const may = ['wait_for_it'];
    const { body: run } = await call(may, '/workflows/wait_for_it');
    expect((await call(['other'], `/runs/${run.id}/cancel`)).status).toBe(200);
    for (const again of ['resume', 'retry']) {
      const refused = await call(['other'], `/runs/${run.id}/${again}`);
      expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      expect(refused.body.detail).toBe('ann may not call wait_for_it');
    }
    expect(await runs.get(run.id)).toMatchObject({ status: 'cancelled' });
    expect((await runs.list()).items).toHaveLength(1);
    expect((await call(may, `/runs/${run.id}/retry`)).body).toMatchObject({ retryOf: run.id });
    expect((await call(may, `/runs/${run.id}/resume`)).body).toMatchObject({ id: run.id });
    await runs.close();
    await kit.close();
  });
});

describe('server.keys', () => {
  test('A15 comes from the configuration file and is never shown', () => {
    const flags = { 'server.keys': [{ ...ann, read: 'x:shared, default' }] };
    const { configuration, settings } = loadConfiguration({ flags, environment: {} });
    expect(configuration.server.keys).toEqual([{ ...ann, read: ['x:shared', 'default'] }]);
    const hidden = settings.filter(({ key }) => key === 'server.keys').map(redacted);
    expect(hidden).toMatchObject([{ value: '(hidden)' }]);
    const environment = { GRAPHWRIGHT_SERVER_KEYS: 'ann' };
    expect(() => loadConfiguration({ environment })).toThrow('graphwright.config.yaml');
  });

  test('are as the documentation shows them', async () => {
    const yaml = blocksOf('docs/configuration.md').find(({ language }) => language === 'yaml');
    const directory = await mkdtemp(join(tmpdir(), 'rights-'));
    await writeFile(join(directory, 'graphwright.config.yaml'), yaml!.text);
    const { configuration } = loadConfiguration({ directory, environment: {} });
    await rm(directory, { recursive: true });
    expect(configuration.server.keys).toEqual([
      {
        name: 'support',
        keyHash: expect.any(String),
        read: [graphName('customer_data').value],
        write: ['https://support.example.org/*'],
        workflows: ['process_customer_feedback'],
      },
    ]);
  });

  test.each([
    [{ ...ann, name: 'two words' }, 'letters'],
    [{ ...ann, keyHash: 'abc' }, '64 hexadecimal'],
    [{ ...ann, key: annKey }, 'either the key or its keyHash'],
    [{ ...bob, key: 'short' }, '16'],
    [{ ...ann, read: ['not an IRI'] }, 'Name a graph by its IRI'],
    [{ ...ann, wirte: ['*'] }, 'wirte'],
    [{ ...ann, approveOverMcp: true }, 'approveOverMcp needs approve'],
  ])('refuses %o', (key, hint) => {
    expect(() => loadConfiguration({ flags: { 'server.keys': [key] }, environment: {} })).toThrow(
      expect.objectContaining({
        code: 'invalid_configuration',
        message: expect.stringContaining(hint),
      }),
    );
  });

  test('are enough to listen where others reach the server', () => {
    expect(() => assertGuarded('0.0.0.0', undefined, 1)).not.toThrow();
  });

  test('refuses two keys of one name, and one key under two names', async () => {
    const refused = { code: 'invalid_configuration' };
    await expect(testApp({ keys: [ann, { ...bob, name: 'ann' }] })).rejects.toMatchObject(refused);
    await expect(testApp({ keys: [ann, { ...ann, name: 'bob' }] })).rejects.toMatchObject(refused);
    await expect(testApp({ apiKey: annKey, keys: [ann] })).rejects.toMatchObject(refused);
  });

  test('refuses limits on a graph of another server, which cannot be held to them', async () => {
    const store = new RemoteStore({ query: 'http://127.0.0.1:1/query' });
    await expect(server({ store, workflows: [], keys: [ann] })).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('ann'),
    });
    const app = await server({
      store,
      workflows: [],
      keys: [{ ...ann, read: ['*'], write: ['*'] }],
    });
    await app.close();
  });
});

function rowsOf(body: string): string[] {
  const { results } = JSON.parse(body) as { results: { bindings: { o: { value: string } }[] } };
  return results.bindings.map(({ o }) => o.value).toSorted();
}
