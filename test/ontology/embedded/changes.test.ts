import { setTimeout as sleep } from 'node:timers/promises';
import type { Quad } from '@rdfjs/types';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EmbeddedStore } from '../../../src/ontology/embedded/embedded-store.ts';
import { openEmbedded, type Embedded } from '../../../src/ontology/embedded/open-embedded.ts';
import { sparql } from '../../../src/ontology/sparql.ts';
import type { Change } from '../../../src/ontology/store.ts';
import { factory, iri, xsd } from '../../../src/ontology/terms.ts';

const [graph, other] = [iri('x:g'), iri('x:other')];
const patiently = { timeout: 10_000 };
const fact = (value: string, subject = 'x:s') =>
  factory.quad(iri(subject), iri('x:p'), factory.literal(value));

const told = (quads: readonly Quad[]) =>
  quads.map((quad) => `${quad.graph.value} ${quad.subject.value} ${quad.object.value}`).toSorted();
const summary = ({ position, removed, inserted }: Change) => ({
  position,
  removed: told(removed),
  inserted: told(inserted),
});

async function first(count: number, changes: AsyncIterable<Change>): Promise<Change[]> {
  const all: Change[] = [];
  for await (const change of changes) if (all.push(change) === count) break;
  return all;
}

let embedded: Embedded;
beforeEach(async () => {
  embedded = await openEmbedded({});
});
afterEach(() => embedded.close());

