import { statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStateFile, type StateFile } from '../../../src/ontology/embedded/state-file.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });

const add = (id: number, value: string | number | Uint8Array | null = null) => ({
  sql: 'INSERT INTO things VALUES (?, ?)',
  values: [id, value],
});

const pragma = async (state: StateFile, name: string) =>
  Object.values((await state.read({ sql: `PRAGMA ${name}` }))[0]!);

describe('the state file', () => {
  let directory: string;
  let path: string;
  let state: StateFile;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'graphwright-state-'));
    path = join(directory, 'state.db');
    state = await openStateFile({ path });
    await state.commit([{ sql: 'CREATE TABLE things (id INTEGER PRIMARY KEY, value)' }]);
  });
  afterEach(async () => {
    await state.close();
    await rm(directory, { recursive: true });
  });

  const ids = async () =>
    (await state.read<{ id: number }>({ sql: 'SELECT id FROM things ORDER BY id' })).map(
      ({ id }) => id,
    );

  test('gives back what was committed, also after it was closed', async () => {
    await state.commit([add(1, 'text'), add(2, 2.5), add(3)]);
    await state.close();
    state = await openStateFile({ path });
    expect(await state.read({ sql: 'SELECT * FROM things WHERE id > ?', values: [0] })).toEqual([
      { id: 1, value: 'text' },
      { id: 2, value: 2.5 },
      { id: 3, value: null },
    ]);
  });

  test('writes to disk before it answers, and keeps others out', async () => {
    expect(await pragma(state, 'journal_mode')).toEqual(['wal']);
    expect(await pragma(state, 'synchronous')).toEqual([2]);
    await expect(openStateFile({ path })).rejects.toEqual(code('data_in_use'));
  });

  test('a commit is all or nothing', async () => {
    await expect(state.commit([add(1), add(2), add(1)])).rejects.toEqual(code('conflict'));
    expect(await ids()).toEqual([]);
  });

  test('of commits that share a sync, one that fails leaves the others untouched', async () => {
    const outcomes = await Promise.allSettled([
      state.commit([add(1)]),
      state.commit([add(2), add(1)]),
      state.commit([add(3)]),
      state.commit([{ sql: 'this is no SQL' }]),
      state.commit([add(4)]),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(await ids()).toEqual([1, 3, 4]);
  });

  test('another thread commits in parts what belongs together', async () => {
    const { port, expect: number } = state.link();
    port.postMessage({ before: [add(1), add(2)] });
    port.postMessage({ before: [add(3)] });
    expect(await ids()).toEqual([]);
    const { id, answer } = number();
    port.postMessage({ id, statements: [add(4)] });
    await answer;
    const second = number();
    port.postMessage({ before: [add(5)] });
    port.postMessage({ id: second.id, statements: [add(1)] });
    await expect(second.answer).rejects.toEqual(code('conflict'));
    port.close();
    expect(await ids()).toEqual([1, 2, 3, 4]);
  });

  test('parts of another thread that ends before it commits are gone', async () => {
    const abandoned = () => {
      const { port } = state.link();
      port.postMessage({ before: [add(1)] });
      port.close();
    };
    abandoned();
    const { port, expect: number } = state.link();
    const { id, answer } = number();
    port.postMessage({ id, statements: [add(2)] });
    await answer;
    port.close();
    expect(await ids()).toEqual([2]);
  });

  test('the log is brought into the file again and again, whether much is committed or often', async () => {
    for (let id = 1; id <= 30; id += 1) await state.commit([add(id, 'x'.repeat(2 ** 20))]);
    const logged = () => statSync(`${path}-wal`).size;
    expect(logged()).toBeLessThan(10 * 2 ** 20);
    for (let id = 31; id <= 2000; id += 1) await state.commit([add(id)]);
    expect(logged()).toBeLessThan(10 * 2 ** 20);
    expect(statSync(path).size).toBeGreaterThan(30 * 2 ** 20);
  });

  test('a read sees the commits that were asked for before it', async () => {
    const commit = state.commit([add(1)]);
    expect(await ids()).toEqual([1]);
    await commit;
  });

  test('a second open is refused at once, with what to do', async () => {
    const start = performance.now();
    const failure = await openStateFile({ path }).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: 'data_in_use', retriable: true });
    expect(String(failure)).toContain(`${directory} is in use`);
    expect(String(failure)).toContain('Stop that process');
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test('a full disk is `store_full`, and goes on when there is room again', async () => {
    const limit = (pages: number) => state.read({ sql: `PRAGMA max_page_count = ${pages}` });
    await limit(5);
    const outcomes = await Promise.allSettled([
      state.commit([add(1)]),
      state.commit([add(2, 'x'.repeat(100_000))]),
      state.commit([add(3)]),
    ]);
    expect(outcomes).toMatchObject([
      { status: 'fulfilled' },
      { reason: { code: 'store_full' } },
      { status: 'fulfilled' },
    ]);
    await limit(1_000_000);
    await state.commit([add(2, 'x'.repeat(100_000))]);
    expect(await ids()).toEqual([1, 2, 3]);
  });

  test('a file that is no database is `store_damaged`', async () => {
    const other = join(directory, 'other.db');
    await writeFile(other, 'these bytes are not a database, whatever their name. '.repeat(50));
    await expect(openStateFile({ path: other })).rejects.toEqual(code('store_damaged'));
  });

  test('a place that cannot hold a file is `unavailable`', async () => {
    const nowhere = join(directory, 'missing', 'state.db');
    await expect(openStateFile({ path: nowhere })).rejects.toEqual(code('unavailable'));
  });

  test('after close() it says so', async () => {
    await state.close();
    await expect(ids()).rejects.toEqual(code('unavailable'));
  });
});
