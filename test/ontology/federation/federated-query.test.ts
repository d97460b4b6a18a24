import { afterAll, describe, expect, test } from 'vitest';
import { federatedQuery } from '../../../src/ontology/federation/federated-query.ts';
import { sparql, sparqlText } from '../../../src/ontology/sparql.ts';
import { iri } from '../../../src/ontology/terms.ts';
import { httpServer } from '../../integrations/support/http-server.ts';
import { testApp, type TestApp } from '../../server/apps.ts';

const ex = (name: string) => iri(`https://example.org/${name}`);

/** Customers at home; on another server, the countries that they live in. */
async function twoServers() {
  const home = await testApp();
  const away = await testApp();
  await home.store.update(
    sparqlText(`PREFIX ex: <https://example.org/>
      INSERT DATA { GRAPH ex:customers {
        ex:ada ex:name "Ada" ; ex:country ex:se .
        ex:bob ex:name "Bob" ; ex:country ex:ke .
        ex:cyd ex:name "Cyd" ; ex:country ex:nowhere ; ex:address [ ex:city "Oslo" ] .
      } }`),
  );
  await away.store.update(
    sparqlText(`PREFIX ex: <https://example.org/>
      INSERT DATA { GRAPH ex:countries {
        ex:se ex:label "Sweden"@en ; ex:currency "SEK" .
        ex:ke ex:label "Kenya"@en ; ex:currency "KES" .
      } }`),
  );
  const endpoint = `${await away.app.listen({ port: 0, host: '127.0.0.1' })}/query`;
  return {
    store: home.store,
    endpoint,
    host: new URL(endpoint).host,
    async [Symbol.asyncDispose]() {
      await home[Symbol.asyncDispose]();
      await away[Symbol.asyncDispose]();
    },
  };
}

let kept: Promise<TestApp> | undefined;
/** A graph without anything in it, for queries that are about somebody else. */
const empty = () => (kept ??= testApp());
afterAll(async () => (await kept)?.[Symbol.asyncDispose]());

const joined = sparql`SELECT ?name ?label {
  ?customer ${ex('name')} ?name ; ${ex('country')} ?country .
  ?country ${ex('label')} ?label
} ORDER BY ?name`;

describe('N9 one query over the graph at home and another server', () => {
  test('joins customers with the countries that only the other server knows', async () => {
    await using both = await twoServers();
    const federation = { store: both.store, endpoints: [both.endpoint], privateHosts: [both.host] };
    const rows = await federatedQuery(joined, federation);
    expect(rows.map(({ name, label }) => `${name!.value} ${label!.value}`)).toEqual([
      'Ada Sweden',
      'Bob Kenya',
    ]);
    expect(rows[0]!.label).toMatchObject({ termType: 'Literal', language: 'en' });
  });

  test('follows blank nodes at home, and knows aggregates, OPTIONAL and GRAPH', async () => {
    await using both = await twoServers();
    const federation = { store: both.store, endpoints: [both.endpoint], privateHosts: [both.host] };
    const cities = await federatedQuery(
      sparql`SELECT ?city { ${ex('cyd')} ${ex('address')} ?a . ?a ${ex('city')} ?city }`,
      federation,
    );
    expect(cities.map(({ city }) => city!.value)).toEqual(['Oslo']);
    const [count] = await federatedQuery(
      sparql`SELECT (COUNT(?customer) AS ?n) (COUNT(?label) AS ?known) {
        GRAPH ${ex('customers')} { ?customer ${ex('country')} ?country }
        OPTIONAL { ?country ${ex('label')} ?label }
      }`,
      federation,
    );
    expect([count!.n!.value, count!.known!.value]).toEqual(['3', '2']);
  });

  test('without endpoints it is asked at home only', async () => {
    await using both = await twoServers();
    expect(await federatedQuery(joined, { store: both.store, endpoints: [] })).toEqual([]);
  });

  test('more rows than the cap are `too_large`', async () => {
    await using both = await twoServers();
    const federation = { store: both.store, endpoints: [], maxRows: 2 };
    await expect(
      federatedQuery(sparql`SELECT * { ?s ${ex('name')} ?o }`, federation),
    ).rejects.toMatchObject({ code: 'too_large' });
  });

  test.each([
    ['SELECT ?s {\n ?s ?p }', 'invalid_query'],
    ['ASK {}', 'invalid_query'],
    ['DELETE WHERE { ?s ?p ?o }', 'invalid_query'],
    ['SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }', 'forbidden'],
  ])('T9 %j is refused', async (text, code) => {
    const home = await empty();
    await expect(
      federatedQuery(sparqlText(text), { store: home.store, endpoints: [] }),
    ).rejects.toMatchObject({ code });
  });

  test('an endpoint that is down is `integration_failed`, one that hangs `timeout`', async () => {
    const home = await empty();
    await using silent = await httpServer(() => undefined);
    const ask = (url: string, timeout: number, signal?: AbortSignal) =>
      federatedQuery(sparql`SELECT * { ?s ${ex('p')} ?o }`, {
        store: home.store,
        endpoints: [url],
        privateHosts: [new URL(url).host],
        timeout,
        signal,
      });
    await expect(ask('http://127.0.0.1:9/sparql', 20_000)).rejects.toMatchObject({
      code: 'integration_failed',
    });
    await expect(ask(silent.url, 200)).rejects.toMatchObject({ code: 'timeout' });
    await expect(ask(silent.url, 20_000, AbortSignal.timeout(200))).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

describe('what an endpoint may do to a federated query', () => {
  test.each(['127.0.0.1', 'localhost'])(
    'T17 one at %s is refused unless it is listed',
    async (host) => {
      await using away = await httpServer(() => undefined);
      const { store } = await empty();
      const endpoints = [`http://${host}:${new URL(away.url).port}/sparql`];
      await expect(
        federatedQuery(sparql`SELECT * { ?s ${ex('p')} ?o }`, { store, endpoints }),
      ).rejects.toMatchObject({ code: 'forbidden' });
      expect(away.requests).toEqual([]);
    },
  );

  test('T18 an endless answer ends at the limit', async () => {
    const home = await empty();
    await using away = await httpServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/sparql-results+json' });
      response.write('{"head":{"vars":["s"]},"results":{"bindings":[');
      const timer = setInterval(() => response.write(' '.repeat(2 ** 16)), 1);
      response.on('close', () => clearInterval(timer));
    });
    await expect(
      federatedQuery(sparql`SELECT * { ?s ${ex('p')} ?o }`, {
        store: home.store,
        endpoints: [away.url],
        privateHosts: [new URL(away.url).host],
        maxBytes: 2 ** 20,
        timeout: 10_000,
      }),
    ).rejects.toMatchObject({ code: 'too_large' });
  });
});
