import type { LightMyRequestResponse } from 'fastify';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sparqlText } from '../../src/ontology/sparql.ts';
import { sample, testApp, type TestApp } from './apps.ts';

const names = 'SELECT ?name { ?s <https://example.org/name> ?name } ORDER BY ?name';
const graph = 'CONSTRUCT { ?s ?p ?o } WHERE { ?s <https://example.org/name> ?o ; ?p ?o }';

const get = ({ app }: TestApp, query: string, accept?: string) =>
  app.inject({ url: '/query', query: { query }, headers: accept ? { accept } : {} });

const post = ({ app }: TestApp, url: string, type: string, payload: string | Buffer) =>
  app.inject({ method: 'POST', url, headers: { 'content-type': type }, payload });

const form = 'application/x-www-form-urlencoded';
const queryType = 'application/sparql-query';
const updateType = 'application/sparql-update';

const count = async ({ store }: TestApp) =>
  (await store.graphs()).reduce((sum, { quads }) => sum + quads, 0);

/** The status and code of a problem, or what came instead of one. */
function problemOf({ statusCode, headers, body }: LightMyRequestResponse): string {
  const type = headers['content-type'];
  if (!String(type).startsWith('application/problem+json')) return `${statusCode} ${type}: ${body}`;
  return `${statusCode} ${JSON.parse(body).code}`;
}

describe('/query answers SPARQL', () => {
  let kit: TestApp;
  beforeAll(async () => {
    kit = await testApp();
    await sample(kit.store);
  });
  afterAll(() => kit[Symbol.asyncDispose]());

  test('in each of the three ways to send a query', async () => {
    const answers = [
      await get(kit, names),
      await post(kit, '/query', queryType, names),
      await post(kit, '/query', `${queryType}; charset=utf-8`, names),
      await post(kit, '/query', form, new URLSearchParams({ query: names }).toString()),
    ];
    for (const answer of answers) {
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-type']).toBe('application/sparql-results+json');
      expect(answer.headers['vary']).toMatch(/accept/i);
      expect(
        answer.json().results.bindings.map((row: { name: { value: string } }) => row.name.value),
      ).toEqual(['Ada', 'Bob']);
    }
  });

  test.each([
    ['*/*', 'application/sparql-results+json', '"bindings"'],
    ['application/json', 'application/json', '"bindings"'],
    ['application/sparql-results+xml', 'application/sparql-results+xml', '<literal>Ada</literal>'],
    ['application/xml', 'application/xml', '<literal>Ada</literal>'],
    ['text/csv', 'text/csv; charset=utf-8', 'Ada'],
    ['text/tab-separated-values', 'text/tab-separated-values; charset=utf-8', '"Ada"'],
    ['text/csv;q=0.2, text/tab-separated-values;q=0.9', 'text/tab-separated-values', '"Ada"'],
    ['text/csv;q=0, */*', 'application/sparql-results+json', '"bindings"'],
    ['text/html, application/xhtml+xml, */*;q=0.8', 'application/sparql-results+json', 'Ada'],
  ])('with a table for %s', async (accept, type, content) => {
    const answer = await get(kit, names, accept);
    expect(answer.headers['content-type']).toContain(type);
    expect(answer.body).toContain(content);
  });

  test.each([
    ['*/*', 'text/turtle'],
    ['text/turtle', 'text/turtle'],
    ['application/n-triples', 'application/n-triples'],
    ['application/rdf+xml', 'application/rdf+xml'],
    ['application/ld+json', 'application/ld+json'],
    ['application/n-quads', 'application/n-quads'],
    ['application/trig', 'application/trig'],
    ['application/rdf+xml;q=0.1, application/n-triples;q=0.2', 'application/n-triples'],
  ])('with a graph for %s', async (accept, type) => {
    const answer = await get(kit, graph, accept);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toContain(type);
    expect(answer.body).toContain('https://example.org/ada');
  });

  test('with true or false for ASK', async () => {
    expect((await get(kit, 'ASK {}')).json()).toMatchObject({ boolean: true });
  });

  test.each([
    [names, 'image/png'],
    [names, 'text/turtle'],
    [graph, 'text/csv'],
    [names, 'application/sparql-results+json;q=0'],
  ])('and refuses %s as %s', async (query, accept) => {
    expect(problemOf(await get(kit, query, accept))).toBe('406 not_acceptable');
  });

  test('and says where a query went wrong', async () => {
    const answer = await get(kit, 'SELECT ?name {\n  ?s ?p ');
    expect(problemOf(answer)).toBe('400 invalid_query');
    expect(answer.json().detail).toMatch(/\b2\b/);
  });

  test('and ends one that takes longer than its caller or the server allows', async () => {
    await using slow = await testApp({ queryTimeout: 400 });
    const values = Array.from({ length: 60 }, (_, index) => index).join(' ');
    const variables = ['?a', '?b', '?c', '?d', '?e', '?f'];
    const product = variables.map((name) => `VALUES ${name} { ${values} }`).join(' ');
    const vast = `SELECT (COUNT(*) AS ?n) { ${product} }`;
    expect(problemOf(await get(slow, vast))).toBe('504 timeout');
    await using patient = await testApp({ queryTimeout: 20_000 });
    const begin = performance.now();
    const query = { query: vast, timeout: '50' };
    expect(problemOf(await patient.app.inject({ url: '/query', query }))).toBe('504 timeout');
    expect(performance.now() - begin).toBeLessThan(10_000);
    for (const timeout of ['401', '0', '-1', '1.5', '1e2', 'soon', ''])
      expect(
        problemOf(await slow.app.inject({ url: '/query', query: { query: 'ASK {}', timeout } })),
      ).toBe('400 invalid_parameters');
    expect((await get(slow, 'ASK {}')).statusCode).toBe(200);
  });
});

