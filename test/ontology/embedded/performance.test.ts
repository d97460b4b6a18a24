import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { Store } from 'oxigraph';
import { afterEach, describe, expect, test } from 'vitest';
import {
  openEmbedded,
  type EmbeddedOptions,
} from '../../../src/ontology/embedded/open-embedded.ts';
import { sparql, type Sparql } from '../../../src/ontology/sparql.ts';
import { factory, iri } from '../../../src/ontology/terms.ts';

// Ratios in one run, with wide margins: bench/store measures the targets themselves.
const graph = iri('https://example.org/g');
const label = iri('https://example.org/label');
const item = (n: number) => iri(`https://example.org/item/${n}`);
const fact = (n: number) => factory.quad(item(n), label, factory.literal(`Item number ${n}`));
const facts = (count: number) => Array.from({ length: count }, (_, n) => fact(n));
const point = (n: number) => sparql`SELECT ?p ?o { ${item(n)} ?p ?o }`;
const endless = sparql`SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }`;
const count = sparql`SELECT (COUNT(*) AS ?n) { ?s ?p ?o }`;

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

async function store(options: EmbeddedOptions = {}) {
  const embedded = await openEmbedded(options);
  open.push(embedded.close);
  return embedded.store;
}

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'graphwright-performance-'));
  open.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function timed(action: () => unknown): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

async function times(rounds: number, action: (round: number) => unknown): Promise<number[]> {
  const all: number[] = [];
  for (let round = 0; round < rounds; round += 1) all.push(await timed(() => action(round)));
  return all.toSorted((a, b) => a - b);
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor((sorted.length - 1) * share)]!;

describe('N6 while a query runs that never ends', () => {
  test('others stay quick, and it is ended at its timeout', { retry: 2 }, async () => {
    const tested = await store();
    await tested.insert(graph, facts(2000));
    const quiet = at(await times(400, (n) => tested.select(point(n))), 0.99);
    const ended = tested.select(endless, { timeout: 1500 }).catch((thrown: unknown) => thrown);
    const busy = at(await times(300, (n) => tested.select(point(n))), 0.99);
    expect(await ended).toMatchObject({ code: 'timeout' });
    expect(busy).toBeLessThan(Math.max(5 * quiet, 50));
  });

  test('others are answered even when such queries hold every reader', async () => {
    const tested = await store();
    await tested.insert(graph, facts(2000));
    const leaving = new AbortController();
    const options = { timeout: 25_000, signal: leaving.signal };
    const held = [1, 2].map(() =>
      tested.select(endless, options).catch(({ code }: { code: string }) => code),
    );
    expect(await tested.select(point(1), { timeout: 20_000 })).toHaveLength(1);
    // Still held up: the answer came from a spare reader, which also follows what is written.
    await tested.insert(graph, [fact(5000)]);
    expect(await tested.select(point(5000), { timeout: 20_000 })).toHaveLength(1);
    leaving.abort();
    expect(await Promise.all(held)).toEqual(['cancelled', 'cancelled']);
    expect(await tested.select(point(2))).toHaveLength(1);
  });
});

describe('many writes at once', () => {
  test('each gets its own place, also around one that is ended', async () => {
    const tested = await store();
    await tested.insert(graph, facts(2000));
    const write = (n: number) => tested.insert(graph, [fact(10_000 + n)]);
    const before = Array.from({ length: 30 }, (_, n) => write(n));
    const long = sparql`INSERT { GRAPH ${graph} { ?a ${label} ?x } } WHERE { GRAPH ${graph} { ?a ?b ?c . ?d ?e ?f . ?g ?h ?x } }`;
    const ended = tested.update(long, { timeout: 200 }).catch((thrown: unknown) => thrown);
    const after = Array.from({ length: 30 }, (_, n) => write(30 + n));
    const commits = await Promise.all([...before, ...after]);
    expect(await ended).toMatchObject({ code: 'timeout' });
    expect(commits.map(({ position }) => position)).toEqual(commits.map((_, n) => n + 2));
    expect(commits.every(({ inserted }) => inserted === 1)).toBe(true);
    expect((await tested.select(count))[0]!.n!.value).toBe('2060');
  });

  test('share their syncs: fifty writers write far more than one', { retry: 2 }, async () => {
    const tested = await store({ directory: await directory() });
    let next = 0;
    const write = () => tested.insert(graph, [fact((next += 1))]);
    const writer = async (writes: number) => {
      for (let n = 0; n < writes; n += 1) await write();
    };
    await writer(100);
    const alone = (await timed(() => writer(150))) / 150;
    const together =
      (await timed(() => Promise.all(Array.from({ length: 50 }, () => writer(20))))) / 1000;
    expect(alone / together).toBeGreaterThan(2);
  });
});

