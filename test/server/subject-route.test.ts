import { afterAll, beforeAll, expect, test } from 'vitest';
import { sparqlText } from '../../src/ontology/sparql.ts';
import { testApp, type TestApp } from './apps.ts';

const path = (iri: string, more = '') => `/subjects?iri=${encodeURIComponent(iri)}${more}`;
const ada = 'https://example.org/ada';

let running: TestApp;
beforeAll(async () => {
  running = await testApp();
  await running.store.update(
    sparqlText(`PREFIX ex: <https://example.org/> INSERT DATA {
      GRAPH ex:people { ex:ada ex:name "Ada"@en-GB ; ex:knows ex:bob . ex:bob ex:name "Bob" }
      GRAPH ex:others { ex:ada ex:knows ex:bob . ex:bob ex:knows ex:eve . ex:eve ex:age "01"^^<http://www.w3.org/2001/XMLSchema#int> } }`),
  );
});
afterAll(() => running[Symbol.asyncDispose]());

test('A25 GET /subjects describes a thing, and as deep as asked what it points to', async () => {
  const lines = async (url: string) => {
    const { body, headers, statusCode } = await running.app.inject(url);
    expect([statusCode, headers['content-type']]).toEqual([200, 'application/n-quads']);
    return body.trim().split('\n');
  };
  expect(await lines(path(ada))).toHaveLength(3);
  const all = await lines(path(ada, '&depth=3'));
  expect(all).toHaveLength(6);
  expect(all.at(-1)).toContain(
    '"01"^^<http://www.w3.org/2001/XMLSchema#int> <https://example.org/others>',
  );
});

test('A25 without named graphs each triple is told once', async () => {
  const { body } = await running.app.inject({
    url: path(ada),
    headers: { accept: 'application/n-triples' },
  });
  expect(body.trim().split('\n').toSorted()).toEqual([
    `<${ada}> <https://example.org/knows> <https://example.org/bob> .`,
    `<${ada}> <https://example.org/name> "Ada"@en-GB .`,
  ]);
});

test.each([
  [path('https://example.org/nobody'), 404, 'not_found'],
  [path(ada, '&depth=3&limit=5'), 413, 'too_large'],
  [path(ada, '&depth=0'), 400, 'invalid_parameters'],
  [path(ada, '&depth=99'), 400, 'invalid_parameters'],
  [path(ada, '&depht=2'), 400, 'invalid_parameters'],
  [path('ada'), 400, 'invalid_parameters'],
  ['/subjects', 400, 'invalid_parameters'],
  [`${path(ada)}&iri=x`, 400, 'invalid_parameters'],
])('A25 %s is answered with %i', async (url, status, code) => {
  const { statusCode, body } = await running.app.inject(url);
  expect(statusCode).toBe(status);
  expect(JSON.parse(body)).toMatchObject({ code });
});
