import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import {
  RemoteStore,
  type RemoteStoreConfiguration,
} from '../../../src/ontology/remote/remote-store.ts';
import { sparql } from '../../../src/ontology/sparql.ts';
import { factory, iri } from '../../../src/ontology/terms.ts';
import { httpServer, type Answer } from '../../integrations/support/http-server.ts';
import { testApp } from '../../server/apps.ts';

const ask = sparql`ASK {}`;
const [graph, a, p] = ['g', 'a', 'p'].map((name) => iri(`https://example.org/${name}`)) as [
  ReturnType<typeof iri>,
  ReturnType<typeof iri>,
  ReturnType<typeof iri>,
];
const fact = factory.quad(a, p, factory.literal('x'));
const results = 'application/sparql-results+json';

const send =
  (status: number, body: string | Buffer, headers: Record<string, string> = {}): Answer =>
  (_, response) => {
    response.writeHead(status, { 'content-type': results, ...headers });
    response.end(body);
  };

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** A store over a server that answers as the test says. */
async function over(answer: Answer, parts: Partial<RemoteStoreConfiguration> = {}) {
  const server = await httpServer(answer);
  open.push(server.close);
  const retry = { baseDelay: 1 };
  const store = new RemoteStore({
    query: `${server.url}/query`,
    update: `${server.url}/update`,
    retry,
    ...parts,
  });
  return { store, requests: server.requests };
}

describe('A10 what a remote server answers', () => {
  test.each([
    [400, 'invalid_query', false],
    [401, 'integration_refused', false],
    [403, 'integration_refused', false],
    [404, 'integration_refused', false],
    [302, 'integration_refused', false],
    [500, 'integration_failed', false],
    [503, 'unavailable', true],
    [429, 'too_many_requests', true],
    [504, 'timeout', false],
  ])('%i is `%s`', async (status, code, retriable) => {
    const { store } = await over(send(status, 'because', { location: 'http://127.0.0.1:9/' }));
    await expect(store.ask(ask)).rejects.toMatchObject({ code, retriable });
    await expect(store.ask(ask)).rejects.toThrow('because');
  });

  test('a long message is shortened', async () => {
    const { store } = await over(send(400, 'no '.repeat(5000)));
    const failure = await store.ask(ask).catch((thrown: unknown) => thrown as Error);
    expect((failure as Error).message.length).toBeLessThan(400);
  });

  test('a read is tried again after 503 and 429, and then answered', async () => {
    const { store, requests } = await over((request, response, number) =>
      number < 3
        ? send(number === 1 ? 503 : 429, '')(request, response, number)
        : send(200, '{"head":{},"boolean":true}')(request, response, number),
    );
    expect(await store.ask(ask)).toBe(true);
    expect(requests).toHaveLength(3);
  });

  test('an update is never sent twice', async () => {
    const counted = '{"head":{"vars":["n"]},"results":{"bindings":[]}}';
    const { store, requests } = await over((request, response, number) =>
      request.url === '/update'
        ? send(503, '')(request, response, number)
        : send(200, counted)(request, response, number),
    );
    await expect(store.update(sparql`CLEAR ALL`)).rejects.toMatchObject({ code: 'unavailable' });
    expect(requests.filter((url) => url === '/update')).toHaveLength(1);
  });

  test('no connection is `unavailable`', async () => {
    const store = new RemoteStore({ query: 'http://127.0.0.1:9/query', retry: { attempts: 1 } });
    await expect(store.ask(ask)).rejects.toMatchObject({ code: 'unavailable' });
  });

  test.each([
    '',
    'null',
    '[]',
    '{"head":{}}',
    '{"results":{"bindings":[{"s":{"type":"uri"}}]}}',
    '\ufffd{',
  ])('an answer that is no result is a coded failure: %j', async (body) => {
    const { store } = await over(send(200, body));
    await expect(store.select(sparql`SELECT * {}`)).rejects.toMatchObject({
      code: 'integration_failed',
    });
  });

  test('a graph that is no RDF is a coded failure', async () => {
    const { store } = await over(send(200, '<html>', { 'content-type': 'text/html' }));
    await expect(store.construct(sparql`CONSTRUCT WHERE {}`)).rejects.toMatchObject({
      code: 'integration_failed',
    });
  });
});