describe('N5 the feed of changes', () => {
  test('tells each write exactly, in order, whatever made it', async () => {
    const { store } = embedded;
    await store.insert(graph, [fact('a'), fact('b')]);
    await store.insert(graph, [fact('a')]);
    await store.replace(graph, [fact('b'), fact('c')]);
    await store.update(
      sparql`DELETE { GRAPH ${graph} { ?s ?p ?o } } INSERT { GRAPH ${other} { ?s ?p ?o } } WHERE { GRAPH ${graph} { ?s ?p ?o } }`,
    );
    const changes = await first(3, store.changes({ after: 0 }));
    expect(changes.map(summary)).toEqual([
      { position: 1, removed: [], inserted: ['x:g x:s a', 'x:g x:s b'] },
      { position: 2, removed: ['x:g x:s a'], inserted: ['x:g x:s c'] },
      {
        position: 3,
        removed: ['x:g x:s b', 'x:g x:s c'],
        inserted: ['x:other x:s b', 'x:other x:s c'],
      },
    ]);
    expect(new Date(changes[0]!.at).toISOString()).toBe(changes[0]!.at);
  });

  test('gives literals as they were written, also when they go', async () => {
    const { store } = embedded;
    const written = factory.quad(iri('x:s'), iri('x:p'), factory.literal('01', xsd('int')));
    await store.insert(graph, [written]);
    await store.update(sparql`CLEAR GRAPH ${graph}`);
    const [came, went] = await first(2, store.changes({ after: 0 }));
    for (const { object } of [came!.inserted[0]!, went!.removed[0]!])
      expect(object).toMatchObject({ value: '01', datatype: xsd('int') });
  });

  test('goes on from any position, also after a restart, and misses nothing', async () => {
    for (const value of ['a', 'b', 'c']) await embedded.store.insert(graph, [fact(value)]);
    await embedded.store.close();
    const again = await EmbeddedStore.open({ state: embedded.state });
    const [change] = await first(1, again.changes({ after: 2 }));
    expect(change).toMatchObject({ position: 3 });
    await again.close();
  });

  test('by default tells only what comes, and waits for it', async () => {
    const { store } = embedded;
    await store.insert(graph, [fact('before')]);
    const next = first(1, store.changes());
    await sleep(20);
    await store.insert(graph, [fact('after')]);
    expect((await next).map(summary)).toEqual([
      { position: 2, removed: [], inserted: ['x:g x:s after'] },
    ]);
  });

  test.each([-1, 2, 1.5])('of position %s, which it does not hold, it is `gone`', async (n) => {
    await embedded.store.insert(graph, [fact('a')]);
    const failure = await first(1, embedded.store.changes({ after: n })).catch((e: unknown) => e);
    expect(failure).toMatchObject({ code: 'gone' });
    expect(String(failure)).toContain('positions from 0 to 1');
  });

  test('when the journal let go of older rows it says so, instead of leaving them out', async () => {
    await embedded.store.close();
    const { state } = embedded;
    const store = await EmbeddedStore.open({ state, snapshots: { keepRows: 2 } });
    for (const value of ['a', 'b', 'c', 'd']) await store.insert(graph, [fact(value)]);
    await store.snapshot();
    await expect(first(1, store.changes({ after: 1 }))).rejects.toMatchObject({
      code: 'gone',
      message: expect.stringContaining('from 2 to 4'),
    });
    expect((await first(2, store.changes({ after: 2 }))).map(({ position }) => position)).toEqual([
      3, 4,
    ]);
    await store.insert(graph, [fact('e')]);
    await store.close();
    const again = await EmbeddedStore.open({ state });
    expect(await again.graphs()).toEqual([{ graph, quads: 5 }]);
    await again.close();
  });

  test('a query asked after a change came sees it, with many writers', async () => {
    const { store } = embedded;
    const writes = Array.from({ length: 40 }, (_, n) => store.insert(graph, [fact(`v${n}`)]));
    let seen = 0;
    for await (const { inserted } of store.changes({ after: 0 })) {
      for (const { object } of inserted)
        expect(await store.ask(sparql`ASK { ?s ?p ${object} }`)).toBe(true);
      if ((seen += 1) === 40) break;
    }
    await Promise.all(writes);
  });

  test('a slow reader holds no writer', async () => {
    const { store } = embedded;
    const slow = store.changes({ after: 0 });
    await store.insert(graph, [fact('first')]);
    expect((await slow.next()).value).toMatchObject({ position: 1 });
    for (let n = 0; n < 100; n += 1) await store.insert(graph, [fact(`v${n}`)]);
    const rest = await first(100, slow);
    expect(rest.map(({ position }) => position)).toEqual(
      Array.from({ length: 100 }, (_, n) => n + 2),
    );
  });

  test('ends with its signal, and with the store', async () => {
    const { store } = embedded;
    const caller = new AbortController();
    const waiting = first(1, store.changes({ signal: caller.signal }));
    const open = first(1, store.changes());
    await sleep(20);
    caller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await store.close();
    expect(await open).toEqual([]);
    await expect(first(1, store.changes())).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('A22 subscriptions', () => {
  test('tell the fitting part of each write: by subject, predicate, object, graph and kind', async () => {
    const { store } = embedded;
    const heard: Record<string, unknown[]> = {};
    const hear = (name: string) => (change: Change) =>
      void (heard[name] ??= []).push(summary(change));
    store.subscribe({ subject: iri('x:a') }, hear('subject'));
    store.subscribe({ object: factory.literal('1') }, hear('object'));
    store.subscribe({ graph: other, predicate: iri('x:p') }, hear('graph'));
    store.subscribe({ kind: 'remove' }, hear('removals'));
    store.subscribe({ predicate: iri('x:q') }, hear('nothing'));
    await store.insert(graph, [fact('1', 'x:a'), fact('2', 'x:a'), fact('1', 'x:b')]);
    await store.insert(other, [fact('3', 'x:b')]);
    await store.remove(graph, [fact('2', 'x:a')]);
    await expect.poll(() => heard.removals?.length, patiently).toBe(1);
    await expect.poll(() => heard.subject?.length, patiently).toBe(2);
    expect(heard).toEqual({
      subject: [
        { position: 1, removed: [], inserted: ['x:g x:a 1', 'x:g x:a 2'] },
        { position: 3, removed: ['x:g x:a 2'], inserted: [] },
      ],
      object: [{ position: 1, removed: [], inserted: ['x:g x:a 1', 'x:g x:b 1'] }],
      graph: [{ position: 2, removed: [], inserted: ['x:other x:b 3'] }],
      removals: [{ position: 3, removed: ['x:g x:a 2'], inserted: [] }],
    });
  });

  test('end when they are ended', async () => {
    const { store } = embedded;
    const [ended, goesOn]: number[][] = [[], []];
    const end = store.subscribe({}, ({ position }) => void ended!.push(position));
    store.subscribe({}, ({ position }) => void goesOn!.push(position));
    await store.insert(graph, [fact('1')]);
    await expect.poll(() => ended, patiently).toEqual([1]);
    end();
    await store.insert(graph, [fact('2')]);
    await expect.poll(() => goesOn, patiently).toEqual([1, 2]);
    expect(ended).toEqual([1]);
  });

  test('take one change at a time, and go on from a position', async () => {
    const { store } = embedded;
    for (const value of ['a', 'b', 'c']) await store.insert(graph, [fact(value)]);
    const log: string[] = [];
    const listener = async ({ position }: Change) => {
      log.push(`start ${position}`);
      await sleep(5);
      log.push(`end ${position}`);
    };
    store.subscribe({}, listener, { after: 1 });
    await expect.poll(() => log, patiently).toEqual(['start 2', 'end 2', 'start 3', 'end 3']);
  });

  test('an error of the listener ends its subscription, and is told', async () => {
    const { store } = embedded;
    const errors: unknown[] = [];
    const listener = () => {
      throw new TypeError('the listener failed');
    };
    store.subscribe({}, listener, { onError: (error) => void errors.push(error) });
    await store.insert(graph, [fact('1')]);
    await store.insert(graph, [fact('2')]);
    await expect.poll(() => errors, patiently).toMatchObject([{ message: 'the listener failed' }]);
  });
});
