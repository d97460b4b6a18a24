import fc from 'fast-check';
import type { LightMyRequestResponse } from 'fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sample, testApp, type TestApp } from './apps.ts';

/** How many requests are generated: GRAPHWRIGHT_HOSTILE, which the long run sets to 10,000. */
const count = Number(process.env.GRAPHWRIGHT_HOSTILE ?? 500);
const seed = 20_261_121;

let kit: TestApp;
beforeAll(async () => {
  kit = await testApp({ queryTimeout: 2_000 });
  await sample(kit.store);
});
afterAll(() => kit[Symbol.asyncDispose]());

interface Sent {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  url: string;
  headers: Record<string, string>;
  payload?: string | Buffer;
}

const queries = [
  'SELECT ?s WHERE { ?s ?p "a\\"b"@en ; ?q 1.5e3 . FILTER(?s != <urn:x>) } ORDER BY ?s LIMIT 5',
  'PREFIX ex: <urn:> CONSTRUCT { ?s ex:p ?o } WHERE { ?s (ex:a|^ex:b)*/ex:c ?o OPTIONAL { ?o ex:d [] } }',
  'ASK { VALUES (?a ?b) { (1 UNDEF) } BIND(CONCAT("x", ?a) AS ?c) MINUS { ?s a ?c } }',
  'DESCRIBE <urn:s> FROM <urn:g>',
];
const updates = [
  'INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> "x"^^<urn:t>, 2, true } }',
  'WITH <urn:g> DELETE { ?s ?p ?o } INSERT { ?s ?p 2 } WHERE { ?s ?p ?o }',
  'CREATE SILENT GRAPH <urn:h> ; CLEAR GRAPH <urn:h> ; DELETE WHERE { <urn:none> ?p ?o }',
];
const graphs = [
  '@prefix ex: <urn:> . ex:s ex:p "a"@en, """long""" ; ex:q ( 1 2.0 [ ex:r _:b ] ) .',
  '<urn:s> <urn:p> "x"^^<urn:t> .\n_:a <urn:q> <urn:o> .',
];

