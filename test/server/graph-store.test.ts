import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sparqlText } from '../../src/ontology/sparql.ts';
import { testApp, type TestApp } from './apps.ts';

let kit: TestApp;

beforeAll(async () => {
  kit = await testApp();
});

beforeEach(() => kit.store.update(sparqlText('DROP ALL')));

afterAll(() => kit[Symbol.asyncDispose]());

const graph = '/store?graph=urn%3Ag';

const send = (method: 'PUT' | 'POST', url: string, payload: string, type = 'text/turtle') =>
  kit.app.inject({ method, url, payload, headers: { 'content-type': type } });

const read = async (url = graph, accept = 'application/n-triples') =>
  (await kit.app.inject({ url, headers: { accept } })).body.trim().split('\n').toSorted();

const one = '<urn:s> <urn:p> "1"^^<http://www.w3.org/2001/XMLSchema#int> .';
const two = '<urn:s> <urn:p> "Hallo"@de-AT .';

describe('A27 the graph store', () => {
  test('makes a graph, replaces it, adds to it and drops it', async () => {
    expect((await send('PUT', graph, one)).statusCode).toBe(201);
    expect((await send('PUT', graph, two)).statusCode).toBe(204);
    expect(await read()).toEqual([two]);
    expect((await send('POST', graph, '@prefix e: <urn:> . e:s e:p e:o .')).statusCode).toBe(204);
    expect(await read()).toEqual([two, '<urn:s> <urn:p> <urn:o> .'].toSorted());
    expect((await kit.app.inject({ method: 'DELETE', url: graph })).statusCode).toBe(204);
    for (const method of ['GET', 'HEAD', 'DELETE'] as const)
      expect((await kit.app.inject({ method, url: graph })).statusCode).toBe(404);
  });

  test('gives literals back as they came: datatype, zeros, time zone, language tag', async () => {
    const lines = [
      one,
      two,
      '<urn:s> <urn:q> "01"^^<http://www.w3.org/2001/XMLSchema#integer> .',
      '<urn:s> <urn:r> "1.10"^^<http://www.w3.org/2001/XMLSchema#decimal> .',
      '<urn:s> <urn:t> "2026-01-01T00:00:00+02:00"^^<http://www.w3.org/2001/XMLSchema#dateTime> .',
    ];
    await send('PUT', graph, lines.join('\n'));
    expect(await read()).toEqual(lines.toSorted());
  });

  test.each([
    ['text/turtle', '<urn:s> <urn:p> <urn:o>'],
    ['application/rdf+xml', '<rdf:RDF'],
    ['application/ld+json', '"urn:s"'],
    ['text/html, */*;q=0.1', '<urn:s>'],
  ])('is read as %s', async (accept, part) => {
    await send('PUT', graph, '<urn:s> <urn:p> <urn:o> .');
    expect((await read(graph, accept)).join('\n')).toContain(part);
  });

  test('keeps the default graph apart from the named ones', async () => {
    await send('PUT', graph, two);
    expect((await send('PUT', '/store?default', '_:b <urn:p> "x" .')).statusCode).toBe(204);
    expect(await read('/store?default')).toEqual([expect.stringMatching(/^_:\S+ <urn:p> "x" \.$/)]);
    expect((await send('POST', '/store?default', '<urn:a> <urn:p> "y" .')).statusCode).toBe(204);
    expect(await read('/store?default')).toHaveLength(2);
    expect(await read()).toEqual([two]);
  });

  test('makes a new graph for a POST that names none, and says where', async () => {
    const answer = await send('POST', '/store', two);
    expect(answer.statusCode).toBe(201);
    const { location } = answer.headers as { location: string };
    expect(await read(new URL(location).pathname)).toEqual([two]);
    expect(await read(`/store?graph=${encodeURIComponent(location)}`)).toEqual([two]);
  });

  test("names a graph by the path below it, which is the graph's IRI as a URL", async () => {
    expect((await send('PUT', '/store/people/1', two)).statusCode).toBe(201);
    expect(await read('/store/people/1')).toEqual([two]);
    expect((await kit.store.graphs()).map(({ graph: { value } }) => value)).toEqual([
      'http://localhost:80/store/people/1',
    ]);
    expect((await kit.app.inject('/store/people/2')).statusCode).toBe(404);
  });

  test('sends text to a client that asks for UTF-8', async () => {
    await send('PUT', graph, two);
    const answer = await kit.app.inject({
      url: graph,
      headers: { accept: 'text/turtle; charset=utf-8' },
    });
    expect(answer.headers['content-type']).toBe('text/turtle; charset=utf-8');
  });

  test('keeps a graph that was emptied', async () => {
    await send('PUT', graph, two);
    expect((await send('PUT', graph, '')).statusCode).toBe(204);
    expect((await kit.app.inject(graph)).statusCode).toBe(200);
  });

  test.each([
    ['text/turtle', '<#s> <urn:p> "x", <o> .'],
    ['application/n-triples', '<urn:g:/#s> <urn:p> "x" .\n<urn:g:/#s> <urn:p> <urn:g:/o> .'],
    [
      'application/rdf+xml',
      '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:"><rdf:Description rdf:about="#s"><u:p>x</u:p><u:p rdf:resource="o"/></rdf:Description></rdf:RDF>',
    ],
    ['application/ld+json', '{ "@id": "#s", "urn:p": ["x", { "@id": "o" }] }'],
  ])("reads %s, whose relative IRIs are the graph's", async (type, text) => {
    const url = `/store?graph=${encodeURIComponent('urn:g:/')}`;
    expect((await send('PUT', url, text, type)).statusCode).toBe(201);
    expect(await read(url)).toEqual(
      ['<urn:g:/#s> <urn:p> "x" .', '<urn:g:/#s> <urn:p> <urn:g:/o> .'].toSorted(),
    );
  });

  test('reads a long body as well as a short one', async () => {
    const lines = Array.from(
      { length: 3_000 },
      (_, index) => `<urn:s${index}> <urn:p> "${index}" .`,
    );
    expect((await send('PUT', graph, lines.join('\n'))).statusCode).toBe(201);
    expect(await read()).toEqual(lines.toSorted());
    const broken = await send('PUT', graph, [...lines, '<urn:s> <urn:p> "open .'].join('\n'));
    expect([broken.statusCode, broken.json().code]).toEqual([400, 'invalid_data']);
    expect(broken.json().detail).toContain('The body:3001:');
    expect(await read()).toHaveLength(3_000);
  });

  test('takes no document that names graphs of its own', async () => {
    const text = '{ "@id": "urn:h", "@graph": [{ "@id": "urn:s", "urn:p": "x" }] }';
    const answer = await send('PUT', graph, text, 'application/ld+json');
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_data']);
  });

  test('adds the files of a form, each with blank nodes of its own, all of them or none', async () => {
    const form = (...files: [name: string, type: string, text: string][]) => {
      const parts = files.map(
        ([name, type, text]) =>
          `--xx\r\nContent-Disposition: form-data; name="f"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n${text}\r\n`,
      );
      return send('POST', graph, `${parts.join('')}--xx--\r\n`, 'multipart/form-data; boundary=xx');
    };
    const good = ['a.ttl', 'text/turtle; charset=utf-8', '_:b <urn:p> "1" .'] as const;
    const answer = await form([...good], ['b.nt', 'application/n-triples', '_:b <urn:p> "2" .']);
    expect(answer.statusCode).toBe(201);
    expect(new Set((await read()).map((line) => line.split(' ')[0])).size).toBe(2);
    const broken = await form([...good], ['b.ttl', 'text/turtle', '<urn:s>\n "open']);
    expect([broken.statusCode, broken.json().code]).toEqual([400, 'invalid_data']);
    expect(broken.json().detail).toMatch(/^b\.ttl:2:\d+/);
    expect((await form([...good], ['c.json', 'application/json', '{}'])).statusCode).toBe(415);
    for (const body of [
      '',
      '--yy--',
      '--xx\r\nContent-Disposition: form-data; name="f"\r\n\r\n1\r\n--xx--',
    ])
      expect((await send('POST', graph, body, 'multipart/form-data; boundary=xx')).statusCode).toBe(
        400,
      );
    expect(await read()).toHaveLength(2);
  });

  test("takes each body's blank nodes for its own", async () => {
    await send('POST', graph, '_:same <urn:p> "1" .');
    await send('POST', graph, '_:same <urn:p> "2" .');
    expect(new Set((await read()).map((line) => line.split(' ')[0])).size).toBe(2);
  });

  test.each([
    [
      'a mistake, by line and column',
      graph,
      '<urn:s> <urn:p>\n  "open .',
      'text/turtle',
      400,
      'invalid_data',
      /2:\d+/,
    ],
    [
      'a format that is not read',
      graph,
      '{}',
      'application/json',
      415,
      'unsupported_media_type',
      /./,
    ],
    [
      'two graphs',
      `${graph}&graph=urn%3Ah`,
      one,
      'text/turtle',
      400,
      'invalid_parameters',
      /one graph/,
    ],
    [
      'a graph and the default',
      `${graph}&default`,
      one,
      'text/turtle',
      400,
      'invalid_parameters',
      /one graph/,
    ],
    ['a relative IRI', '/store?graph=g', one, 'text/turtle', 400, 'invalid_parameters', /IRI/],
    [
      'an unknown key',
      `${graph}&inference=1`,
      one,
      'text/turtle',
      400,
      'invalid_parameters',
      /inference/,
    ],
    ['bytes that are no text', graph, '\ud800', 'text/turtle', 400, 'invalid_data', /./],
  ])(
    'refuses %s, and leaves the graph as it was',
    async (_, url, payload, type, status, code, detail) => {
      await send('PUT', graph, two);
      const answer = await send('PUT', url, payload, type);
      expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
      expect(answer.json().detail).toMatch(detail);
      expect(await read()).toEqual([two]);
    },
  );
});
