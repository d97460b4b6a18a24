import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readDataRequest } from '../../../src/ontology/embedded/data-request.ts';
import { openEmbedded, type Embedded } from '../../../src/ontology/embedded/open-embedded.ts';
import { sparql, sparqlText } from '../../../src/ontology/sparql.ts';
import { factory, iri, xsd } from '../../../src/ontology/terms.ts';
import { collect } from '../../support/collect.ts';

const graph = iri('x:g');
// A second operation, which is for the SPARQL parser.
const another = ' ;\nDROP SILENT GRAPH <x:none>';

describe('A10 INSERT DATA', () => {
  let embedded: Embedded;
  beforeAll(async () => {
    embedded = await openEmbedded({});
  });
  afterEach(() => embedded.store.update(sparql`DROP ALL`));
  afterAll(() => embedded.close());

  const contents = async () => {
    const pages = await collect(embedded.store.export());
    return pages.join('').split('\n').filter(Boolean).toSorted();
  };

  test('of 60,000 quads is done within the time of a query, and DELETE DATA takes them out', async () => {
    const lines = Array.from(
      { length: 60_000 },
      (_, n) => `<x:s${n >> 2}> <x:p${n & 3}> ${n % 3 ? `"value ${n}"` : n} .`,
    );
    const data = `{ GRAPH <x:g> { ${lines.join('\n')} } }`;
    const inserted = await embedded.store.update(sparqlText(`INSERT DATA ${data}`));
    expect(inserted).toEqual({ position: 1, inserted: 60_000, removed: 0 });
    expect(await embedded.store.graphs()).toEqual([{ graph, quads: 60_000 }]);
    const removed = await embedded.store.update(sparqlText(`DELETE DATA ${data}`));
    expect(removed).toEqual({ position: 2, inserted: 0, removed: 60_000 });
    expect(await embedded.store.graphs()).toEqual([]);
  });

  test.each([
    ['prefixes, lists and short forms', 'PREFIX e: <x:> INSERT DATA { e:a e:p 1, "x"@en ; a e:T }'],
    [
      'several graphs',
      'INSERT DATA { GRAPH <x:g> { <x:a> <x:p> 1 } GRAPH <x:h> { <x:a> <x:p> 2 } }',
    ],
    ['a base', 'BASE <x:base/> INSERT DATA { <a> <p> <#o> }'],
    ['triples before a GRAPH block', 'INSERT DATA { <x:a> <x:p> 1 GRAPH <x:g> { <x:a> <x:p> 2 } }'],
    ['two operations', 'INSERT DATA { <x:a> <x:p> 1 } ; INSERT DATA { <x:a> <x:p> 2 }'],
    ['one that undoes the other', 'INSERT DATA { <x:a> <x:p> 1 } ; DELETE DATA { <x:a> <x:p> 1 }'],
    [
      'braces and quotes in texts',
      `INSERT DATA { <x:a> <x:p> "} ; DROP ALL #", '''it's "so" }''' }`,
    ],
    ['escapes that end a text', String.raw`INSERT DATA { <x:a> <x:p> "\u00e9\n\t\\" }`],
    ['a language tag', 'INSERT DATA { <x:a> <x:p> "colour"@en-us }'],
    ['numbers as they are written', 'INSERT DATA { <x:a> <x:p> 01, 1.10, 1e0, true }'],
  ])('says the same, whichever parser reads it: %s', async (_, text) => {
    await embedded.store.update(sparqlText(text));
    const quick = await contents();
    await embedded.store.update(sparql`DROP ALL`);
    await embedded.store.update(sparqlText(text + another));
    expect(await contents()).toEqual(quick);
  });

  test.each([
    ['a relative IRI without a base', 'INSERT DATA { <a> <x:p> 1 }'],
    ['a variable', 'INSERT DATA { ?a <x:p> 1 }'],
    ['a blank node to delete', 'DELETE DATA { _:b <x:p> 1 }'],
    ['no end', 'INSERT DATA { <x:a> <x:p> 1'],
  ])('is refused by both parsers: %s', async (_, text) => {
    for (const update of [text, text + another])
      await expect(embedded.store.update(sparqlText(update))).rejects.toMatchObject({
        code: 'invalid_query',
      });
    expect(await contents()).toEqual([]);
  });

  test('blank nodes are new ones in each request', async () => {
    const text = sparqlText(`INSERT DATA { _:b <x:p> "x" . _:b <x:q> [] }`);
    await embedded.store.update(text);
    await embedded.store.update(text);
    const nodes = await embedded.store.select(
      sparql`SELECT DISTINCT ?n { { ?n ?p ?o } UNION { ?s ?p ?n FILTER isBlank(?n) } }`,
      { unionDefaultGraph: false },
    );
    expect(nodes).toHaveLength(4);
  });

  test('a blank node inside a triple term is the one outside it', async () => {
    const node = factory.blankNode('b');
    const inner = factory.quad(node, iri('x:p'), factory.literal('x'));
    await embedded.store.insert(graph, [inner, factory.quad(iri('x:s'), iri('x:says'), inner)]);
    const [first, second] = (await contents())
      .map((line) => /_:\S+/.exec(line)?.[0])
      .filter(Boolean);
    expect(first).toBeDefined();
    expect(second).toBe(first);
    expect(
      await embedded.store.ask(
        sparqlText('ASK { ?n <x:p> "x" . ?s <x:says> <<( ?n <x:p> "x" )>> }'),
      ),
    ).toBe(true);
  });

  test('T5 text made to keep a pattern busy takes no time', () => {
    const many = (text: string) => text.repeat(200_000 / text.length);
    const texts = [' ', '#', '\n#', 'PREFIX ', '}', '} ', '; '].flatMap((text) => [
      `${many(text)}x`,
      `INSERT DATA { ${many(text)}x`,
      `INSERT DATA { <x:a> <x:p> 1 }${many(text)}x`,
    ]);
    const start = performance.now();
    for (const text of texts) expect(readDataRequest(text)).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test('the quick way is taken for plain data only', () => {
    const quick = (text: string) => readDataRequest(text) !== undefined;
    expect(quick('INSERT DATA { GRAPH <x:g> { <x:a> <x:p> 1 } }')).toBe(true);
    expect(quick('DELETE DATA { <x:a> <x:p> 1 } ;')).toBe(true);
    expect(quick(String.raw`INSERT DATA { <x:a> <x:p> "\u0022 } ; DROP ALL #" }`)).toBe(false);
    expect(quick('INSERT { <x:a> <x:p> ?o } WHERE { ?s ?p ?o }')).toBe(false);
  });
});

test('A6 10,000 things with their parts are described anew in seconds, and the same again changes nothing', async () => {
  const { store, close } = await openEmbedded({});
  const quads = Array.from({ length: 10_000 }, (_, n) => [
    factory.quad(iri(`x:c${n}`), iri('x:name'), factory.literal(`name ${n}`)),
    factory.quad(iri(`x:c${n}`), iri('x:since'), factory.literal(String(n), xsd('integer'))),
    factory.quad(iri(`x:part${n}`), iri('x:of'), iri(`x:c${n}`)),
  ]).flat();
  const options = { parts: [iri('x:of')] };
  const start = performance.now();
  expect(await store.replaceSubjects(graph, quads, options)).toMatchObject({ inserted: 30_000 });
  expect(await store.replaceSubjects(graph, quads, options)).toEqual({
    position: 1,
    inserted: 0,
    removed: 0,
  });
  expect(performance.now() - start).toBeLessThan(15_000);
  const fewer = quads.slice(0, 2);
  expect(await store.replaceSubjects(graph, fewer, options)).toMatchObject({ removed: 1 });
  await close();
});