const noise = fc.oneof(
  fc.constantFrom(
    ...'{}()[]<>"\'\\.;,|^#?$@:*+-=!&%_ \n\t\u0000\ufeffé\u{1f600}'.split(''),
    '\\u007B',
    '""", ',
    '<<(',
    'SERVICE',
    'LOAD',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constant('('.repeat(80)),
);

/** A text with some of its characters taken out, put in or repeated. */
const mutated = (texts: readonly string[]) =>
  fc
    .tuple(
      fc.constantFrom(...texts),
      fc.array(fc.tuple(fc.nat(), fc.nat(12), noise), { minLength: 1, maxLength: 3 }),
    )
    .map(([text, edits]) =>
      edits.reduce((result, [place, length, instead]) => {
        const at = place % (result.length + 1);
        return result.slice(0, at) + instead + result.slice(at + length);
      }, text),
    );

const form = 'application/x-www-form-urlencoded';
const post = (url: string, type: string, payload: string | Buffer): Sent => ({
  method: 'POST',
  url,
  headers: { 'content-type': type },
  payload,
});

const escaped = fc.constantFrom('%', '%zz', '%ff', '%c3%28', '%ed%a0%80', '%00', '+', '%25');
const headers = fc.record(
  {
    accept: fc.oneof(
      fc.constantFrom('text/', '*', ';q=', 'text/csv;q=x', ',,,'),
      fc.string({ maxLength: 9 }),
    ),
    'content-type': fc.oneof(
      fc.constantFrom(
        '',
        'text',
        'application/sparql-query; charset=utf-16',
        'multipart/form-data',
      ),
      fc.string({ maxLength: 9 }),
    ),
    'content-length': fc.constantFrom('-1', 'x', '1e3', '99999999999'),
    'if-match': fc.string({ maxLength: 9 }),
    'if-none-match': fc.constantFrom('"', 'W/"', '"a" b'),
    'last-event-id': fc.constantFrom('-1', 'NaN', '9999999999999999'),
    host: fc.constantFrom('', '<', 'a b', 'localhost:x', '[::1', 'evil.example'),
    origin: fc.constantFrom('null', 'https://evil.example', 'x'),
    prefer: fc.constantFrom('wait=', 'wait=-1'),
  },
  { requiredKeys: [] },
);
const paths = fc.constantFrom(
  '/query',
  '/update',
  '/sparql',
  '/store?graph=urn:g',
  '/changes?after=x',
  '/store?default&default',
  '/store/%',
  '/%ff',
  '/workflows/%00',
);
const methods = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH');

const requests: fc.Arbitrary<Sent> = fc.oneof(
  {
    weight: 8,
    arbitrary: mutated(queries).map((text) => post('/query', 'application/sparql-query', text)),
  },
  {
    weight: 5,
    arbitrary: mutated(updates).map((text) => post('/update', 'application/sparql-update', text)),
  },
  {
    weight: 4,
    arbitrary: mutated(graphs).map((text): Sent => ({
      ...post('/store?graph=urn:m', 'text/turtle', text),
      method: 'PUT',
    })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        mutated([...queries, ...updates]),
        escaped,
        fc.constantFrom('/query', '/update', '/sparql'),
      )
      .map(([text, broken, url]) =>
        post(url, form, `query=${encodeURI(text.toWellFormed())}${broken}`),
      ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.uint8Array({ maxLength: 40 }),
        fc.constantFrom(
          'application/sparql-query',
          'application/sparql-update',
          form,
          'text/turtle',
          'multipart/form-data; boundary=x',
        ),
        paths,
      )
      .map(([bytes, type, url]) => post(url, type, Buffer.from(bytes))),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(methods, paths, headers, mutated(queries))
      .map(([method, url, some, text]): Sent => ({
        method,
        url,
        headers: some,
        ...(method !== 'GET' && { payload: text }),
      })),
  },
);

/** Of these no parser tells where they are: rules about the whole of a text or a body, and terms that are named. */
const placeless =
  /longer than|Expected one|SERVICE|LOAD is|This is an update|query changes nothing|UTF-8|multipart|there already|not there|needs more memory|names graphs of its own|Unknown prefix: |Invalid IRI|blank node|USING|variable/i;

/** `line:column`, or both in words. */
const place = /\b\d+:\d+\b|line \d+ between columns \d+ and \d+/;

/** A machine that is busy with other things makes the server ask for patience. */
async function answered(sent: Sent): Promise<LightMyRequestResponse> {
  const answer = await kit.app.inject(sent);
  if (answer.statusCode !== 503 || !answer.headers['retry-after']) return answer;
  await sleep(1_000);
  return answered(sent);
}

function assertRefusal(answer: LightMyRequestResponse): void {
  expect(answer.statusCode, answer.body).toBeLessThan(500);
  if (answer.statusCode < 400) return;
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  const { status, code, kind, detail } = answer.json();
  expect({ status, kind }).toEqual({ status: answer.statusCode, kind: 'validation' });
  expect(detail).not.toBe('');
  if (!['invalid_query', 'invalid_data'].includes(code) || placeless.test(detail)) return;
  expect(detail).toMatch(place);
}

describe('T20 malformed requests', () => {
  test(
    `of ${count}, generated from ${seed}, each is answered with what is wrong`,
    { timeout: 20_000 + count * 12 },
    async () => {
      const seen: Record<number, number> = {};
      await fc.assert(
        fc.asyncProperty(requests, async (sent) => {
          const answer = await answered(sent);
          seen[answer.statusCode] = (seen[answer.statusCode] ?? 0) + 1;
          assertRefusal(answer);
        }),
        { numRuns: count, seed, endOnFailure: true },
      );
      // Most of what is generated is wrong, in more than one way.
      expect(seen[400]).toBeGreaterThan(count / 3);
      expect(Object.keys(seen).length).toBeGreaterThan(4);
      const alive = await kit.app.inject('/query?query=ASK%20%7B%7D');
      expect(alive.json()).toMatchObject({ boolean: true });
    },
  );

  const turtle = 'text/turtle';
  const jsonld = 'application/ld+json';
  const long = `${'<urn:s> <urn:p> <urn:o> .\n'.repeat(4000)}`;
  test.each([
    ['/query', 'application/sparql-query', 'SELECT *\n{ ?s ?p', /2:8/],
    ['/query', 'application/sparql-query', 'SELECT * {\n  ?s ?p ?o }}', /2:14/],
    ['/query', 'application/sparql-query', `ASK {\n${'('.repeat(70)}`, /deep, at 2:64/],
    [
      '/query',
      'application/sparql-query',
      `ASK { ${'{} UNION\n'.repeat(200)}`,
      /operators, at \d+:\d/,
    ],
    ['/update', 'application/sparql-update', 'INSERT DATA {\n  <urn:s> (p> "x" }', /2:11/],
    ['/update', 'application/sparql-update', 'INSERT DATA { <urn:s>\r\n# (\r\n  <urn:p> }', /3:11/],
    ['/update', 'application/sparql-update', 'INSRT DATA {}', /1:1/],
    ['/store?graph=urn:m', turtle, '<urn:s> <urn:p>\n  (1 2 .', /:2:8:/],
    ['/store?graph=urn:m', turtle, `${long}<urn:s> <urn:p> x .`, /:4001:17:/],
    [
      '/store?graph=urn:m',
      'application/n-triples',
      '<urn:s> <urn:p> "a" .\n<urn:s> "p" <urn:o> .',
      /:2:9:/,
    ],
    ['/store?graph=urn:m', jsonld, '{\n "@id": "urn:s",\n "urn:p": }', /:3:11:/],
  ])('at %s, as %s: %j, is answered with its line and column', async (url, type, text, where) => {
    const method = url === '/query' || url === '/update' ? 'POST' : 'PUT';
    const answer = await answered({ ...post(url, type, text), method });
    expect(answer.statusCode, answer.body).toBe(400);
    expect(answer.json().detail).toMatch(where);
  });
});
