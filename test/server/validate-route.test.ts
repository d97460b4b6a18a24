import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configuredShapes } from '../../src/ontology/shapes/configured-shapes.ts';
import { parseShapes } from '../../src/ontology/shapes/parse-shapes.ts';
import { sparql } from '../../src/ontology/sparql.ts';
import { parseTurtle } from '../../src/ontology/turtle.ts';
import { testApp, type TestApp } from './apps.ts';

const turtle = 'text/turtle';
const prefixes = '@prefix ex: <urn:ex:> . @prefix sh: <http://www.w3.org/ns/shacl#> .\n';
const shapes = `${prefixes}ex:PersonShape a sh:NodeShape ; sh:targetClass ex:Person ;
  sh:property [ sh:path ex:name ; sh:minCount 1 ; sh:message "a person has a name" ] .`;
const good = `${prefixes}ex:ada a ex:Person ; ex:name "Ada" .`;
const bad = `${prefixes}ex:bob a ex:Person .`;

async function form(parts: [field: string, type: string, text: string][]) {
  const data = new FormData();
  for (const [field, type, text] of parts)
    data.append(field, new Blob([text], { type }), `${field}.ttl`);
  const sent = new Response(data);
  return {
    headers: { 'content-type': sent.headers.get('content-type')! },
    payload: Buffer.from(await sent.arrayBuffer()),
  };
}

