import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { iri } from '../../src/ontology/terms.ts';
import { sparqlText } from '../../src/ontology/sparql.ts';
import { testApp, type TestApp } from './apps.ts';

let kit: TestApp;

beforeAll(async () => {
  kit = await testApp();
});

beforeEach(() => kit.store.update(sparqlText('DROP ALL')));

afterAll(() => kit[Symbol.asyncDispose]());

const url = '/store?graph=urn%3Ag';
const other = '/store?graph=urn%3Ah';

type Method = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';

const send = (method: Method, at: string, headers: Record<string, string> = {}, payload = '') =>
  kit.app.inject({
    method,
    url: at,
    headers: { ...(payload && { 'content-type': 'text/turtle' }), ...headers },
    ...(payload && { payload }),
  });

const put = (value: number, headers: Record<string, string> = {}, at = url) =>
  send('PUT', at, headers, `<urn:s> <urn:p> ${value} .`);

const tagOf = async (at = url, accept = 'text/turtle') =>
  String((await send('GET', at, { accept })).headers['etag']);

const refused = { statusCode: 412 };

describe('A27 the entity tag of a graph', () => {
  test('saves sending what the client has, by GET and HEAD', async () => {
    await put(1);
    const tag = await tagOf();
    expect(tag).toMatch(/^"[^"]+"$/);
    for (const method of ['GET', 'HEAD'] as const)
      for (const known of [tag, `"x", W/${tag}`, '*']) {
        const answer = await send(method, url, { 'if-none-match': known, accept: 'text/turtle' });
        expect([answer.statusCode, answer.body, answer.headers['etag']]).toEqual([304, '', tag]);
      }
    expect((await send('GET', url, { 'if-none-match': '"x"' })).statusCode).toBe(200);
  });

  test('is another after each change of that graph, in each format, and for no other reason', async () => {
    await put(1);
    const before = await tagOf();
    await put(1);
    await put(1, {}, other);
    await kit.store.update(sparqlText('INSERT DATA { <urn:s> <urn:p> 1 }'));
    expect(await tagOf()).toBe(before);
    expect(await tagOf(url, 'application/n-triples')).not.toBe(before);
    const seen = new Set([before]);
    for (const update of [
      'INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> 2 } }',
      'DELETE WHERE { GRAPH <urn:g> { ?s ?p 2 } }',
      'CLEAR GRAPH <urn:g>',
      'COPY <urn:h> TO <urn:g>',
    ]) {
      await kit.store.update(sparqlText(update));
      seen.add(await tagOf());
    }
    await kit.store.replace(iri('urn:g'), []);
    seen.add(await tagOf());
    expect(seen.size).toBe(6);
  });

  test('of the default graph is its own', async () => {
    await put(1);
    const [named, merged] = [await tagOf(), await tagOf('/store?default')];
    await put(2, { 'if-match': merged }, '/store?default');
    expect(await tagOf()).toBe(named);
    expect(await tagOf('/store?default')).not.toBe(merged);
    expect(await put(3, { 'if-match': merged }, '/store?default')).toMatchObject(refused);
  });
});

