import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GraphwrightError } from '../../../src/errors.ts';
import { Engine } from '../../../src/ontology/embedded/engine.ts';
import { openEmbedded } from '../../../src/ontology/embedded/open-embedded.ts';
import type { EmbeddedStore } from '../../../src/ontology/embedded/embedded-store.ts';
import type { JournalRow } from '../../../src/ontology/embedded/journal.ts';
import { parseRdf } from '../../../src/ontology/formats/parse-rdf.ts';
import { sparql, sparqlText } from '../../../src/ontology/sparql.ts';
import type { Change } from '../../../src/ontology/store.ts';
import { iri } from '../../../src/ontology/terms.ts';
import { parseTurtle } from '../../../src/ontology/turtle.ts';
import { temporaryDirectory } from '../../support/command.ts';

/** Pages of a text of N-Quads. */
const pages = (text: string, graph?: string) =>
  parseRdf(
    (async function* () {
      yield Buffer.from(text);
    })(),
    { name: 'doc', format: 'nquads', graph },
  );

const numbered = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => `<urn:s:${from + n}> <urn:p> "0${from + n}" .\n`).join(
    '',
  );

async function content(store: EmbeddedStore): Promise<string[]> {
  const lines: string[] = [];
  for await (const page of store.export()) lines.push(...page.split('\n'));
  return lines.filter(Boolean).toSorted();
}

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeAll(async () => void (directory = await temporaryDirectory()));
afterAll(() => directory[Symbol.asyncDispose]());

const int = (lexical: string) => `"${lexical}"^^<http://www.w3.org/2001/XMLSchema#int>`;