describe('T18 limits on what a remote server answers', () => {
  test('T18 32 MB in a small archive end at a limit of 1 MB', async () => {
    const bomb = gzipSync(Buffer.alloc(32 * 2 ** 20, 32));
    const { store } = await over(send(200, bomb, { 'content-encoding': 'gzip' }), {
      maxBytes: 2 ** 20,
    });
    await expect(store.ask(ask)).rejects.toMatchObject({ code: 'too_large' });
  });

  test('T18 a byte now and then does not keep a call open', async () => {
    const { store } = await over(
      (_, response) => {
        response.writeHead(200, { 'content-type': results });
        const timer = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(timer));
      },
      { timeout: 300 },
    );
    const started = performance.now();
    await expect(store.ask(ask)).rejects.toMatchObject({ code: 'timeout' });
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test('a signal ends a call, and the waiting between two tries', async () => {
    const { store } = await over(send(503, '', { 'retry-after': '5' }));
    const started = performance.now();
    const signal = AbortSignal.timeout(50);
    await expect(store.ask(ask, { signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('A10 who we are to a remote server', () => {
  test.each([
    [{ user: 'ada', password: 'p:ä' }, `Basic ${Buffer.from('ada:p:ä').toString('base64')}`],
    [{ token: 'key' }, 'Bearer key'],
  ])('%j', async (credentials, expected) => {
    const seen: unknown[] = [];
    const { store } = await over(
      (request, response, number) => {
        seen.push(request.headers.authorization);
        send(200, '{"boolean":true}')(request, response, number);
      },
      { credentials },
    );
    await store.ask(ask);
    expect(seen).toEqual([expected]);
  });

  test.each([
    { query: 'file:///etc/passwd' },
    { query: 'not a url' },
    { query: 'http://user:secret@host/' },
    { query: 'http://host/', credentials: { token: 'a\r\nb' } },
    { query: 'http://host/', credentials: { user: 'a:b', password: '' } },
  ])('%j is `invalid_configuration`', (configuration) => {
    expect(() => new RemoteStore(configuration)).toThrow(
      expect.objectContaining({ code: 'invalid_configuration' }),
    );
  });

  test('a store without a URL for updates only reads', async () => {
    const { store } = await over(send(200, '{"head":{},"results":{"bindings":[]}}'), {
      update: undefined,
    });
    await expect(store.insert(graph, [fact])).rejects.toMatchObject({ code: 'method_not_allowed' });
  });
});

describe('A10 the dataset of a query', () => {
  test.each([
    [{ dataset: { default: [graph], named: [a] } }, [graph.value], [a.value]],
    [{ dataset: { default: [], named: [] } }, ['urn:graphwright:graph:none'], []],
    [{}, [], []],
  ])('%j', async (options, merged, named) => {
    await using server = await httpServer((request, response, number) => {
      request.setEncoding('utf8').on('data', (body: string) => {
        const form = new URLSearchParams(body);
        expect(form.getAll('default-graph-uri')).toEqual(merged);
        expect(form.getAll('named-graph-uri')).toEqual(named);
        send(200, '{"boolean":true}')(request, response, number);
      });
    });
    expect(await new RemoteStore({ query: server.url }).ask(ask, options)).toBe(true);
  });

  test('where the server keeps its graphs apart, all of them are named', async () => {
    await using running = await testApp();
    const query = `${await running.app.listen({ port: 0, host: '127.0.0.1' })}/query`;
    await running.store.insert(graph, [fact]);
    const store = new RemoteStore({ query, defaultGraph: 'separate' });
    expect(await store.select(sparql`SELECT ?s { ?s ?p ?o }`)).toEqual([{ s: a }]);
  });
});

describe('A10 the numbers of an update', () => {
  const answer = (count: number): Answer =>
    send(
      200,
      JSON.stringify({ results: { bindings: [{ n: { type: 'literal', value: `${count}` } }] } }),
    );
  const insertion = sparql`INSERT DATA { GRAPH ${graph} { ${a} ${p} "x" } }`;

  test('are what the server counts before and after', async () => {
    let updated = 0;
    const { store } = await over((request, response, number) => {
      if (request.url === '/update') updated += 1;
      answer(updated)(request, response, number);
    });
    expect(await store.update(insertion)).toMatchObject({ position: 1, inserted: 2, removed: 0 });
  });

  test('cost nothing where nobody wants them', async () => {
    const { store, requests } = await over(answer(1));
    const commit = await store.update(insertion, { counted: false });
    expect(commit).toEqual({ position: 1, inserted: 0, removed: 0, approximate: true });
    expect(requests).toEqual(['/update']);
  });
});

describe('A10 two remote stores over one server', () => {
  test('each sees what the other wrote, and a replacement removes it', async () => {
    await using running = await testApp();
    const base = await running.app.listen({ port: 0, host: '127.0.0.1' });
    const another = () => new RemoteStore({ query: `${base}/query`, update: `${base}/update` });
    const [first, second] = [another(), another()];
    await first.insert(graph, [fact, factory.quad(factory.blankNode('n'), p, a)]);
    const [row] = await second.select(sparql`SELECT ?n { ?n ${p} ${a} }`);
    expect(row!.n!.termType).toBe('BlankNode');
    expect(await second.replace(graph, [])).toMatchObject({ removed: 2, approximate: true });
    expect(await first.graphs()).toEqual([]);
  });

  test('a graph with blank nodes of others cannot be replaced, and stays', async () => {
    await using running = await testApp();
    const base = await running.app.listen({ port: 0, host: '127.0.0.1' });
    const store = new RemoteStore({ query: `${base}/query`, update: `${base}/update` });
    await running.store.insert(graph, [factory.quad(factory.blankNode('n'), p, a)]);
    await expect(store.replace(graph, [fact])).rejects.toMatchObject({ code: 'conflict' });
    expect(await running.store.graphs()).toEqual([{ graph, quads: 1 }]);
  });
});