describe('A27 a write that names what it is based on', () => {
  test('happens when that is still so, whatever the format that was read', async () => {
    await put(1);
    expect((await put(2, { 'if-match': await tagOf() })).statusCode).toBe(204);
    const headers = { 'if-match': `"x", ${await tagOf(url, 'application/rdf+xml')}` };
    expect((await send('POST', url, headers, '<urn:a> <urn:p> 3 .')).statusCode).toBe(204);
    expect((await put(4, { 'if-match': '*' })).statusCode).toBe(204);
    expect((await send('DELETE', url, { 'if-match': await tagOf() })).statusCode).toBe(204);
  });

  test('is refused after another, and leaves everything as it was', async () => {
    await put(1);
    const old = await tagOf();
    await put(2);
    const now = await tagOf();
    const conditions: Record<string, string>[] = [
      { 'if-match': old },
      { 'if-match': `W/${now}` },
      { 'if-none-match': '*' },
      { 'if-none-match': now },
      { 'if-match': now, 'if-none-match': '*' },
    ];
    for (const condition of conditions) {
      const answers = [
        await put(3, condition),
        await send('POST', url, condition, '<urn:a> <urn:p> 3 .'),
        await send('DELETE', url, condition),
      ];
      for (const answer of answers) {
        expect(answer).toMatchObject(refused);
        expect(answer.json().code).toBe('precondition_failed');
      }
    }
    expect(await tagOf()).toBe(now);
  });

  test('makes a graph only where there is none', async () => {
    expect(await put(1, { 'if-match': '*' })).toMatchObject(refused);
    expect(await put(1, { 'if-match': await tagOf('/store?default') })).toMatchObject(refused);
    expect((await put(1, { 'if-none-match': '*' })).statusCode).toBe(201);
    expect(await put(2, { 'if-none-match': '*' })).toMatchObject(refused);
    expect(await put(2, { 'if-none-match': '*' }, '/store?default')).toMatchObject(refused);
    await send('PUT', other);
    expect(await put(2, { 'if-none-match': '*' }, other)).toMatchObject(refused);
  });

  test('wins alone of many at once that are based on the same', async () => {
    await put(0);
    const tag = await tagOf();
    for (const condition of [{ 'if-match': tag }, undefined]) {
      const at = condition ? url : other;
      const headers = condition ?? { 'if-none-match': '*' };
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, index) => put(index + 1, headers, at)),
      );
      const statuses = answers.map(({ statusCode }) => statusCode).toSorted();
      expect(statuses).toEqual([condition ? 204 : 201, 412, 412, 412, 412, 412, 412, 412]);
      const winner = answers.findIndex(({ statusCode }) => statusCode < 300) + 1;
      expect((await send('GET', at, { accept: 'application/n-triples' })).body).toContain(
        `"${winner}"`,
      );
    }
  });

  test.each([
    ['no quotation marks', 'x'],
    ['an open quotation', '"x'],
    ['a weak tag without quotation marks', 'W/x'],
    ['no comma', '"x" "y"'],
    ['nothing', ''],
    ['many commas and then no tag', `"x"${'\t,'.repeat(2000)}x`],
  ])('T20 is refused when the header holds %s', async (_, header) => {
    await put(1);
    for (const name of ['if-match', 'if-none-match'])
      for (const answer of [
        await put(2, { [name]: header }),
        await send('GET', url, { [name]: header }),
      ])
        expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_parameters']);
  });
});

describe('A10 the entity tag of a query', () => {
  const ask = (query: string, headers: Record<string, string> = {}) =>
    kit.app.inject({ url: '/query', query: { query }, headers });
  const all = 'SELECT * { GRAPH ?g { ?s ?p ?o } }';

  test('saves asking again until something is written', async () => {
    const tag = String((await ask(all)).headers['etag']);
    expect(await ask(all, { 'if-none-match': tag })).toMatchObject({ statusCode: 304, body: '' });
    expect((await ask(all, { 'if-none-match': tag, accept: 'text/csv' })).statusCode).toBe(200);
    await put(1);
    const answer = await ask(all, { 'if-none-match': tag });
    expect(answer.statusCode).toBe(200);
    expect(answer.json().results.bindings).toHaveLength(1);
    expect(answer.headers['etag']).not.toBe(tag);
  });

  test('is not there where the next answer may differ, nor on a refusal', async () => {
    for (const query of [
      'SELECT (NOW() AS ?n) {}',
      'SELECT (rand() AS ?n) {}',
      'SELECT (UUID() AS ?n) {}',
    ])
      expect((await ask(query)).headers['etag']).toBeUndefined();
    for (const [query, accept] of [
      ['SELECT {', '*/*'],
      [all, 'text/turtle'],
    ] as const) {
      const answer = await ask(query, { accept });
      expect(answer.statusCode).toBeGreaterThanOrEqual(400);
      expect(answer.headers['etag']).toBeUndefined();
    }
  });
});