describe('/update changes the graph', () => {
  test('by a body and by a form, and answers 204 with nothing', async () => {
    await using kit = await testApp();
    const answers = [
      await post(kit, '/update', updateType, 'INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> 1 } }'),
      await post(
        kit,
        '/update',
        form,
        new URLSearchParams({
          update: 'INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> "é+&" } }',
        }).toString(),
      ),
    ];
    for (const answer of answers)
      expect({ status: answer.statusCode, body: answer.body }).toEqual({ status: 204, body: '' });
    expect(await count(kit)).toBe(2);
    expect(await kit.store.ask(sparqlText('ASK { ?s ?p "é+&" }'))).toBe(true);
  });

  test('and refuses a query, a broken update, GET and other media types', async () => {
    await using kit = await testApp();
    expect(problemOf(await post(kit, '/update', updateType, 'ASK {}'))).toBe('400 invalid_query');
    expect(problemOf(await post(kit, '/update', updateType, 'INSERT DATA {'))).toBe(
      '400 invalid_query',
    );
    expect(problemOf(await kit.app.inject({ url: '/update', query: { update: 'DROP ALL' } }))).toBe(
      '405 method_not_allowed',
    );
    for (const type of ['application/json', 'text/plain', queryType])
      expect(problemOf(await post(kit, '/update', type, 'DROP ALL'))).toBe(
        '415 unsupported_media_type',
      );
  });
});

