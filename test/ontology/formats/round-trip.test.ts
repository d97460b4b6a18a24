import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEmbedded, type Embedded } from '../../../src/ontology/embedded/open-embedded.ts';
import { formats, type FormatName } from '../../../src/ontology/formats/formats.ts';
import { quadsIn } from '../../../src/ontology/formats/page-quads.ts';
import { parseRdf } from '../../../src/ontology/formats/parse-rdf.ts';
import { writeRdf } from '../../../src/ontology/formats/write-rdf.ts';
import { factory, iri } from '../../../src/ontology/terms.ts';

type Written = Exclude<FormatName, 'csv'>;
const written = formats.flatMap(({ name }) => (name === 'csv' ? [] : [name as Written]));

const xsd = 'http://www.w3.org/2001/XMLSchema#';
const literals = [
  `"01"^^<${xsd}int>`,
  `"1"^^<${xsd}byte>`,
  `"007"^^<${xsd}integer>`,
  `"1.10"^^<${xsd}decimal>`,
  `"+1.0E3"^^<${xsd}double>`,
  `"1"^^<${xsd}boolean>`,
  `"2024-01-01T00:00:00.000+02:00"^^<${xsd}dateTime>`,
  `"2024-01-01T00:00:00-00:00"^^<${xsd}dateTimeStamp>`,
  `"2024-01-01Z"^^<${xsd}date>`,
  `"P1M0D"^^<${xsd}duration>`,
  `"not a number"^^<${xsd}integer>`,
  '"{\\"a\\": 1}"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON>',
  '"Colour"@en-GB',
  '"漢字"@zh-Hant-TW',
  '""',
  '" \\"quoted\\" \\\\ back\\tslash\\r\\nlines <&> été 😀 "',
];
const statements = [
  ...literals.map((literal, n) => `<urn:s:${n}> <https://schema.org/name> ${literal}`),
  '_:x <http://example.org/knows> _:y',
  '_:y <http://example.org/knows> _:x',
  '<urn:s> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://schema.org/Person>',
  '<http://example.org/é?a=b&c=d#e> <http://example.org/p> <http://example.org/%C3%A9>',
];

const bytes = async function* (text: AsyncIterable<string> | Iterable<string>) {
  for await (const part of text) yield Buffer.from(part);
};

const graphs = ['urn:g:first', 'urn:g:second'];
let source: Embedded;
beforeAll(async () => {
  source = await openEmbedded({});
  for (const graph of graphs) {
    const text = statements.map((statement) => `${statement} .\n`);
    await source.store.load(parseRdf(bytes(text), { name: 'source', format: 'turtle', graph }));
  }
});
afterAll(() => source.close());

/** Every statement but the blank nodes' labels, which are new in each document. */
async function contentOf({ store }: Embedded): Promise<string[]> {
  const lines: string[] = [];
  for await (const page of store.export()) lines.push(...page.split('\n'));
  return lines
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => line.replaceAll(/_:\S+/g, '_:'))
    .toSorted();
}

describe('A27 what is loaded, exported and loaded again is the same to the letter', () => {
  test.each(written)('in %s', async (name) => {
    const { quads } = formats.find((format) => format.name === name)!;
    await using copy = disposable(await openEmbedded({}));
    for (const graph of quads ? [undefined] : graphs) {
      const pages = source.store.export({ graph: graph === undefined ? undefined : iri(graph) });
      const text = bytes(writeRdf(pages, name));
      await copy.store.load(parseRdf(text, { name, format: name, graph }));
    }
    expect(await contentOf(copy)).toEqual(await contentOf(source));
  });

  test('merges the graphs where it is told to', async () => {
    for (const name of written) {
      const pages = source.store.export({ graph: iri(graphs[0]!) });
      const found = new Set<string>();
      const text = bytes(writeRdf(pages, name, { merged: true }));
      for await (const page of parseRdf(text, { name, format: name }))
        for (const graph of page.graphs) found.add(graph);
      expect([...found], name).toEqual([]);
    }
  });

  test('with triple terms and directions in the formats that can say them', async () => {
    const text = ['<urn:a> <urn:b> <<( <urn:c> <urn:d> "x"@ar--rtl )>> <urn:g> .\n'];
    for (const name of ['nquads', 'trig'] as const) {
      const again: string[] = [];
      for await (const page of parseRdf(bytes(writeRdf(pagesOf(text), name)), {
        name,
        format: name,
      }))
        again.push(page.statements);
      expect(again).toEqual(text);
    }
    for (const name of ['jsonld', 'rdfxml'] as const)
      await expect(collect(writeRdf(pagesOf(text), name))).rejects.toMatchObject({
        code: 'invalid_data',
      });
    const directed = ['<urn:a> <urn:b> "x"@ar--rtl .\n'];
    const [quad] = quadsIn(directed[0]!);
    const json = await collect(writeRdf(pagesOf(directed), 'jsonld'));
    expect(JSON.parse(json)).toEqual([
      { '@id': 'urn:a', 'urn:b': [{ '@value': 'x', '@language': 'ar', '@direction': 'rtl' }] },
    ]);
    expect(quad!.object.equals(factory.literal('x', 'ar'))).toBe(false);
  });

  test('and RDF/XML says what it cannot say', async () => {
    for (const line of ['<urn:a> <urn:b/1> <urn:c> .', '<urn:a> <urn:b> "\\u0001" .'])
      await expect(collect(writeRdf(pagesOf([line]), 'rdfxml'))).rejects.toThrow(
        /RDF\/XML cannot say/,
      );
  });

  test('and an empty graph is a document in every format', async () => {
    for (const name of written) {
      const text = await collect(writeRdf(pagesOf([]), name));
      const quads = [];
      for await (const page of parseRdf(bytes([text]), { name, format: name })) quads.push(page);
      expect(quads, name).toEqual([]);
    }
  });
});

async function* pagesOf(pages: string[]) {
  yield* pages;
}

async function collect(text: AsyncIterable<string>): Promise<string> {
  let all = '';
  for await (const part of text) all += part;
  return all;
}

const disposable = (embedded: Embedded) => ({
  ...embedded,
  [Symbol.asyncDispose]: () => embedded.close(),
});
