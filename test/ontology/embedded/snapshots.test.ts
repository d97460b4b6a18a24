import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GraphwrightError } from '../../../src/errors.ts';
import { EmbeddedStore } from '../../../src/ontology/embedded/embedded-store.ts';
import { openStateFile, type StateFile } from '../../../src/ontology/embedded/state-file.ts';
import { sparql } from '../../../src/ontology/sparql.ts';
import { factory, iri, xsd } from '../../../src/ontology/terms.ts';

const graph = iri('x:g');
const patiently = { timeout: 10_000 };
const fact = (value: string, subject = 'x:s') =>
  factory.quad(iri(subject), iri('x:p'), factory.literal(value));

describe('A10 snapshots', () => {
  let state: StateFile;
  let store: EmbeddedStore;
  let warnings: GraphwrightError[];

  beforeEach(async () => {
    state = await openStateFile({ path: ':memory:' });
    warnings = [];
    store = await open();
  });
  afterEach(async () => {
    await store.close();
    await state.close();
  });

  const open = (snapshots = {}) =>
    EmbeddedStore.open({ state, snapshots, onWarning: (warning) => void warnings.push(warning) });
  async function reopen(snapshots = {}) {
    await store.close();
    store = await open(snapshots);
  }
  const values = async () =>
    (await store.select(sparql`SELECT ?o { ?s ?p ?o }`)).map(({ o }) => o!.value).toSorted();
  const count = async (table: string) =>
    Number((await state.read({ sql: `SELECT count(*) AS n FROM ${table}` }))[0]!.n);

  test('a start goes on from the newest, and then follows the journal', async () => {
    await store.insert(graph, [fact('a'), fact('gone')]);
    await store.update(sparql`CREATE GRAPH <x:empty>`);
    expect(await store.snapshot()).toBe(2);
    await store.replace(graph, [fact('a'), fact('b')]);
    // The journal of what the snapshot holds is not even looked at.
    await state.commit([{ sql: `UPDATE journal SET inserted = 'damaged' WHERE position = 1` }]);
    await reopen();
    expect(await values()).toEqual(['a', 'b']);
    await expect(store.update(sparql`CREATE GRAPH <x:empty>`)).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(warnings).toEqual([]);
  });

  test('there is only ever one, and none more of what has one already', async () => {
    for (const value of ['a', 'b']) {
      await store.insert(graph, [fact(value)]);
      await store.snapshot();
      await store.snapshot();
    }
    expect(await count('snapshot')).toBe(1);
    expect(await state.read({ sql: 'SELECT DISTINCT position FROM snapshot_page' })).toEqual([
      { position: 2 },
    ]);
  });

  test('one is made by itself once the journal has grown, and the journal is kept', async () => {
    await reopen({ afterWrites: 10 });
    for (let n = 0; n < 12; n += 1) await store.insert(graph, [fact(`v${n}`)]);
    await expect.poll(() => count('snapshot'), patiently).toBe(1);
    await reopen({ afterCharacters: 1000 });
    await store.insert(graph, [fact('x'.repeat(1000))]);
    const position = async () =>
      (await state.read({ sql: 'SELECT position FROM snapshot' }))[0]?.position;
    await expect.poll(position, patiently).toBe(13);
    expect(await count('journal')).toBe(13);
  });

  test('with keepRows, older rows of the journal go', async () => {
    await reopen({ keepRows: 3 });
    for (let n = 0; n < 10; n += 1) await store.insert(graph, [fact(`v${n}`)]);
    await store.snapshot();
    expect(await count('journal')).toBe(3);
    await store.insert(graph, [fact('later')]);
    await reopen();
    expect(await values()).toHaveLength(11);
    expect(await store.verify()).toEqual({ position: 11, snapshot: 10 });
  });

  test.each([
    ['a changed page', `UPDATE snapshot_page SET statements = replace(statements, '"a"', '"x"')`],
    ['a missing page', 'DELETE FROM snapshot_page'],
    ['a changed record', 'UPDATE snapshot SET pages = 0'],
  ])('%s is found, named and done without', async (_, sql) => {
    await store.insert(graph, [fact('a')]);
    await store.snapshot();
    await state.commit([{ sql }]);
    await reopen();
    expect(await values()).toEqual(['a']);
    for (const { code, message } of warnings) {
      expect(code).toBe('store_damaged');
      expect(message).toContain('snapshot at position 1');
    }
    expect(warnings.length).toBeGreaterThan(0);
  });

  test('without the journal that it stands for, a damaged one is an error', async () => {
    await reopen({ keepRows: 1 });
    for (const value of ['a', 'b', 'c']) await store.insert(graph, [fact(value)]);
    await store.snapshot();
    await store.close();
    await state.commit([{ sql: 'DELETE FROM snapshot_page' }]);
    await expect(open()).rejects.toMatchObject({ code: 'store_damaged' });
    expect(warnings).toEqual([]);
    await state.commit([{ sql: 'DROP TABLE journal_start' }, { sql: 'DELETE FROM snapshot' }]);
    await state.commit([{ sql: 'DELETE FROM journal' }]);
  });

  test('one for which there is no room is given up, and everything else goes on', async () => {
    await store.insert(
      graph,
      Array.from({ length: 3000 }, (_, n) => fact(`value ${n}`)),
    );
    const [pages] = await state.read({ sql: 'PRAGMA page_count' });
    await state.read({ sql: `PRAGMA max_page_count = ${Number(pages!.page_count) + 10}` });
    await expect(store.snapshot()).rejects.toMatchObject({ code: 'store_full' });
    expect(await count('snapshot_page')).toBe(0);
    await state.read({ sql: 'PRAGMA max_page_count = 1000000' });
    await store.insert(graph, [fact('room again')]);
    expect(await store.snapshot()).toBe(2);
  });

  test('what was left unfinished is cleared away at the start', async () => {
    await state.commit([
      {
        sql: `INSERT INTO snapshot_page (position, number, statements, checksum) VALUES (7, 0, '', '')`,
      },
    ]);
    await reopen();
    expect(await count('snapshot_page')).toBe(0);
  });

  test('engines are renewed once enough was removed, and no write or query is lost meanwhile', async () => {
    await reopen({ afterRemovals: 50 });
    await store.insert(graph, [
      factory.quad(iri('x:counter'), iri('x:p'), factory.literal('0', xsd('integer'))),
    ]);
    const increment = sparql`WITH ${graph} DELETE { ?s ?p ?n } INSERT { ?s ?p ?m } WHERE { ?s ?p ?n BIND(?n + 1 AS ?m) }`;
    for (let round = 0; round < 60; round += 1) {
      await Promise.all(Array.from({ length: 10 }, () => store.update(increment)));
      expect(await values()).toEqual([String((round + 1) * 10)]);
    }
    await expect.poll(() => count('snapshot'), patiently).toBe(1);
    expect(warnings).toEqual([]);
    await reopen();
    expect(await values()).toEqual(['600']);
    expect(await store.verify()).toMatchObject({ position: 601 });
  });
});