describe('SPARQL from strangers', () => {
  let kit: TestApp;
  beforeAll(async () => {
    kit = await testApp();
    await sample(kit.store);
  });
  afterAll(() => kit[Symbol.asyncDispose]());

  test('T12 an update sent as a query changes nothing', async () => {
    for (const update of [
      'INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> 1 } }',
      'DROP ALL',
      '# SELECT\nDELETE WHERE { ?s ?p ?o }',
    ]) {
      expect(problemOf(await get(kit, update))).toBe('400 invalid_query');
      expect(problemOf(await post(kit, '/query', queryType, update))).toBe('400 invalid_query');
    }
    expect(await count(kit)).toBe(3);
  });

  test('T9 SERVICE and LOAD are refused, SILENT or not, and nobody is called', async () => {
    let calls = 0;
    const trap = createServer((_, response) => {
      calls += 1;
      response.end();
    });
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(trap.address() as { port: number }).port}/`;
    for (const silent of ['', 'SILENT']) {
      expect(
        problemOf(await get(kit, `SELECT * { SERVICE ${silent} <${url}> { ?s ?p ?o } }`)),
      ).toBe('403 forbidden');
      expect(problemOf(await post(kit, '/update', updateType, `LOAD ${silent} <${url}>`))).toBe(
        '403 forbidden',
      );
    }
    await new Promise((resolve) => trap.close(resolve));
    expect(calls).toBe(0);
  });

  test.each([
    ['braces', `SELECT * ${'{'.repeat(702)}`],
    ['parentheses', `SELECT * { FILTER${'('.repeat(1590)}`],
    ['OPTIONAL', `SELECT * { ${'OPTIONAL{'.repeat(692)}`],
    ['sums', `SELECT (1${'+1'.repeat(2274)} AS ?x) {}`],
    ['UNION', `SELECT * { {} ${'UNION {} '.repeat(2430)} }`],
  ])('T1 too many %s are refused, and the next query is answered', async (_, query) => {
    expect(problemOf(await post(kit, '/query', queryType, query))).toBe('400 invalid_query');
    expect((await get(kit, 'ASK {}')).json()).toMatchObject({ boolean: true });
  });

  test('T20 what is not UTF-8 is refused in a body, a form and a query string', async () => {
    const bytes = Buffer.concat([
      Buffer.from('INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> "'),
      Buffer.from([0xff]),
      Buffer.from('" } }'),
    ]);
    expect(problemOf(await post(kit, '/update', updateType, bytes))).toBe('400 invalid_parameters');
    const escaped = `update=${encodeURIComponent('INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> "X" } }').replace('X', '%FF')}`;
    expect(problemOf(await post(kit, '/update', form, escaped))).toBe('400 invalid_parameters');
    expect(problemOf(await kit.app.inject('/query?query=ASK%20{}%FF'))).toBe(
      '400 invalid_parameters',
    );
    expect(await count(kit)).toBe(3);
  });

  test('T20 a query that is missing, given twice or beside unknown keys is refused', async () => {
    const ask = encodeURIComponent('ASK {}');
    const refused = [
      await kit.app.inject({ method: 'POST', url: '/query' }),
      await kit.app.inject(`/query?query=${ask}&query=${ask}`),
      await kit.app.inject(`/query?qeury=${ask}`),
      await kit.app.inject(`/query?query=${ask}&default-graph-uri=relative`),
      await kit.app.inject(`/query?query=${ask}&timeout=1&timeout=2`),
      await kit.app.inject(`/query?query=${ask}&__proto__=1`),
      await post(kit, `/query?query=${ask}`, queryType, 'ASK {}'),
      await post(kit, '/query', form, `query=${ask}&query=${ask}`),
      await post(kit, '/update', form, 'query=DROP%20ALL'),
      await post(kit, '/update', form, 'update=DROP%20ALL&using-graph-uri=relative'),
      await kit.app.inject({ method: 'POST', url: '/update' }),
    ];
    for (const answer of refused) expect(problemOf(answer)).toBe('400 invalid_parameters');
    const named = await kit.app.inject(`/query?query=${ask}&default-graph-uri=x`);
    expect(named.json().errors).toMatchObject([{ pointer: '/default-graph-uri' }]);
  });

  test('T20 more than 8 MiB are too large', async () => {
    const body = Buffer.alloc(8 * 1024 * 1024 + 1, ' ');
    expect(problemOf(await post(kit, '/update', updateType, body))).toBe('413 too_large');
  });
});