describe('A27 a bulk load', () => {
  test('tells exactly what is new, whatever was there before and however often it comes', async () => {
    const { store, close } = await openEmbedded({});
    await store.update(
      sparqlText(`INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> ${int('1')} , "kept" } }`),
    );
    const text = [
      `<urn:a> <urn:b> ${int('01')} <urn:g> .`,
      '<urn:a> <urn:b> "kept" <urn:g> .',
      '<urn:a> <urn:b> "new" <urn:g> .',
      '<urn:a> <urn:b> "new" <urn:g> .',
      `<urn:a> <urn:b> ${int('002')} <urn:h> .`,
      `<urn:a> <urn:b> ${int('2')} <urn:h> .`,
      '<urn:a> <urn:b> _:x .',
      '<urn:a> <urn:b> _:x .',
    ].join('\n');
    const changes = store.changes();
    expect(await store.load(pages(text))).toMatchObject({ inserted: 3, removed: 0 });
    const { inserted } = (await changes.next()).value as Change;
    expect(inserted.map(({ object }) => object.value)).toEqual(['new', '002', expect.any(String)]);
    const held = (await content(store)).map((line) => line.replace(/_:\S+/, '_:'));
    expect(held).toEqual(
      [
        '# graph <urn:g>',
        '# graph <urn:h>',
        '<urn:a> <urn:b> "kept" <urn:g> .',
        '<urn:a> <urn:b> "new" <urn:g> .',
        `<urn:a> <urn:b> ${int('002')} <urn:h> .`,
        `<urn:a> <urn:b> ${int('1')} <urn:g> .`,
        '<urn:a> <urn:b> _: .',
      ].toSorted(),
    );
    await changes.return(undefined);
    await close();
  });

  test('is the same as inserting, in a graph that is large already', async () => {
    const { store, close } = await openEmbedded({});
    await store.load(pages(numbered(30_000), 'urn:g'));
    const { inserted } = await store.load(pages(numbered(20_000, 20_000), 'urn:g'));
    expect(inserted).toBe(10_000);
    const [row] = await store.select(
      sparql`SELECT (COUNT(*) AS ?n) { GRAPH ${iri('urn:g')} { ?s ?p ?o } }`,
    );
    expect(row!['n']!.value).toBe('40000');
    await close();
  });

  test('tells what is new to a graph that held little, also far into the load', async () => {
    const { store, close } = await openEmbedded({});
    await store.load(pages(numbered(10), 'urn:g'));
    const again = `${numbered(30_000, 10)}${numbered(20)}`;
    expect(await store.load(pages(again, 'urn:g'))).toMatchObject({ inserted: 30_000 });
    expect(await store.load(pages(again, 'urn:g'))).toMatchObject({ inserted: 0 });
    await close();
  });

  test('is told, as are those that wait behind it, when no engine can be started for it', async () => {
    const { store, state, close } = await openEmbedded({});
    await state.commit([
      { sql: `INSERT INTO journal VALUES (1, 'now', '', '<x:a> <x:p> "b" .\n', 'wrong')` },
    ]);
    const loads = [1, 2].map(() => store.load(pages(numbered(10))));
    const damaged = expect.objectContaining({ code: 'store_damaged' });
    for (const load of loads) await expect(load).rejects.toEqual(damaged);
    await close();
  });

  test('is the same after a restart, blank nodes, literals and all', async () => {
    const data = `${directory.path}/restart`;
    const first = await openEmbedded({ directory: data });
    const text = `${numbered(10_000)}_:a <urn:p> ${int('01')} .\n_:a <urn:q> _:b .\n`;
    const { position } = await first.store.load(pages(text, 'urn:g'));
    const before = await content(first.store);
    await first.close();
    const second = await openEmbedded({ directory: data });
    expect(await content(second.store)).toEqual(before);
    expect(await second.store.verify()).toMatchObject({ position });
    const rows = await second.state.read<JournalRow & Record<string, string | number>>({
      sql: 'SELECT * FROM journal ORDER BY position',
    });
    const engine = new Engine();
    engine.replay(rows);
    expect([...engine.pages()].join('').split('\n').filter(Boolean).toSorted()).toEqual(before);
    await second.close();
  });

  test('leaves everything as it was when a later line is wrong', async () => {
    const { store, close } = await openEmbedded({});
    await store.load(pages('<urn:a> <urn:b> "before" .', 'urn:g'));
    const before = await content(store);
    const wrong = `${numbered(20_000)}<urn:s> <urn:p> "x" \n`;
    await expect(store.load(pages(wrong, 'urn:g'))).rejects.toMatchObject({
      code: 'invalid_data',
      message: expect.stringMatching(/^doc:20001:\d+: /),
    });
    expect(await content(store)).toEqual(before);
    // The next write goes on behind the last that counted.
    expect(await store.load(pages('<urn:a> <urn:b> "after" .', 'urn:g'))).toEqual({
      position: 2,
      inserted: 1,
      removed: 0,
    });
    await close();
  });

  test('is seen by readers as a whole or not at all, and other writes wait for it', async () => {
    const { store, close } = await openEmbedded({});
    const loading = store.load(pages(numbered(30_000), 'urn:g'));
    const writing = store.insert(iri('urn:other'), []);
    const counts = new Set<string>();
    const state = { loading: true };
    void loading.finally(() => (state.loading = false));
    while (state.loading) {
      const [row] = await store.select(sparql`SELECT (COUNT(*) AS ?n) { ?s ?p ?o }`);
      counts.add(row!['n']!.value);
    }
    const [row] = await store.select(sparql`SELECT (COUNT(*) AS ?n) { ?s ?p ?o }`);
    counts.add(row!['n']!.value);
    expect([...counts].every((count) => count === '0' || count === '30000')).toBe(true);
    expect(row!['n']!.value).toBe('30000');
    await writing;
    await close();
  });

  test('is given up when its signal aborts, and told how far it is until then', async () => {
    const { store, close } = await openEmbedded({});
    const stop = new AbortController();
    const seen: number[] = [];
    const onProgress = (read: number) => {
      seen.push(read);
      stop.abort();
    };
    await expect(
      store.load(pages(numbered(60_000), 'urn:g'), { signal: stop.signal, onProgress }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen[0]).toBeGreaterThan(0);
    expect(await content(store)).toEqual([]);
    await close();
  });

  test('T6 that would not fit is refused before the engine breaks, and the store lives on', async () => {
    const { store, close } = await openEmbedded({ memory: 24 * 2 ** 20 });
    await expect(store.load(pages(numbered(200_000), 'urn:g'))).rejects.toMatchObject({
      code: 'store_full',
      message: expect.stringContaining('does not fit'),
    });
    await store.insert(iri('urn:g'), []);
    expect(await store.load(pages(numbered(10), 'urn:g'))).toMatchObject({ inserted: 10 });
    await close();
  });

  test('N3 is recorded as one commit', async () => {
    const { store, close } = await openEmbedded({ provenance: { level: 'activity' } });
    await store.load(pages(numbered(20_000), 'urn:g'));
    const rows = await store.select(
      sparqlText(`PREFIX gw: <https://w3id.org/graphwright#>
        SELECT ?n { GRAPH ?g { ?insertion a gw:Insertion ; gw:inGraph <urn:g> ; gw:statements ?n } }`),
    );
    expect(rows.map(({ n }) => n!.value)).toEqual(['20000']);
    await close();
  });
});

describe('a large load', () => {
  /** Statements long enough for the engines to change their places. */
  const long = (count: number, from: number) =>
    pages(numbered(count, from).replaceAll('> "0', `> "${'x'.repeat(400)}`), 'urn:g');
  const counted = async (store: EmbeddedStore): Promise<number> => {
    const graph = iri('urn:g');
    const [row] = await store.select(
      sparql`SELECT (COUNT(*) AS ?n) { GRAPH ${graph} { ?s ?p ?o } }`,
    );
    return Number(row!['n']!.value);
  };
  const endless = sparql`SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }`;

  test('is there for whoever asks after it, on every reader, and so is each write behind it', async () => {
    const path = `${directory.path}/large`;
    const { store, close } = await openEmbedded({ directory: path });
    await store.load(pages(numbered(500), 'urn:h'));
    // One reader is at work on this when its place is taken, and is not to be left alone with it.
    const slow = store
      .select(endless, { timeout: 3_000 })
      .catch((thrown: GraphwrightError) => thrown);
    let expected = 0;
    for (let load = 0; load < 2; load += 1) {
      const { inserted } = await store.load(long(11_000, load * 11_000));
      expected += inserted;
      const several = Array.from({ length: 8 }, () => counted(store));
      expect(await Promise.all(several)).toEqual(several.map(() => expected));
    }
    expect(expected).toBe(22_000);
    for (let write = 0; write < 12; write += 1) {
      await store.insert(iri('urn:g'), parseTurtle(`<urn:w:${write}> <urn:p> 1 .`, 'a write'));
      expected += 1;
      const several = Array.from({ length: 4 }, () => counted(store));
      expect(await Promise.all(several)).toEqual(several.map(() => expected));
    }
    expect(await slow).toMatchObject({ code: 'timeout' });
    const told = await content(store);
    await close();
    const again = await openEmbedded({ directory: path });
    expect(await counted(again.store)).toBe(expected);
    expect(await content(again.store)).toEqual(told);
    await again.close();
  }, 60_000);

  test('holds up neither queries nor the close while the other engines follow it', async () => {
    const { store, close } = await openEmbedded({});
    await sleep(1_000);
    await store.load(long(15_000, 0));
    const begin = performance.now();
    expect(await store.ask(sparql`ASK { ${iri('urn:s:14999')} ?p ?o }`)).toBe(true);
    const asked = performance.now() - begin;
    await close();
    const closed = performance.now() - begin;
    expect(asked).toBeLessThan(250);
    expect(closed).toBeLessThan(1_500);
  }, 60_000);

  test('is followed by a load into the same graph that is refused, and by one that is not', async () => {
    const { store, close } = await openEmbedded({});
    await store.load(long(11_000, 0));
    const broken = (async function* () {
      yield* long(8_000, 11_000);
      throw new GraphwrightError('invalid_data', 'The rest cannot be read');
    })();
    await expect(store.load(broken)).rejects.toMatchObject({ code: 'invalid_data' });
    expect(await counted(store)).toBe(11_000);
    const version = () => false;
    const precondition = { graph: iri('urn:g'), version };
    await expect(store.load(long(9_000, 0), { precondition })).rejects.toMatchObject({
      code: 'precondition_failed',
    });
    expect(await store.load(long(11_000, 6_000))).toMatchObject({ inserted: 6_000 });
    expect(await counted(store)).toBe(17_000);
    await close();
  }, 60_000);
});