describe('N4 POST /validate', () => {
  let kit: TestApp;
  beforeAll(async () => {
    kit = await testApp({
      shapes: parseShapes(parseTurtle(shapes, 'shapes', 's')),
      queryTimeout: 3_000,
    });
  });
  afterAll(() => kit[Symbol.asyncDispose]());

  const sent = (payload: string, headers: Record<string, string> = {}) =>
    kit.app.inject({
      method: 'POST',
      url: '/validate',
      headers: { 'content-type': turtle, ...headers },
      payload,
    });
  const asForm = async (parts: [string, string, string][]) =>
    kit.app.inject({ method: 'POST', url: '/validate', ...(await form(parts)) });

  test('tells that a graph conforms, and what is wrong with one that does not', async () => {
    const answer = await sent(good);
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/json']);
    expect(answer.json()).toEqual({ conforms: true, results: [] });
    expect((await sent(bad)).json()).toEqual({
      conforms: false,
      results: [
        {
          focusNode: { type: 'uri', value: 'urn:ex:bob' },
          path: 'urn:ex:name',
          severity: 'http://www.w3.org/ns/shacl#Violation',
          constraint: 'http://www.w3.org/ns/shacl#MinCountConstraintComponent',
          shape: expect.stringMatching(/^_:/),
          message: 'a person has a name',
        },
      ],
    });
  });

  test('writes nothing', async () => {
    await sent(bad);
    await sent(good);
    expect(await kit.store.ask(sparql`ASK { ?s ?p ?o }`)).toBe(false);
  });

  test.each([turtle, 'application/n-triples', 'application/ld+json', 'application/rdf+xml'])(
    'reports as %s',
    async (accept) => {
      const answer = await sent(bad, { accept });
      expect(answer.statusCode, answer.body).toBe(200);
      expect(answer.headers['content-type']).toContain(accept);
      expect(answer.body).toContain('ValidationReport');
      // The report is read again by the very route that wrote it.
      const again = await sent(answer.body, { 'content-type': accept });
      expect(again.json()).toEqual({ conforms: true, results: [] });
    },
  );

  test('reports in no other format', async () => {
    expect((await sent(bad, { accept: 'text/csv' })).statusCode).toBe(406);
  });

  test('checks against the shapes that come along, and no others', async () => {
    const other = `${prefixes}[] a sh:NodeShape ; sh:targetNode ex:ada ;
      sh:property [ sh:path ex:name ; sh:datatype <http://www.w3.org/2001/XMLSchema#integer> ] .`;
    const data = (text: string) =>
      asForm([
        ['data', turtle, text],
        ['shapes', turtle, other],
      ]);
    expect((await data(bad)).json().conforms).toBe(true);
    const { results } = (await data(good)).json();
    expect(results).toMatchObject([{ value: { type: 'literal', value: 'Ada' } }]);
    expect(
      (
        await asForm([
          ['data', turtle, good],
          ['data', turtle, bad],
        ])
      ).json().conforms,
    ).toBe(false);
  });

  test('sees literals as they were written', async () => {
    const int = `${prefixes}[] a sh:NodeShape ; sh:targetSubjectsOf ex:n ;
      sh:property [ sh:path ex:n ; sh:datatype <http://www.w3.org/2001/XMLSchema#int> ] .`;
    const data = `${prefixes}ex:a ex:n "01"^^<http://www.w3.org/2001/XMLSchema#int> .`;
    const answer = await asForm([
      ['data', turtle, data],
      ['shapes', turtle, int],
    ]);
    expect(answer.json().conforms).toBe(true);
  });

  test.each([
    ['data that are no RDF', [['data', turtle, 'x\ny']], 400, /:1:1|data\.ttl/],
    [
      'shapes that are misspelt',
      [
        ['data', turtle, good],
        ['shapes', turtle, `${prefixes}ex:S a sh:NodeShape ; sh:minCuont 1 .`],
      ],
      400,
      /minCuont/,
    ],
    ['shapes without data', [['shapes', turtle, shapes]], 400, /no file data/],
    [
      'another part',
      [
        ['data', turtle, good],
        ['shape', turtle, shapes],
      ],
      400,
      /did you mean.*shapes/i,
    ],
    ['another type', [['data', 'text/csv', 'a,b']], 415, /text\/turtle/],
  ] as [string, [string, string, string][], number, RegExp][])(
    'refuses %s',
    async (_, parts, status, detail) => {
      const answer = await asForm(parts);
      expect(answer.statusCode, answer.body).toBe(status);
      expect(answer.json().detail).toMatch(detail);
    },
  );

  test('T5 a pattern that backtracks without end is ended, and holds nobody up', async () => {
    const slow = `${prefixes}[] a sh:NodeShape ; sh:targetSubjectsOf ex:n ;
      sh:property [ sh:path ex:n ; sh:pattern "^(a+)+$" ] .`;
    const data = `${prefixes}ex:a ex:n "${'a'.repeat(60)}b" .`;
    const ended = asForm([
      ['data', turtle, data],
      ['shapes', turtle, slow],
    ]);
    expect((await sent(good)).statusCode).toBe(200);
    expect((await ended).json()).toMatchObject({ status: 504, code: 'timeout' });
  });

  test('A13 is described', async () => {
    const { paths } = (await kit.app.inject('/openapi.json')).json();
    const { requestBody, responses } = paths['/validate'].post;
    expect(Object.keys(requestBody.content)).toContain('multipart/form-data');
    expect(Object.keys(responses['200'].content)).toContain('text/turtle');
  });
});

test('N4 without shapes of its own the server asks for them', async () => {
  await using kit = await testApp();
  const headers = { 'content-type': turtle };
  const answer = await kit.app.inject({ method: 'POST', url: '/validate', headers, payload: good });
  expect(answer.json()).toMatchObject({ status: 400, errors: [{ pointer: '/shapes' }] });
  expect(answer.json().detail).toContain('store.shapes');
});

test("N4 the toolkit's own shapes are what a configured server checks against", async () => {
  await using kit = await testApp({ shapes: await configuredShapes(undefined) });
  const payload = '<urn:c> a <https://w3id.org/graphwright#Customer> .';
  const headers = { 'content-type': turtle };
  const answer = await kit.app.inject({ method: 'POST', url: '/validate', headers, payload });
  expect(answer.json().conforms).toBe(false);
});