describe('what the store adds', () => {
  test('to a bare commit of the disk is little', { retry: 2 }, async () => {
    const path = await directory();
    const tested = await store({ directory: join(path, 'data') });
    const database = new Database(join(path, 'bare.db'));
    open.push(async () => void database.close());
    for (const pragma of ['locking_mode = EXCLUSIVE', 'journal_mode = WAL', 'synchronous = FULL'])
      database.pragma(pragma);
    database.exec('CREATE TABLE journal (position INTEGER PRIMARY KEY, line TEXT) STRICT');
    const insert = database.prepare('INSERT INTO journal (line) VALUES (?)');
    const commit = () => insert.run([`<${item(1).value}> <${label.value}> "${'x'.repeat(150)}"`]);
    await times(100, (n) => tested.insert(graph, [fact(n)]));
    const bare = at(await times(200, commit), 0.5);
    const ours = at(await times(200, (n) => tested.insert(graph, [fact(1000 + n)])), 0.5);
    expect(ours).toBeLessThan(Math.max(8 * bare, 3));
  });

  test('to a point query is little', { retry: 2 }, async () => {
    const tested = await store();
    await tested.insert(graph, facts(2000));
    const raw = new Store();
    const lines = facts(2000).map(
      ({ subject, object }) => `<${subject.value}> <${label.value}> "${object.value}" .`,
    );
    raw.load(lines.join('\n'), { format: 'application/n-quads' });
    await times(300, (n) => tested.select(point(n)));
    const theirs = at(await times(300, (n) => raw.query(`${point(n).toString()}`)), 0.5);
    const ours = at(await times(300, (n) => tested.select(point(n))), 0.5);
    expect(ours - theirs).toBeLessThan(2);
  });

  test(
    'to an update of many statements is little beside putting them in',
    { retry: 2 },
    async () => {
      const tested = await store();
      const other = iri('https://example.org/other');
      const inserting = await timed(() => tested.insert(graph, facts(20_000)));
      const moving = await timed(() =>
        tested.update(sparql`DELETE { GRAPH ${graph} { ?s ?p ?o } } INSERT { GRAPH ${other} { ?s ?p ?o } }
        WHERE { GRAPH ${graph} { ?s ?p ?o } }`),
      );
      const asking = await timed(() => tested.ask(sparql`ASK { GRAPH ${graph} { ?s ?p ?o } }`));
      const dropping = await timed(() => tested.update(sparql`DROP GRAPH ${other}`));
      expect(moving).toBeLessThan(10 * inserting);
      expect(dropping).toBeLessThan(2 * inserting);
      expect(asking).toBeLessThan(4 * inserting);
    },
  );

  test('to updates of one counter does not grow', { retry: 2, timeout: 60_000 }, async () => {
    const tested = await store({ readers: 1, snapshots: { afterRemovals: 400 } });
    const value = sparql`SELECT ?n { ${item(1)} ${label} ?n }`;
    const increment = sparql`DELETE { GRAPH ${graph} { ${item(1)} ${label} ?n } }
      INSERT { GRAPH ${graph} { ${item(1)} ${label} ?m } }
      WHERE { GRAPH ${graph} { ${item(1)} ${label} ?n } BIND(?n + 1 AS ?m) }`;
    await tested.insert(graph, [
      factory.quad(item(1), label, factory.literal('0', iri(`${xsd}integer`))),
    ]);
    const sample = async (action: Sparql, ask: boolean) =>
      at(await times(150, () => (ask ? tested.select(action) : tested.update(action))), 0.5);
    await sample(increment, false);
    const first = [await sample(increment, false), await sample(value, true)];
    for (let n = 0; n < 1200; n += 1) await tested.update(increment);
    const last = [await sample(increment, false), await sample(value, true)];
    expect((await tested.select(value))[0]!.n!.value).toBe('1650');
    expect(last[0]! / first[0]!).toBeLessThan(2.5);
    expect(last[1]! / first[1]!).toBeLessThan(2.5);
  });
});

const xsd = 'http://www.w3.org/2001/XMLSchema#';

describe('an aggregate over the whole graph', () => {
  const numbers = async (tested: Awaited<ReturnType<typeof store>>, options = {}) =>
    (await tested.select(count, options))[0]!.n!.value;

  test('asked again is answered from memory, and anew after each write', async () => {
    const tested = await store();
    await tested.insert(graph, facts(20_000));
    const first = await timed(() => numbers(tested));
    const again = at(await times(20, () => numbers(tested)), 0.5);
    expect(again).toBeLessThan(first / 3);
    await tested.insert(iri('https://example.org/other'), [fact(90_000)]);
    expect(await numbers(tested)).toBe('20001');
    const [one, none] = [
      { default: [graph], named: [] },
      { default: [], named: [] },
    ];
    expect(await numbers(tested, { dataset: one })).toBe('20000');
    expect(await numbers(tested, { dataset: none })).toBe('0');
    expect(await numbers(tested, { unionDefaultGraph: false })).toBe('0');
    expect(await numbers(tested)).toBe('20001');
    await tested.remove(graph, [fact(1)]);
    expect(await numbers(tested)).toBe('20000');
  });

  test('that draws lots is answered anew each time', async () => {
    const tested = await store();
    await tested.insert(graph, facts(20_000));
    const drawn = async () =>
      (await tested.select(sparql`SELECT (SUM(?r) AS ?n) { ?s ?p ?o BIND(rand() AS ?r) }`))[0]!.n!
        .value;
    expect(await drawn()).not.toBe(await drawn());
  });
});
