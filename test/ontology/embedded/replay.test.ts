import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Engine } from '../../../src/ontology/embedded/engine.ts';
import { openEmbedded } from '../../../src/ontology/embedded/open-embedded.ts';
import { EmbeddedStore } from '../../../src/ontology/embedded/embedded-store.ts';
import { sparql } from '../../../src/ontology/sparql.ts';
import { factory, iri } from '../../../src/ontology/terms.ts';

const content = (engine: Engine) => {
  const text = `SELECT ?g ?s ?p ?o { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } UNION { GRAPH ?g {} } }`;
  const bytes = engine.query({ text, format: 'text/csv', unionDefaultGraph: false });
  return new TextDecoder().decode(bytes).split('\r\n').toSorted();
};

describe('A10 the journal', () => {
  const node = fc.constantFrom('<x:a>', '<x:b>', '<x:c>');
  const object = fc.oneof(
    node,
    fc.constantFrom('1', '01', '"1"', '"x"@en', '"x"@EN', '1.50', 'true'),
  );
  const graph = fc.constantFrom('<x:g1>', '<x:g2>');
  const triple = fc.tuple(node, fc.constantFrom('<x:p>', '<x:q>'), object).map((t) => t.join(' '));
  const place = fc.oneof(
    triple,
    fc.tuple(graph, triple).map(([g, t]) => `GRAPH ${g} { ${t} }`),
  );
  const update = fc.oneof(
    fc
      .array(place, { minLength: 1, maxLength: 4 })
      .map((quads) => `INSERT DATA { ${quads.join(' . ')} }`),
    fc
      .array(place, { minLength: 1, maxLength: 4 })
      .map((quads) => `DELETE DATA { ${quads.join(' . ')} }`),
    fc
      .tuple(graph, node)
      .map(
        ([g, n]) =>
          `WITH ${g} DELETE { ?s ?p ?o } INSERT { ?o ?p ?s . ?s ?p ${n}, [] } WHERE { ?s ?p ?o }`,
      ),
    fc
      .tuple(graph, graph)
      .map(
        ([a, b]) =>
          `INSERT { GRAPH ?o { ?s ?p ?o } } USING ${a} USING NAMED ${b} WHERE { ?s ?p ?o OPTIONAL { GRAPH ?g { ?o ?q ?z } } }`,
      ),
    graph.map((g) => `DELETE WHERE { GRAPH ${g} { ?s <x:p> ?o } }`),
    fc
      .tuple(fc.constantFrom('COPY', 'MOVE', 'ADD'), graph, graph)
      .map(([verb, a, b]) => `${verb} SILENT ${a} TO ${b}`),
    fc
      .tuple(fc.constantFrom('CLEAR', 'DROP', 'CREATE'), graph)
      .map(([verb, g]) => `${verb} SILENT GRAPH ${g}`),
    fc.constantFrom('CLEAR DEFAULT', 'DROP NAMED', 'CREATE GRAPH <x:g1>', 'DROP GRAPH <x:g2>'),
  );
  const request = fc
    .array(update, { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join(' ;\n'));

  test('tells exactly what each update did, forwards and backwards', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 6 }), (requests) => {
        const [writer, reader] = [new Engine(), new Engine()];
        for (const text of requests) {
          const before = content(writer);
          const head = { position: reader.head.position, checksum: reader.head.checksum };
          try {
            const { row } = writer.update(text);
            const after = content(writer);
            if (row) {
              writer.undo([row], head);
              expect(content(writer)).toEqual(before);
              writer.follow(row);
              reader.replay([row]);
            }
            expect(content(writer)).toEqual(after);
          } catch (thrown) {
            expect((thrown as { code?: string }).code).toMatch(/conflict|not_found/);
            expect(content(writer)).toEqual(before);
          }
          expect(content(reader)).toEqual(content(writer));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('gives back 30,000 quads in under two seconds', async () => {
    const { store, state, close } = await openEmbedded({});
    const quad = (n: number) =>
      factory.quad(iri(`https://example.org/${n}`), iri('x:p'), factory.literal(`value ${n}`));
    const numbers = Array.from({ length: 10_000 }, (_, n) => n);
    for (const part of [0, 1, 2])
      await store.insert(
        iri('x:g'),
        numbers.map((n) => quad(part * 10_000 + n)),
      );
    await store.close();
    const start = performance.now();
    const again = await EmbeddedStore.open({ state });
    expect(performance.now() - start).toBeLessThan(2000);
    expect(await again.graphs()).toEqual([{ graph: iri('x:g'), quads: 30_000 }]);
    await again.close();
    await close();
  });

  test('blank nodes of two sessions stay apart, though parsers give both the same label', async () => {
    const { store, state, close } = await openEmbedded({});
    const write = (to: EmbeddedStore, city: string) =>
      to.insert(iri('x:g'), [
        factory.quad(factory.blankNode('b0_a'), iri('x:city'), factory.literal(city)),
      ]);
    await write(store, 'Bonn');
    await store.close();
    const again = await EmbeddedStore.open({ state });
    await write(again, 'Köln');
    expect(await again.select(sparql`SELECT DISTINCT ?n { ?n ?p ?o }`)).toHaveLength(2);
    await again.close();
    await close();
  });
});
