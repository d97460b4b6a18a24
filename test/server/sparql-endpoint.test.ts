import { Parser, Store } from 'n3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sparqlText } from '../../src/ontology/sparql.ts';
import { testApp, type TestApp } from './apps.ts';

let kit: TestApp;

beforeEach(async () => {
  kit = await testApp();
  await kit.store.update(
    sparqlText(`INSERT DATA {
      <urn:s0> <urn:p> "default" .
      GRAPH <urn:g1> { <urn:s1> <urn:p> "one" }
      GRAPH <urn:g2> { <urn:s2> <urn:p> "two" } }`),
  );
});

afterEach(() => kit[Symbol.asyncDispose]());

const all = 'SELECT ?o { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }';

/** The values that a query finds when the request names these graphs. */
async function found(graphs: Record<string, string[]>, query = all): Promise<string[]> {
  const fields = Object.entries(graphs).flatMap(([key, values]) =>
    values.map((value) => [key, value]),
  );
  const answer = await kit.app.inject({
    method: 'POST',
    url: '/sparql',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams([['query', query], ...(fields as [string, string][])]).toString(),
  });
  expect(answer.statusCode, answer.body).toBe(200);
  const rows = answer.json().results.bindings as { o: { value: string } }[];
  return rows.map(({ o }) => o.value).toSorted();
}

const update = (payload: string, query = '') =>
  kit.app.inject({
    method: 'POST',
    url: `/sparql${query}`,
    headers: { 'content-type': 'application/sparql-update' },
    payload,
  });

describe('A10 the dataset of a request', () => {
  test('merges its default graphs, and GRAPH reaches only its named graphs', async () => {
    expect(await found({ 'default-graph-uri': ['urn:g1'] })).toEqual(['one']);
    expect(await found({ 'default-graph-uri': ['urn:g1', 'urn:g2'] })).toEqual(['one', 'two']);
    expect(await found({ 'named-graph-uri': ['urn:g2'] })).toEqual(['two']);
    expect(await found({ 'default-graph-uri': ['urn:g1'], 'named-graph-uri': ['urn:g1'] })).toEqual(
      ['one', 'one'],
    );
  });

  test('T10 wins over what the text names, so that no other graph is read', async () => {
    const text =
      'SELECT ?o FROM <urn:g2> FROM NAMED <urn:g2> { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }';
    expect(await found({ 'default-graph-uri': ['urn:g1'] }, text)).toEqual(['one']);
    expect(await found({ 'named-graph-uri': ['urn:g1'] }, text)).toEqual(['one']);
  });

  test('of an update is what its WHERE reads', async () => {
    const copy = 'INSERT { GRAPH <urn:copy> { ?s ?p ?o } } WHERE { ?s ?p ?o }';
    expect((await update(copy, '?using-graph-uri=urn:g2')).statusCode).toBe(204);
    expect(await found({ 'default-graph-uri': ['urn:copy'] })).toEqual(['two']);
    expect(
      (
        await update(
          'DELETE WHERE { GRAPH <urn:copy> { ?s ?p ?o } }',
          '?using-named-graph-uri=urn:g1',
        )
      ).statusCode,
    ).toBe(204);
    expect(await found({ 'default-graph-uri': ['urn:copy'] })).toEqual(['two']);
  });

  test('may not meet USING or WITH in the update itself', async () => {
    for (const text of [
      'WITH <urn:g1> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }',
      'DELETE { ?s ?p ?o } USING <urn:g1> WHERE { ?s ?p ?o }',
    ]) {
      const answer = await update(text, '?using-graph-uri=urn:g2');
      expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_query']);
    }
  });
});

describe('/sparql', () => {
  test('answers queries by GET and POST and carries out updates by POST', async () => {
    const asked = await kit.app.inject(
      `/sparql?query=${encodeURIComponent('ASK { <urn:s1> ?p ?o }')}`,
    );
    expect(asked.json().boolean).toBe(true);
    expect((await update('DROP GRAPH <urn:g1>')).statusCode).toBe(204);
    expect(await found({})).toEqual(['default', 'two', 'two']);
  });

  test('carries out no update by GET, and not two things at once', async () => {
    const drop = encodeURIComponent('DROP ALL');
    const both = await kit.app.inject({
      method: 'POST',
      url: '/sparql',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: `query=ASK%20%7B%7D&update=${drop}`,
    });
    for (const answer of [await kit.app.inject(`/sparql?update=${drop}`), both])
      expect(answer.statusCode).toBe(400);
    expect(await kit.store.graphs()).toHaveLength(2);
  });
});

describe('A10 relative IRIs', () => {
  const headers = { host: 'localhost:7411' };

  test('are resolved against the address of the request, in queries and in updates', async () => {
    for (const payload of [
      'INSERT DATA { GRAPH <g> { <s> <p> <?o> } }',
      'INSERT { GRAPH <g> { <s> <p> <#o> } } WHERE {}',
    ]) {
      const type = { ...headers, 'content-type': 'application/sparql-update' };
      const answer = await kit.app.inject({
        method: 'POST',
        url: '/update',
        headers: type,
        payload,
      });
      expect(answer.statusCode).toBe(204);
    }
    const query = 'SELECT ?o { GRAPH </g> { </s> </p> ?o } } ORDER BY ?o';
    const answer = await kit.app.inject({ url: '/query', query: { query }, headers });
    expect(
      answer.json().results.bindings.map(({ o }: { o: { value: string } }) => o.value),
    ).toEqual(['http://localhost:7411/update#o', 'http://localhost:7411/update?o']);
  });

  test('are resolved against BASE where the text has one', async () => {
    const query = 'BASE <urn:x> ASK { FILTER(STR(<#s>) = "urn:x#s") }';
    expect(
      (await kit.app.inject({ url: '/query', query: { query }, headers })).json().boolean,
    ).toBe(true);
  });

  test('T20 of a Host that is none are refused', async () => {
    const answer = await kit.app.inject({
      url: '/query?query=ASK%20%7B%7D',
      headers: { host: 'loc"al<host' },
    });
    expect([answer.statusCode, answer.json().kind]).toEqual([expect.any(Number), 'validation']);
  });
});

describe('the service description', () => {
  test.each([
    [undefined, 'text/turtle; charset=utf-8'],
    ['application/n-triples', 'application/n-triples'],
    ['text/html, */*;q=0.1', 'text/turtle; charset=utf-8'],
  ])('is RDF about this very endpoint, for a client that accepts %s', async (accept, type) => {
    const answer = await kit.app.inject({
      url: '/sparql',
      headers: { host: 'localhost:7411', ...(accept && { accept }) },
    });
    expect(answer.headers['content-type']).toBe(type);
    const graph = new Store(new Parser().parse(answer.body));
    const sd = 'http://www.w3.org/ns/sparql-service-description#';
    const [service] = graph.getSubjects(
      'http://www.w3.org/1999/02/22-rdf-syntax-ns#type',
      `${sd}Service`,
      null,
    );
    expect(graph.getObjects(service!, `${sd}endpoint`, null).map(({ value }) => value)).toEqual([
      'http://localhost:7411/sparql',
    ]);
    expect(graph.getObjects(null, `${sd}name`, null).map(({ value }) => value)).toEqual([
      'urn:g1',
      'urn:g2',
    ]);
  });

  test('is offered in no other format', async () => {
    const answer = await kit.app.inject({ url: '/sparql', headers: { accept: 'application/pdf' } });
    expect([answer.statusCode, answer.json().code]).toEqual([406, 'not_acceptable']);
  });
});
