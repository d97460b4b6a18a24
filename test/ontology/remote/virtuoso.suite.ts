import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RemoteStore } from '../../../src/ontology/remote/remote-store.ts';
import { sparql } from '../../../src/ontology/sparql.ts';
import { factory, iri } from '../../../src/ontology/terms.ts';
import { storeConformance } from '../../conformance/store.ts';
import { startVirtuoso, type Virtuoso } from '../../support/virtuoso.ts';

let virtuoso: Virtuoso;
beforeAll(async () => void (virtuoso = await startVirtuoso()));
afterAll(() => virtuoso?.close());

const open = () =>
  new RemoteStore({
    query: virtuoso.sparql,
    update: virtuoso.sparql,
    graphStore: virtuoso.graphStore,
  });

async function emptied(): Promise<RemoteStore> {
  const cleaner = open();
  for (const { graph } of await cleaner.graphs())
    await cleaner.update(sparql`CLEAR GRAPH ${graph}`);
  return open();
}

storeConformance(
  'RemoteStore over Virtuoso 7',
  async () => {
    const store = await emptied();
    return { store, close: () => store.close() };
  },
  {
    'construct() and describe() answer with quads': 'DESCRIBE does not look into named graphs',
    'query() answers any form in the format asked for': 'CSV comes with quotes',
    'subject() tells all that is said of a thing, with the graph':
      'the unnamed graph takes no data',
    'the WHERE is answered once, before anything changes: swapping leaves two triples':
      'the unnamed graph takes no data',
    'deletions come before insertions': 'of an update only the net change is known',
    'an update is all or nothing': 'clearing a missing graph is no failure',
    'COPY, MOVE, ADD, CLEAR and DROP do what they say': 'CLEAR ALL clears nothing',
    'hostile strings are only ever values': 'U+0000 ends a string',
  },
);

describe('A10 RemoteStore over Virtuoso 7, besides', () => {
  const graph = iri('https://example.org/graph/one');
  const [a, p] = [iri('https://example.org/a'), iri('https://example.org/p')];
  const fact = (value: string) => factory.quad(a, p, factory.literal(value));

  test('swapping in a named graph leaves two triples', async () => {
    await using store = disposable(await emptied());
    await store.insert(graph, [factory.quad(a, p, p), factory.quad(p, p, a)]);
    await store.update(
      sparql`WITH ${graph} DELETE { ?s ?p ?o } INSERT { ?o ?p ?s } WHERE { ?s ?p ?o }`,
    );
    expect(await store.graphs()).toEqual([{ graph, quads: 2 }]);
  });

  test('N7 hostile strings are only ever values', async () => {
    await using store = disposable(await emptied());
    const hostile = ['x" . } ; DROP ALL #', "'''", '\\', '}', '> <', '${1}'];
    await store.insert(graph, hostile.map(fact));
    for (const value of hostile)
      expect(await store.select(sparql`SELECT ?s { ?s ${p} ${value} }`)).toEqual([{ s: a }]);
    expect(await store.remove(graph, hostile.map(fact))).toMatchObject({ removed: 6 });
  });

  test('without the graph store protocol, quads go in several updates', async () => {
    await using cleaned = disposable(await emptied());
    await using store = disposable(
      new RemoteStore({ query: virtuoso.sparql, update: virtuoso.sparql }),
    );
    const facts = Array.from({ length: 2500 }, (_, n) => fact(`v${n}`));
    expect(await store.insert(graph, facts)).toMatchObject({ inserted: 2500 });
    expect(await cleaned.graphs()).toEqual([{ graph, quads: 2500 }]);
  });

  test('replaceSubjects() leaves other subjects, and lets go of the parts', async () => {
    await using store = disposable(await emptied());
    const [b, part, of] = ['b', 'part', 'of'].map((name) => iri(`https://example.org/${name}`));
    await store.insert(graph, [
      fact('old'),
      fact('kept'),
      factory.quad(b!, p, factory.literal('b')),
      factory.quad(part!, of!, a),
      factory.quad(part!, p, factory.literal('part')),
    ]);
    const commit = await store.replaceSubjects(graph, [fact('kept'), fact('new')], {
      parts: [of!],
    });
    expect(commit).toMatchObject({ inserted: 1, removed: 3 });
    const left = await store.select(sparql`SELECT ?s ?o { ?s ${p} ?o } ORDER BY ?o`);
    expect(left.map(({ o }) => o!.value)).toEqual(['b', 'kept', 'new']);
  });
});

/** Closes a store at the end of its block. */
const disposable = (store: RemoteStore) =>
  Object.assign(store, { [Symbol.asyncDispose]: () => store.close() });
