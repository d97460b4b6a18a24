import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { sparql } from '../../src/ontology/sparql.ts';
import { factory, iri } from '../../src/ontology/terms.ts';

const graph = iri('x:g');
const fact = (value: string) => factory.quad(iri('x:s'), iri('x:p'), factory.literal(value));

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'graphwright-backup-'));
});
afterEach(() => rm(directory, { recursive: true }));

const data = (name: string) => join(directory, name);

async function count(path: string): Promise<number> {
  const { store, close } = await openEmbedded({ directory: path });
  const rows = await store.select(sparql`SELECT ?o { ?s ?p ?o }`);
  expect((await store.verify()).damage).toBeUndefined();
  await close();
  return rows.length;
}

describe('a backup', () => {
  test('is of one moment, made while writes go on, and opens like any data directory', async () => {
    const { store, close } = await openEmbedded({ directory: data('live') });
    await store.insert(graph, [fact('before')]);
    const writes = Array.from({ length: 50 }, (_, n) => store.insert(graph, [fact(`v${n}`)]));
    await store.backup(data('copy'));
    await Promise.all(writes);
    await store.insert(graph, [fact('after')]);
    await close();
    expect(await readdir(data('copy'))).toEqual(['state.db']);
    const copied = await count(data('copy'));
    expect(copied).toBeGreaterThanOrEqual(1);
    expect(copied).toBeLessThan(52);
    expect(await count(data('live'))).toBe(52);
  });

  test('overwrites nothing', async () => {
    const { store, close } = await openEmbedded({ directory: data('live') });
    await store.backup(data('copy'));
    await expect(store.backup(data('copy'))).rejects.toMatchObject({ code: 'conflict' });
    await expect(store.backup(data('live'))).rejects.toMatchObject({ code: 'conflict' });
    await close();
  });

  test('to where nothing can be written is `unavailable`, and the store goes on', async () => {
    const { store, close } = await openEmbedded({ directory: data('live') });
    await writeFile(data('file'), '');
    await expect(store.backup(data('file'))).rejects.toMatchObject({ code: 'unavailable' });
    await store.insert(graph, [fact('a')]);
    await close();
  });
});

describe('verify()', () => {
  test.each([
    [
      'a changed row',
      `UPDATE journal SET inserted = inserted || ' ' WHERE position = 2`,
      'journal',
      'position 2',
    ],
    ['a missing row', 'DELETE FROM journal WHERE position = 2', 'journal', 'position 2'],
    ['a changed page', `UPDATE snapshot_page SET statements = ''`, 'snapshot', 'page 0'],
  ])('names %s', async (_, sql, place, where) => {
    const { store, state, close } = await openEmbedded({ directory: data('live') });
    for (const value of ['a', 'b', 'c']) await store.insert(graph, [fact(value)]);
    await store.snapshot();
    expect(await store.verify()).toEqual({ position: 3, snapshot: 3 });
    await state.commit([{ sql }]);
    const { damage } = await store.verify();
    expect(damage).toMatchObject({ place, detail: expect.stringContaining(where) });
    await close();
  });
});

describe('a state file that was hurt', () => {
  /** Thirty commits whose process ends without closing, so that they stand in SQLite's log. */
  async function crashed(): Promise<string> {
    const script = `
      import { openEmbedded } from './dist/ontology/embedded/open-embedded.js';
      import { sparql } from './dist/ontology/sparql.js';
      const { store, state } = await openEmbedded({ directory: process.argv[1] });
      for (let n = 0; n < 30; n += 1)
        await store.update(sparql\`INSERT DATA { <x:s> <x:p> \${'value ' + n} }\`);
      // Asked of the thread that writes the mark, so after it has.
      await state.read({ sql: 'SELECT 1 AS one' });
      process.kill(process.pid, 'SIGKILL');`;
    const path = data('crashed');
    spawnSync(process.execPath, ['--input-type=module', '-e', script, path], { timeout: 10_000 });
    return path;
  }

  async function copy(from: string, to: string): Promise<void> {
    await mkdir(to);
    for (const name of await readdir(from)) await copyFile(join(from, name), join(to, name));
  }

  async function cutLog(from: string, to: string, part: number): Promise<void> {
    await copy(from, to);
    const log = await readFile(join(to, 'state.db-wal'));
    await writeFile(join(to, 'state.db-wal'), log.subarray(0, Math.round((1 - part) * log.length)));
  }

  test('a torn tail is cut: what is left is a beginning of what was written, whole', async () => {
    const path = await crashed();
    const counts: number[] = [];
    for (let step = 0; step <= 2; step += 1) {
      const torn = data(`torn-${step}`);
      await cutLog(path, torn, step / 3);
      // Without it nobody knows whether what is missing was ever acknowledged.
      await rm(join(torn, 'state.db-mark'));
      const { store, close } = await openEmbedded({ directory: torn });
      const rows = await store.select(sparql`SELECT ?o { ?s ?p ?o }`, { unionDefaultGraph: false });
      counts.push(rows.length);
      expect(new Set(rows.map(({ o }) => o!.value))).toEqual(
        new Set(Array.from({ length: rows.length }, (_, n) => `value ${n}`)),
      );
      await close();
    }
    expect((await readdir(data('torn-0'))).toSorted()).toEqual([
      'state.db',
      'state.db-lock',
      'state.db-mark',
    ]);
    expect(counts[0]).toBe(30);
    expect(counts).toEqual(counts.toSorted((a, b) => b - a));
    expect(counts.at(-1)).toBeLessThan(30);
  });

  test('when what is torn off was acknowledged, it is refused, again and again, and left as it is', async () => {
    const torn = data('torn');
    await cutLog(await crashed(), torn, 0.3);
    const log = await readFile(join(torn, 'state.db-wal'));
    for (let time = 0; time < 2; time += 1) {
      const failure = await openEmbedded({ directory: torn }).catch((thrown: unknown) => thrown);
      expect(failure).toMatchObject({ code: 'store_damaged' });
      expect(String(failure)).toMatch(
        /ends at commit \d+, at position \d+ of the journal, but commit 31 was acknowledged/,
      );
    }
    expect(await readFile(join(torn, 'state.db-wal'))).toEqual(log);
  });

  test('a flipped byte in the journal is found and named, wherever it is', async () => {
    const { store, close } = await openEmbedded({ directory: data('live') });
    for (let n = 0; n < 20; n += 1)
      await store.insert(graph, [fact(`value ${n} ${'x'.repeat(500)}`)]);
    await close();
    const file = await readFile(join(data('live'), 'state.db'));
    for (const row of [1, 4, 9, 16]) {
      // SQLite may have left copies of a row in space that it does not use; a flip there harms nothing.
      const outcomes: unknown[] = [];
      const text = `value ${row} x`;
      for (let at = file.indexOf(text); at >= 0; at = file.indexOf(text, at + 1)) {
        const hurt = data(`hurt-${row}-${at}`);
        await mkdir(hurt);
        const flipped = Buffer.from(file);
        flipped[at + 50]! ^= 1;
        await writeFile(join(hurt, 'state.db'), flipped);
        outcomes.push(await count(hurt).catch((thrown: unknown) => thrown));
      }
      const found = expect.objectContaining({
        code: 'store_damaged',
        message: expect.stringContaining(`position ${row + 1}:`),
      });
      expect(outcomes).toContainEqual(found);
      const harmed = outcomes.filter((outcome) => outcome !== 20);
      expect(harmed).toEqual(harmed.map(() => found));
    }
  });
});
