import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GraphwrightError } from '../../src/errors.ts';
import { openEmbedded, type Embedded } from '../../src/ontology/embedded/open-embedded.ts';
import { openStateFile, type StateFile } from '../../src/ontology/embedded/state-file.ts';
import { sparql } from '../../src/ontology/sparql.ts';
import { factory, iri } from '../../src/ontology/terms.ts';

const graph = iri('https://example.org/g');
const fact = (value: string) =>
  factory.quad(iri('https://example.org/s'), iri('https://example.org/p'), factory.literal(value));
const code = (expected: string) => expect.objectContaining({ code: expected });

const big = (n: number) => fact(`${String(n).padStart(3, '0')}${'x'.repeat(20_000)}`);

const limit = (state: StateFile, pages: number) =>
  state.read({ sql: `PRAGMA max_page_count = ${pages}` });

const pages = async (state: StateFile) =>
  Number((await state.read({ sql: 'PRAGMA page_count' }))[0]!.page_count);

describe('the embedded store when the disk fails it', () => {
  let directory: string;
  let embedded: Embedded;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'graphwright-disk-'));
    embedded = await openEmbedded({ directory });
  });
  afterEach(async () => {
    await embedded.close();
    await rm(directory, { recursive: true });
  });

  const values = async () =>
    (await embedded.store.select(sparql`SELECT ?o { ?s ?p ?o }`))
      .map(({ o }) => o!.value)
      .toSorted();

  async function reopen() {
    await embedded.close();
    embedded = await openEmbedded({ directory });
  }

  async function tamper(sql: string) {
    await embedded.store.insert(graph, [fact('one')]);
    await embedded.store.insert(graph, [fact('two')]);
    await embedded.store.insert(graph, [fact('three')]);
    await embedded.close();
    const state = await openStateFile({ path: join(directory, 'state.db') });
    await state.commit([{ sql }]);
    await state.close();
  }

  describe('for want of room', () => {
    test('what was acknowledged stays, the rest is `store_full`, and both sides agree', async () => {
      await embedded.store.insert(graph, [fact('before')]);
      await limit(embedded.state, (await pages(embedded.state)) + 30);
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, n) => embedded.store.insert(graph, [big(n)])),
      );
      const written = outcomes.flatMap(({ status }, n) =>
        status === 'fulfilled' ? [big(n).object.value] : [],
      );
      expect(written.length).toBeGreaterThan(0);
      expect(written.length).toBeLessThan(20);
      const reasons = outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [(outcome.reason as GraphwrightError).code] : [],
      );
      expect(new Set(reasons)).toEqual(new Set(['store_full']));
      expect(await values()).toEqual([...written, 'before']);

      await limit(embedded.state, 1_000_000);
      await embedded.store.insert(graph, [fact('room again')]);
      const expected = [...written, 'before', 'room again'];
      expect(await values()).toEqual(expected);
      await reopen();
      expect(await values()).toEqual(expected);
    });

    test('a write that repeats one on its way is not acknowledged before that one', async () => {
      await embedded.store.insert(graph, [fact('before')]);
      await limit(embedded.state, await pages(embedded.state));
      const outcomes = await Promise.allSettled([
        embedded.store.insert(graph, [big(1)]),
        embedded.store.insert(graph, [big(1)]),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect(await values()).toEqual(['before']);
    });
  });

  test('when one write cannot be stored, those made on top of it are made again', async () => {
    await embedded.state.commit([
      {
        sql: `CREATE TRIGGER poison BEFORE INSERT ON journal WHEN NEW.inserted LIKE '%poison%'
          BEGIN SELECT RAISE(ABORT, 'poison'); END`,
      },
    ]);
    await embedded.store.insert(graph, [fact('first')]);
    const add = (value: string) =>
      embedded.store.update(sparql`INSERT DATA { GRAPH ${graph} { <x:s> <x:p> ${value} } }`);
    const outcomes = await Promise.allSettled([
      add('poison'),
      embedded.store.update(
        sparql`WITH ${graph} DELETE { ?s ?p ?o } INSERT { ?s ?p ?now } WHERE { ?s ?p ?o BIND(CONCAT("seen: ", ?o) AS ?now) }`,
      ),
      add('last'),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(await values()).toEqual(['last', 'seen: first']);
    await reopen();
    expect(await values()).toEqual(['last', 'seen: first']);
  });

  describe('with damage', () => {
    test.each([
      [
        'a changed row',
        `UPDATE journal SET inserted = replace(inserted, 'two', 'too') WHERE position = 2`,
      ],
      ['a missing row', 'DELETE FROM journal WHERE position = 2'],
      ['a moved time', `UPDATE journal SET at = '2020-01-01T00:00:00.000Z' WHERE position = 2`],
    ])('%s is `store_damaged` and named, never served', async (_, sql) => {
      await tamper(sql);
      const failure = await openEmbedded({ directory }).catch((thrown: unknown) => thrown);
      expect(failure).toMatchObject({ code: 'store_damaged' });
      expect(String(failure)).toContain('position 2');
    });

    test('a refused open leaves the directory free', async () => {
      await tamper('DELETE FROM journal WHERE position = 2');
      for (let time = 0; time < 2; time += 1)
        await expect(openEmbedded({ directory })).rejects.toEqual(code('store_damaged'));
    });
  });
});
