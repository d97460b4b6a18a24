import { describe, expect, test } from 'vitest';
import { EmbeddedStore } from '../../../src/ontology/embedded/embedded-store.ts';
import { openEmbedded } from '../../../src/ontology/embedded/open-embedded.ts';
import { sparql, sparqlText } from '../../../src/ontology/sparql.ts';
import { factory, iri, xsd } from '../../../src/ontology/terms.ts';
import { collect } from '../../support/collect.ts';

const graph = iri('x:g');
const fact = (lexical: string, datatype: string) =>
  factory.quad(iri('x:s'), iri('x:p'), factory.literal(lexical, xsd(datatype)));

const exported = async (store: EmbeddedStore) =>
  (await collect(store.export())).join('').split('\n').filter(Boolean).toSorted();

// Oxigraph keeps each of these in another form.
const rewritten: [string, string][] = [
  ['1', 'int'],
  ['007', 'integer'],
  ['+5', 'integer'],
  ['1.10', 'decimal'],
  ['1e3', 'double'],
  ['1', 'boolean'],
  ['2026-11-21T06:00:00.000Z', 'dateTime'],
  ['2026-11-21T06:00:00+00:00', 'dateTime'],
  ['2026-11-21T06:00:00Z', 'dateTimeStamp'],
  ['P14M', 'duration'],
];

describe('literals come back as they went in', () => {
  test('over a snapshot and a restart, and can be removed in their own form', async () => {
    const { store, state, close } = await openEmbedded({});
    const about = (index: number) => iri(`x:${index}`);
    const facts = rewritten.map(([lexical, datatype], index) =>
      factory.quad(about(index), iri('x:p'), factory.literal(lexical, xsd(datatype))),
    );
    await store.insert(graph, facts);
    const expectSame = async (from: EmbeddedStore) => {
      const lines = rewritten.map(
        ([lexical, datatype], index) =>
          `<x:${index}> <x:p> "${lexical}"^^<${xsd(datatype).value}> <x:g> .`,
      );
      expect(await exported(from)).toEqual(['# graph <x:g>', ...lines]);
      for (const [index, [value, datatype]] of rewritten.entries()) {
        const [quad] = await from.subject(about(index));
        expect(quad!.object).toMatchObject({ value, datatype: xsd(datatype) });
      }
    };
    await expectSame(store);
    await store.snapshot();
    await store.close();
    const again = await EmbeddedStore.open({ state });
    await expectSame(again);
    for (const each of facts)
      expect(await again.remove(graph, [each])).toMatchObject({ removed: 1 });
    expect(await exported(again)).toEqual(['# graph <x:g>']);
    await again.close();
    await close();
  });

  test('also when an update makes them, and a language tag keeps its capitals', async () => {
    const { store, close } = await openEmbedded({});
    await store.update(
      sparqlText('INSERT DATA { GRAPH <x:g> { <x:s> <x:p> "colour"@en-GB, 01 } }'),
    );
    expect(await exported(store)).toEqual([
      '# graph <x:g>',
      `<x:s> <x:p> "01"^^<${xsd('integer').value}> <x:g> .`,
      '<x:s> <x:p> "colour"@en-GB <x:g> .',
    ]);
    const languages = (await store.subject(iri('x:s'))).flatMap(({ object }) =>
      object.termType === 'Literal' ? object.language : [],
    );
    expect(languages.toSorted()).toEqual(['', 'en-GB']);
    await close();
  });

  test.each([
    ['COPY DEFAULT TO <x:b>', '<x:b>'],
    ['ADD <x:a> TO <x:b>', '<x:b>'],
    ['MOVE <x:a> TO <x:b>', '<x:b>'],
    ['MOVE <x:a> TO DEFAULT', ''],
  ])('also after %s', async (text, to) => {
    const { store, close } = await openEmbedded({});
    const data = '<x:s> <x:p> <x:o>, "colour"@en-GB, 01';
    await store.update(sparqlText(`INSERT DATA { ${data} . GRAPH <x:a> { ${data} } }`));
    await store.update(sparqlText(text));
    const lines = (await exported(store)).filter((line) => !line.startsWith('#'));
    for (const object of ['<x:o>', '"colour"@en-GB', `"01"^^<${xsd('integer').value}>`])
      expect(lines).toContain(`<x:s> <x:p> ${object}${to && ` ${to}`} .`);
    await close();
  });

  test('a write that fails leaves the form that was there', async () => {
    const { store, close } = await openEmbedded({});
    await store.insert(graph, [fact('01', 'integer')]);
    const before = await exported(store);
    const broken = sparql`DELETE WHERE { GRAPH ${graph} { ?s ?p ?o } } ; CLEAR GRAPH <x:nowhere>`;
    await expect(store.update(broken)).rejects.toMatchObject({ code: 'not_found' });
    expect(await exported(store)).toEqual(before);
    await close();
  });

  test('the same value in another form replaces it, and the journal says so', async () => {
    const { store, close } = await openEmbedded({});
    await store.insert(graph, [fact('01', 'integer')]);
    expect(await store.insert(graph, [fact('1', 'integer')])).toMatchObject({ inserted: 0 });
    const commit = await store.replace(graph, [fact('1', 'int')]);
    expect(commit).toMatchObject({ inserted: 1, removed: 1 });
    expect(await exported(store)).toContain(`<x:s> <x:p> "1"^^<${xsd('int').value}> <x:g> .`);
    await close();
  });

  test('queries show the canonical form', async () => {
    const { store, close } = await openEmbedded({});
    await store.insert(graph, [fact('01', 'integer')]);
    const [row] = await store.select(sparql`SELECT ?o { ?s ?p ?o FILTER(?o = 1) }`);
    expect(row!.o!.value).toBe('1');
    await close();
  });
});

describe('A27 export()', () => {
  test('gives one moment, whatever is written while it is read', async () => {
    const { store, close } = await openEmbedded({});
    const many = Array.from({ length: 5000 }, (_, n) => fact(`value ${n}`, 'string'));
    await store.insert(graph, many);
    const lines: string[] = [];
    for await (const page of store.export({ graph })) {
      if (lines.length === 0) await store.update(sparql`DROP ALL`);
      lines.push(...page.split('\n').filter(Boolean));
    }
    expect(lines).toHaveLength(5001);
    expect(await exported(store)).toEqual([]);
    await close();
  });

  test('of one graph leaves the others out, and ends when its caller goes away', async () => {
    const { store, close } = await openEmbedded({});
    await store.insert(graph, [fact('a', 'string')]);
    await store.insert(iri('x:other'), [fact('b', 'string')]);
    expect((await collect(store.export({ graph }))).join('')).toBe(
      '# graph <x:g>\n<x:s> <x:p> "a" <x:g> .\n',
    );
    const gone = collect(store.export({ signal: AbortSignal.abort() }));
    await expect(gone).rejects.toMatchObject({ code: 'cancelled' });
    await close();
  });

  test('blank nodes keep their labels over restarts, with a snapshot and without', async () => {
    const { store, state, close } = await openEmbedded({});
    const node = factory.blankNode('b0_a');
    await store.insert(graph, [factory.quad(node, iri('x:p'), factory.literal('x'))]);
    const before = await exported(store);
    await store.close();
    for (const snapshot of [true, false]) {
      const again = await EmbeddedStore.open({ state });
      if (snapshot) await again.snapshot();
      expect(await exported(again)).toEqual(before);
      await again.close();
    }
    await close();
  });
});
