import { array, assert, constantFrom, oneof, property, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GraphwrightError } from '../../../src/errors.ts';
import { Engine } from '../../../src/ontology/embedded/engine.ts';
import type { JournalRow } from '../../../src/ontology/embedded/journal.ts';
import { openEmbedded } from '../../../src/ontology/embedded/open-embedded.ts';
import { EmbeddedStore } from '../../../src/ontology/embedded/embedded-store.ts';
import { sparql } from '../../../src/ontology/sparql.ts';
import { factory, iri } from '../../../src/ontology/terms.ts';

const content = (engine: Engine) => {
  const text = `SELECT ?g ?s ?p ?o { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } UNION { GRAPH ?g {} } }`;
  const format = 'text/csv';
  const answer = engine.query({ text, form: 'SELECT', format, unionDefaultGraph: false });
  return answer.split('\r\n').toSorted();
};

/** The row of an update, if there is one; a missing or surplus graph is no reason to stop. */
function changed(engine: Engine, text: string): JournalRow | undefined {
  try {
    return engine.update({ text }).row;
  } catch (thrown) {
    if (['conflict', 'not_found'].includes(GraphwrightError.from(thrown).code)) return undefined;
    throw thrown;
  }
}

const same = (engine: Engine, expected: string[]) => expect(content(engine)).toEqual(expected);

const named = (n: number) =>
  factory.quad(iri(`https://example.org/${n}`), iri('x:p'), factory.literal(`value ${n}`));

const write = (store: EmbeddedStore, city: string) =>
  store.insert(iri('x:g'), [
    factory.quad(factory.blankNode('b0_a'), iri('x:city'), factory.literal(city)),
  ]);

describe('A10 the journal', () => {
  const node = constantFrom('<x:a>', '<x:b>', '<x:c>');
  const object = oneof(node, constantFrom('1', '01', '"1"', '"x"@en', '"x"@EN', '1.50', 'true'));
  const graph = constantFrom('<x:g1>', '<x:g2>');
  const triple = tuple(node, constantFrom('<x:p>', '<x:q>'), object).map((t) => t.join(' '));
  const place = oneof(
    triple,
    tuple(graph, triple).map(([g, t]) => `GRAPH ${g} { ${t} }`),
  );
  const update = oneof(
    array(place, { minLength: 1, maxLength: 4 }).map(
      (quads) => `INSERT DATA { ${quads.join(' . ')} }`,
    ),
    array(place, { minLength: 1, maxLength: 4 }).map(
      (quads) => `DELETE DATA { ${quads.join(' . ')} }`,
    ),
    tuple(graph, node).map(
      ([g, n]) =>
        `WITH ${g} DELETE { ?s ?p ?o } INSERT { ?o ?p ?s . ?s ?p ${n}, [] } WHERE { ?s ?p ?o }`,
    ),
    tuple(graph, graph).map(
      ([a, b]) =>
        `INSERT { GRAPH ?o { ?s ?p ?o } } USING ${a} USING NAMED ${b} WHERE { ?s ?p ?o OPTIONAL { GRAPH ?g { ?o ?q ?z } } }`,
    ),
    graph.map((g) => `DELETE WHERE { GRAPH ${g} { ?s <x:p> ?o } }`),
    tuple(constantFrom('COPY', 'MOVE', 'ADD'), graph, graph).map(
      ([verb, a, b]) => `${verb} SILENT ${a} TO ${b}`,
    ),
    tuple(constantFrom('CLEAR', 'DROP', 'CREATE'), graph).map(
      ([verb, g]) => `${verb} SILENT GRAPH ${g}`,
    ),
    constantFrom('CLEAR DEFAULT', 'DROP NAMED', 'CREATE GRAPH <x:g1>', 'DROP GRAPH <x:g2>'),
  );
  const request = array(update, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(' ;\n'));

  test('tells exactly what each update did, forwards and backwards', () => {
    assert(
      property(array(request, { maxLength: 6 }), (requests) => {
        const [writer, reader] = [new Engine(), new Engine()];
        for (const text of requests) {
          const before = content(writer);
          const { position, checksum } = reader.head;
          const row = changed(writer, text);
          const after = content(writer);
          if (row) {
            writer.undo([row], { position, checksum });
            same(writer, before);
            writer.follow([row]);
            reader.replay([row]);
          } else same(writer, before);
          same(writer, after);
          same(reader, after);
        }
      }),
      { numRuns: 60 },
    );
  });

  test.each(['at', 'inserted', 'removed'] as const)(
    'refuses a row whose text in %s is bytes now, as a single bit of the file makes it',
    (column) => {
      const row = changed(new Engine(), 'INSERT DATA { <x:s> <x:p> "o" }')!;
      const bytes = new TextEncoder().encode(row[column]);
      const damaged = { ...row, [column]: bytes } as unknown as JournalRow;
      expect(() => new Engine().replay([damaged])).toThrow(/damaged at position 1/);
    },
  );

  test('gives back 30,000 quads in under two seconds', async () => {
    const { store, state, close } = await openEmbedded({});
    const numbers = Array.from({ length: 10_000 }, (_, n) => n);
    for (const part of [0, 1, 2])
      await store.insert(
        iri('x:g'),
        numbers.map((n) => named(part * 10_000 + n)),
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
    await write(store, 'Bonn');
    await store.close();
    const again = await EmbeddedStore.open({ state });
    await write(again, 'Köln');
    expect(await again.select(sparql`SELECT DISTINCT ?n { ?n ?p ?o }`)).toHaveLength(2);
    await again.close();
    await close();
  });
});
