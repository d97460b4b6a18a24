import type { Quad, Term } from '@rdfjs/types';
import * as vitest from 'vitest';
import { afterEach, beforeEach, describe, expect } from 'vitest';
import { sparql, sparqlText, type Sparql } from '../../src/ontology/sparql.ts';
import type { OntologyStore } from '../../src/ontology/store.ts';
import { factory, gw, iri, xsd } from '../../src/ontology/terms.ts';

const ex = (name: string) => iri(`https://example.org/${name}`);
const [one, other] = [ex('graph/one'), ex('graph/other')];
const fact = (subject: string, value: string | Term) =>
  factory.quad(
    ex(subject),
    ex('p'),
    (typeof value === 'string' ? factory.literal(value) : value) as Quad['object'],
  );
const code = (expected: string) => expect.objectContaining({ code: expected });

async function* stream() {
  for (let n = 0; n < 5000; n += 1) yield fact('a', `v${n}`);
}

async function* broken() {
  yield fact('a', '1');
  throw new Error('the source went away');
}

/**
 * What every OntologyStore must do; `open` gives an empty one and how to let go of it.
 * @param differences Tests that this store fails, by title, and why. One that it passes after all is a
 * failure, so that the list stays true.
 */
export function storeConformance(
  who: string,
  open: () => Promise<{ store: OntologyStore; close: () => Promise<void> }>,
  differences: Readonly<Record<string, string>> = {},
): void {
  const known = new Set<string>();
  const test = (title: string, body: () => Promise<void>) => {
    known.add(title);
    const reason = differences[title];
    const run = reason ? vitest.test.fails : vitest.test;
    run(reason ? `${title} (no: ${reason})` : title, body);
  };

  describe(`A10 the store port: ${who}`, () => {
    let store: OntologyStore;
    let close: () => Promise<void>;

    beforeEach(async () => ({ store, close } = await open()));
    afterEach(() => close());

    const values = async (query: Sparql) =>
      (await store.select(query)).map(({ o }) => o!.value).toSorted();
    const all = sparql`SELECT ?o { ?s ?p ?o }`;

    describe('inserting, removing, replacing', () => {
      test('insert() adds quads to the named graph, whatever graph the quads name', async () => {
        const stray = factory.quad(ex('a'), ex('p'), factory.literal('1'), other);
        const commit = await store.insert(one, [stray, fact('b', '2')]);
        expect(commit).toMatchObject({ inserted: 2, removed: 0 });
        expect(await store.graphs()).toEqual([{ graph: one, quads: 2 }]);
      });

      test('takes an async stream', async () => {
        expect(await store.insert(one, stream())).toMatchObject({ inserted: 5000 });
        expect(await store.graphs()).toEqual([{ graph: one, quads: 5000 }]);
      });

      test('writes nothing when the stream breaks', async () => {
        await expect(store.insert(one, broken())).rejects.toThrow('the source went away');
        expect(await store.graphs()).toEqual([]);
      });

      test('a quad given twice is counted once, and one that is there not at all', async () => {
        await store.insert(one, [fact('a', '1')]);
        const commit = await store.insert(one, [fact('a', '1'), fact('a', '2'), fact('a', '2')]);
        expect(commit.inserted).toBe(1);
      });

      test('positions grow by one with each write that changes something', async () => {
        const first = await store.insert(one, [fact('a', '1')]);
        const again = await store.insert(one, [fact('a', '1')]);
        const second = await store.remove(one, [fact('a', '1'), fact('a', 'never there')]);
        expect(first).toMatchObject({ position: 1, inserted: 1, removed: 0 });
        expect(again).toMatchObject({ position: 1, inserted: 0, removed: 0 });
        expect(second).toMatchObject({ position: 2, inserted: 0, removed: 1 });
      });

      test('remove() leaves the same statement in another graph', async () => {
        await store.insert(one, [fact('a', '1')]);
        await store.insert(other, [fact('a', '1')]);
        await store.remove(one, [fact('a', '1')]);
        expect(await store.graphs()).toEqual([{ graph: other, quads: 1 }]);
      });

      test('replace() touches only the difference', async () => {
        const number = (lexical: string) => fact('a', factory.literal(lexical, xsd('integer')));
        await store.insert(one, [fact('a', 'kept'), fact('a', 'old'), number('7')]);
        await store.insert(other, [fact('a', 'old')]);
        const commit = await store.replace(one, [fact('a', 'kept'), fact('a', 'new'), number('7')]);
        expect(commit).toMatchObject({ inserted: 1, removed: 1 });
        expect(await values(sparql`SELECT ?o { GRAPH ${one} { ?s ?p ?o } }`)).toEqual([
          '7',
          'kept',
          'new',
        ]);
        expect(await store.graphs()).toContainEqual({ graph: other, quads: 1 });
      });

      test('replace() with what is there changes nothing', async () => {
        const quads = [fact('a', '1'), fact('b', factory.literal('x', 'en'))];
        await store.replace(one, quads);
        expect(await store.replace(one, quads)).toMatchObject({
          position: 1,
          inserted: 0,
          removed: 0,
        });
      });

      test('replaceSubjects() replaces what one graph says of the subjects, and nothing else', async () => {
        await store.insert(one, [fact('a', 'old'), fact('a', 'kept'), fact('b', 'other subject')]);
        await store.insert(other, [fact('a', 'other graph')]);
        await store.replaceSubjects(one, [fact('a', 'kept'), fact('a', 'new'), fact('c', 'first')]);
        expect(await values(sparql`SELECT ?o { GRAPH ${one} { ?s ?p ?o } }`)).toEqual([
          'first',
          'kept',
          'new',
          'other subject',
        ]);
        expect(await store.graphs()).toContainEqual({ graph: other, quads: 1 });
      });

      test('replaceSubjects() takes parts along that point to a subject and are no longer there', async () => {
        const part = (name: string, whole: string) => [
          factory.quad(ex(name), ex('of'), ex(whole)),
          fact(name, `about ${name}`),
        ];
        await store.insert(one, [
          fact('a', '1'),
          ...part('kept', 'a'),
          ...part('gone', 'a'),
          ...part('elsewhere', 'b'),
        ]);
        await store.replaceSubjects(one, [fact('a', '1'), ...part('kept', 'a')], {
          parts: [ex('of')],
        });
        expect(await values(sparql`SELECT ?o { ?s ${ex('p')} ?o }`)).toEqual([
          '1',
          'about elsewhere',
          'about kept',
        ]);
      });

      test('refuses what is not RDF, and writes nothing', async () => {
        const literalSubject = factory.quad(
          factory.literal('x') as unknown as Quad['subject'],
          ex('p'),
          ex('o'),
        );
        const badIri = fact('a', factory.namedNode('not an iri> . <x:a> <x:b> <x:c'));
        const badTag = fact('a', factory.literal('x', 'en> .\n<x:a>'));
        for (const bad of [literalSubject, badIri, badTag, fact('a', factory.variable!('v'))])
          await expect(store.insert(one, [fact('a', '1'), bad])).rejects.toEqual(
            code('invalid_data'),
          );
        expect(await store.graphs()).toEqual([]);
      });

      test('a blank node keeps its identity across writes and reads', async () => {
        const node = factory.blankNode('address');
        await store.insert(one, [
          factory.quad(ex('a'), ex('address'), node),
          factory.quad(node, ex('city'), factory.literal('Bonn')),
        ]);
        await store.insert(one, [factory.quad(node, ex('zip'), factory.literal('53111'))]);
        const [row] = await store.select(
          sparql`SELECT ?n { ?a ${ex('address')} ?n . ?n ${ex('city')} "Bonn" ; ${ex('zip')} "53111" }`,
        );
        const stored = row!.n as Quad['subject'];
        const zip = factory.quad(stored, ex('zip'), factory.literal('53111'));
        expect(await store.remove(one, [zip])).toMatchObject({ removed: 1 });
      });
    });

    describe('reading', () => {
      test('select() gives every kind of term as it was written', async () => {
        const terms = [
          ex('o'),
          factory.literal('plain "quoted" \\ and\nlines\r\n\ttabs, ünïcode 😀'),
          factory.literal('bonjour', 'fr'),
          factory.literal('42', xsd('integer')),
          factory.literal('true', xsd('boolean')),
          factory.literal('1.5', xsd('decimal')),
          factory.literal('2026-11-21T06:00:00Z', xsd('dateTime')),
          factory.literal('P', gw('unit')),
          factory.literal(''),
        ];
        await store.insert(
          one,
          terms.map((term) => fact('a', term)),
        );
        const rows = await store.select(all);
        expect(rows).toHaveLength(terms.length);
        for (const term of terms) expect(rows.some(({ o }) => term.equals(o!))).toBe(true);
        expect(
          await store.remove(
            one,
            terms.map((term) => fact('a', term)),
          ),
        ).toMatchObject({
          removed: terms.length,
        });
      });

      test('a variable without a value is absent from its row', async () => {
        await store.insert(one, [fact('a', '1')]);
        const rows = await store.select(
          sparql`SELECT ?s ?none { ?s ?p ?o OPTIONAL { ?o ${ex('q')} ?none } }`,
        );
        expect(rows).toEqual([{ s: ex('a') }]);
      });

      test('ask() answers with a boolean', async () => {
        await store.insert(one, [fact('a', '1')]);
        expect(await store.ask(sparql`ASK { ?s ?p "1" }`)).toBe(true);
        expect(await store.ask(sparql`ASK { ?s ?p "2" }`)).toBe(false);
      });

      test('construct() and describe() answer with quads', async () => {
        await store.insert(one, [fact('a', factory.literal('x', 'en'))]);
        const made = await store.construct(
          sparql`CONSTRUCT { ?s ${ex('q')} ?o } WHERE { ?s ?p ?o }`,
        );
        const expected = factory.quad(ex('a'), ex('q'), factory.literal('x', 'en'));
        expect(made).toHaveLength(1);
        expect(made[0]!.equals(expected)).toBe(true);
        const described = await store.describe(sparql`DESCRIBE ${ex('a')}`);
        expect(described.some((quad) => quad.object.value === 'x')).toBe(true);
      });

      test('query() answers any form in the format asked for', async () => {
        await store.insert(one, [fact('a', '1')]);
        const ask = async (query: Sparql, results: string) => {
          const { kind, mediaType, body } = await store.query(query, {
            results,
            quads: 'text/turtle',
          });
          return { kind, mediaType, text: new TextDecoder().decode(body) };
        };
        expect(await ask(all, 'text/csv')).toEqual({
          kind: 'bindings',
          mediaType: 'text/csv',
          text: 'o\r\n1\r\n',
        });
        expect(await ask(sparql`ASK {}`, 'application/sparql-results+json')).toMatchObject({
          kind: 'boolean',
          text: expect.stringContaining('true'),
        });
        const graph = await ask(sparql`CONSTRUCT WHERE { ?s ?p ?o }`, 'text/csv');
        expect(graph).toMatchObject({ kind: 'quads', mediaType: 'text/turtle' });
        expect(graph.text).toContain('<https://example.org/a>');
      });

      test('patterns outside GRAPH match all named graphs, unless told not to', async () => {
        await store.insert(one, [fact('a', '1')]);
        await store.insert(other, [fact('a', '2')]);
        expect(await values(all)).toEqual(['1', '2']);
        expect(await store.select(all, { unionDefaultGraph: false })).toEqual([]);
      });

      test('subject() tells all that is said of a thing, with the graph', async () => {
        await store.insert(one, [fact('a', '1'), fact('b', '1')]);
        await store.insert(other, [fact('a', '1')]);
        await store.update(sparql`INSERT DATA { ${ex('a')} ${ex('q')} 5 }`);
        const quads = await store.subject(ex('a'));
        expect(
          quads.map(({ graph, object }) => `${graph.value} ${object.value}`).toSorted(),
        ).toEqual([' 5', `${one.value} 1`, `${other.value} 1`]);
      });

      test('A25 subject() follows links as deep as asked, the nearest first, and blank nodes to their end', async () => {
        const link = (from: Quad['subject'], to: Quad['object']) =>
          factory.quad(from, ex('to'), to);
        const [inner, outer] = [factory.blankNode('inner'), factory.blankNode('outer')];
        await store.insert(one, [
          fact('a', 'of a'),
          link(ex('a'), outer),
          link(outer, inner),
          factory.quad(inner, ex('p'), factory.literal('of inner')),
          link(ex('a'), ex('b')),
          fact('b', 'of b'),
          link(ex('b'), ex('a')),
          link(ex('b'), ex('c')),
          fact('far', 'of far'),
        ]);
        await store.insert(other, [fact('c', 'of c'), link(ex('c'), ex('far'))]);
        const told = async (depth?: number) =>
          (await store.subject(ex('a'), { depth }))
            .flatMap(({ object }) => (object.termType === 'Literal' ? object.value : []))
            .map((value) => value.slice(3));
        expect((await told()).toSorted()).toEqual(['a', 'inner']);
        const near = await told(2);
        expect(near.toSorted()).toEqual(['a', 'b', 'inner']);
        expect(near.at(-1)).toBe('b');
        expect((await told(3)).toSorted()).toEqual(['a', 'b', 'c', 'inner']);
        expect((await told(9)).toSorted()).toEqual(['a', 'b', 'c', 'far', 'inner']);
      });

      test('A25 subject() refuses to tell only a part, and a depth that is none', async () => {
        await store.insert(one, [fact('a', '1'), fact('a', '2'), fact('a', '3')]);
        expect(await store.subject(ex('a'), { limit: 3 })).toHaveLength(3);
        const part = store.subject(ex('a'), { limit: 2 });
        await expect(part).rejects.toEqual(code('too_large'));
        for (const depth of [0, 1.5, Number.NaN, -1])
          await expect(store.subject(ex('a'), { depth })).rejects.toEqual(
            code('invalid_parameters'),
          );
      });

      test('graphs() lists the graphs that hold something, by name', async () => {
        await store.insert(other, [fact('a', '1')]);
        await store.insert(one, [fact('a', '1'), fact('a', '2')]);
        expect(await store.graphs()).toEqual([
          { graph: one, quads: 2 },
          { graph: other, quads: 1 },
        ]);
      });

      test('a syntax error is `invalid_query` and says where', async () => {
        const failure = await store
          .select(sparqlText('SELECT ?s {\n ?s ?p }'))
          .catch((thrown: unknown) => thrown);
        expect(failure).toMatchObject({ code: 'invalid_query', problems: [{ pointer: '' }] });
        expect(String(failure)).toMatch(/2:\d+|line 2/);
      });

      test('the wrong form of query is refused by name', async () => {
        await expect(store.select(sparql`ASK {}`)).rejects.toThrow(/SELECT/);
        await expect(store.construct(all)).rejects.toEqual(code('invalid_query'));
      });
    });

    describe('updates', () => {
      test('the WHERE is answered once, before anything changes: swapping leaves two triples', async () => {
        await store.update(
          sparql`INSERT DATA { ${ex('a')} ${ex('knows')} ${ex('b')} . ${ex('b')} ${ex('knows')} ${ex('a')} }`,
        );
        await store.update(sparql`DELETE { ?s ?p ?o } INSERT { ?o ?p ?s } WHERE { ?s ?p ?o }`);
        expect(
          (await store.select(all, { unionDefaultGraph: false }))
            .map(({ o }) => o!.value)
            .toSorted(),
        ).toEqual([ex('a').value, ex('b').value]);
      });

      test('deletions come before insertions', async () => {
        await store.insert(one, [factory.quad(ex('a'), ex('knows'), ex('b'))]);
        const commit = await store.update(
          sparql`WITH ${one} DELETE { ?s ?p ?o } INSERT { ?s ?p ${ex('c')} } WHERE { ?s ?p ?o }`,
        );
        expect(commit).toMatchObject({ inserted: 1, removed: 1 });
        expect(await values(all)).toEqual([ex('c').value]);
      });

      test('an update is all or nothing', async () => {
        await store.insert(one, [fact('a', '1')]);
        const before = await store.select(all);
        await expect(
          store.update(
            sparql`INSERT DATA { GRAPH ${one} { ${ex('a')} ${ex('p')} "2" } } ;
              DELETE WHERE { GRAPH ${one} { ?s ?p "1" } } ;
              CLEAR GRAPH ${ex('nowhere')}`,
          ),
        ).rejects.toThrow(/nowhere/);
        expect(await store.select(all)).toEqual(before);
        expect(await store.insert(one, [fact('a', '1')])).toMatchObject({ position: 1 });
      });

      test('a blank node of a template is fresh for each solution', async () => {
        await store.insert(one, [fact('a', '1'), fact('b', '2')]);
        await store.update(
          sparql`INSERT { GRAPH ${other} { [] ${ex('of')} ?s } } WHERE { GRAPH ?g { ?s ?p ?o } }`,
        );
        const [count] = await store.select(
          sparql`SELECT (COUNT(DISTINCT ?n) AS ?count) { ?n ${ex('of')} ?s }`,
        );
        expect(count!.count!.value).toBe('2');
      });

      test('COPY, MOVE, ADD, CLEAR and DROP do what they say', async () => {
        await store.insert(one, [fact('a', '1')]);
        await store.insert(other, [fact('a', '2')]);
        await store.update(sparql`ADD ${one} TO ${other}`);
        expect(await values(sparql`SELECT ?o { GRAPH ${other} { ?s ?p ?o } }`)).toEqual(['1', '2']);
        await store.update(sparql`COPY ${one} TO ${other}`);
        expect(await values(sparql`SELECT ?o { GRAPH ${other} { ?s ?p ?o } }`)).toEqual(['1']);
        await store.update(sparql`MOVE ${one} TO ${ex('graph/third')} ; DROP SILENT GRAPH ${one}`);
        expect((await store.graphs()).map(({ graph }) => graph.value)).toEqual([
          other.value,
          ex('graph/third').value,
        ]);
        await store.update(sparql`CLEAR ALL`);
        expect(await store.graphs()).toEqual([]);
      });

      test('T9 LOAD and SERVICE are refused, also when SILENT', async () => {
        const refused = [
          'LOAD <http://127.0.0.1:9/data>',
          'LOAD SILENT <http://127.0.0.1:9/data> INTO GRAPH <https://example.org/g>',
          'INSERT { ?s ?p ?o } WHERE { SERVICE SILENT <http://127.0.0.1:9/sparql> { ?s ?p ?o } }',
        ];
        for (const text of refused)
          await expect(store.update(sparqlText(text))).rejects.toEqual(code('forbidden'));
        await expect(
          store.select(sparql`SELECT * { SERVICE SILENT ${ex('sparql')} { ?s ?p ?o } }`),
        ).rejects.toEqual(code('forbidden'));
      });

      test('T12 an update through a read is refused and changes nothing', async () => {
        await store.insert(one, [fact('a', '1')]);
        const update = sparql`DELETE WHERE { GRAPH ?g { ?s ?p ?o } }`;
        const formats = { results: 'text/csv', quads: 'text/turtle' };
        for (const read of [
          () => store.select(update),
          () => store.ask(update),
          () => store.construct(update),
          () => store.describe(update),
          () => store.query(update, formats),
        ])
          await expect(read()).rejects.toEqual(code('invalid_query'));
        expect(await values(all)).toEqual(['1']);
      });

      test('a query through update() is refused', async () => {
        await expect(store.update(all)).rejects.toEqual(code('invalid_query'));
      });
    });

    describe('N7 values in queries', () => {
      const hostile = ['x" . } ; DROP ALL #', "'''", '\\', '}', '> <', '\u0000', '${1}'];

      test('hostile strings are only ever values', async () => {
        await store.insert(one, [fact('a', 'safe')]);
        for (const value of hostile) {
          expect(await store.select(sparql`SELECT ?s { ?s ${ex('p')} ${value} }`)).toEqual([]);
          await store.update(
            sparql`INSERT DATA { GRAPH ${other} { ${ex('a')} ${ex('p')} ${value} } }`,
          );
          const [row] = await store.select(sparql`SELECT ?s { ?s ${ex('p')} ${value} }`);
          expect(row?.s).toEqual(ex('a'));
        }
        expect(await values(sparql`SELECT ?o { GRAPH ${one} { ?s ?p ?o } }`)).toEqual(['safe']);
        expect(await values(sparql`SELECT ?o { GRAPH ${other} { ?s ?p ?o } }`)).toEqual(
          hostile.toSorted(),
        );
      });

      test('a plain string is no query, also for callers without types', async () => {
        const text = 'SELECT * { ?s ?p ?o }';
        // @ts-expect-error -- a string is not a Sparql
        await expect(store.select(text)).rejects.toEqual(code('invalid_query'));
        // @ts-expect-error -- a string is not a Sparql
        await expect(store.update('CLEAR ALL')).rejects.toEqual(code('invalid_query'));
      });
    });

    describe('many at once', () => {
      test('fifty writers each get their own commit, and each reads its own write', async () => {
        const commits = await Promise.all(
          Array.from({ length: 50 }, async (_, n) => {
            const commit = await store.insert(one, [fact(`w${n}`, `v${n}`)]);
            expect(await store.ask(sparql`ASK { ${ex(`w${n}`)} ?p ${`v${n}`} }`)).toBe(true);
            return commit;
          }),
        );
        const positions = commits.map(({ position }) => position).toSorted((a, b) => a - b);
        expect(positions).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
      });

      test('fifty updates of one counter lose none', async () => {
        const count = sparql`SELECT ?n { ${ex('counter')} ${ex('p')} ?n }`;
        await store.insert(one, [fact('counter', factory.literal('0', xsd('integer')))]);
        await Promise.all(
          Array.from({ length: 50 }, () =>
            store.update(
              sparql`WITH ${one} DELETE { ?s ?p ?n } INSERT { ?s ?p ?m } WHERE { ?s ?p ?n BIND(?n + 1 AS ?m) }`,
            ),
          ),
        );
        expect((await store.select(count)).map(({ n }) => n!.value)).toEqual(['50']);
      });
    });

    describe('giving up', () => {
      test('a call whose signal has aborted is `cancelled`', async () => {
        const signal = AbortSignal.abort();
        await expect(store.select(all, { signal })).rejects.toEqual(code('cancelled'));
        await expect(store.insert(one, [fact('a', '1')], { signal })).rejects.toEqual(
          code('cancelled'),
        );
        expect(await store.graphs()).toEqual([]);
      });

      test('after close() every call is `unavailable`', async () => {
        await store.close();
        await expect(store.select(all)).rejects.toEqual(code('unavailable'));
        await expect(store.insert(one, [fact('a', '1')])).rejects.toEqual(code('unavailable'));
      });

      test('close() waits for the writes under way', async () => {
        const writes = Array.from({ length: 20 }, (_, n) =>
          store.insert(one, [fact('a', `v${n}`)]),
        );
        await store.close();
        expect(await Promise.all(writes)).toHaveLength(20);
      });
    });

    vitest.test('every difference is about a test of this suite', () => {
      expect(Object.keys(differences).filter((title) => !known.has(title))).toEqual([]);
    });
  });
}
