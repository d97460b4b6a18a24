import { Parser, Store } from 'n3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sparqlText } from '../../src/ontology/sparql.ts';
import { sample, testApp, type TestApp } from './apps.ts';

const voidTerm = (name: string) => `http://rdfs.org/ns/void#${name}`;
const url = '/.well-known/void';

let kit: TestApp;
beforeAll(async () => {
  kit = await testApp();
  await sample(kit.store);
  await kit.store.update(
    sparqlText(`INSERT DATA { <urn:a> a <urn:C> . GRAPH <urn:g> { <urn:b> a <urn:C>, <urn:D> } }`),
  );
});
afterAll(() => kit[Symbol.asyncDispose]());

const graphAt = async (path: string) =>
  new Store(new Parser().parse((await kit.app.inject(path)).body));

describe('A10 the description of the data', () => {
  test('counts statements by class and by property', async () => {
    const graph = await graphAt(url);
    const dataset = 'http://localhost:80/.well-known/void#dataset';
    const numbers = ['triples', 'classes', 'properties'].map(
      (name) => graph.getObjects(dataset, voidTerm(name), null)[0]!.value,
    );
    expect(numbers).toEqual(['6', '2', '3']);
    const sizes = (criterion: string, measure: string) =>
      Object.fromEntries(
        graph
          .getObjects(dataset, voidTerm(`${criterion}Partition`), null)
          .map((part) => [
            graph.getObjects(part, voidTerm(criterion), null)[0]!.value,
            graph.getObjects(part, voidTerm(measure), null)[0]!.value,
          ]),
      );
    expect(sizes('class', 'entities')).toEqual({ 'urn:C': '2', 'urn:D': '1' });
    expect(sizes('property', 'triples')).toEqual({
      'http://www.w3.org/1999/02/22-rdf-syntax-ns#type': '3',
      'https://example.org/name': '2',
      'https://example.org/says': '1',
    });
  });

  test('is what the service description speaks of', async () => {
    const dataset = 'http://localhost:80/.well-known/void#dataset';
    const service = await graphAt('/sparql');
    const sd = 'http://www.w3.org/ns/sparql-service-description#';
    expect(service.getObjects(null, `${sd}defaultDataset`, null)[0]!.value).toBe(dataset);
    const seeAlso = 'http://www.w3.org/2000/01/rdf-schema#seeAlso';
    expect(service.getObjects(dataset, seeAlso, null)[0]!.value).toBe(`http://localhost:80${url}`);
    const endpoint = (await graphAt(url)).getObjects(dataset, voidTerm('sparqlEndpoint'), null);
    expect(endpoint.map(({ value }) => value)).toEqual(['http://localhost:80/sparql']);
  });

  test('is sent in two formats and only when it is new', async () => {
    const answer = await kit.app.inject({ url, headers: { accept: 'application/n-triples' } });
    expect(answer.headers['content-type']).toBe('application/n-triples');
    const known = { accept: 'application/n-triples', 'if-none-match': String(answer.headers.etag) };
    expect((await kit.app.inject({ url, headers: known })).statusCode).toBe(304);
    const other = await kit.app.inject({ url, headers: { accept: 'application/pdf' } });
    expect([other.statusCode, other.json().code]).toEqual([406, 'not_acceptable']);
  });
});
