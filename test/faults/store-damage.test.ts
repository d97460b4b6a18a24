import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GraphwrightError } from '../../src/errors.ts';
import { collectGarbage } from '../../src/ontology/embedded/collect-garbage.ts';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { factory, iri } from '../../src/ontology/terms.ts';
import { start, type Files } from './damaged-file.ts';

/** How many of all places are tried, evenly chosen; `Infinity` tries every one. */
const sample = Number(process.env.GRAPHWRIGHT_DAMAGE ?? 150);

const graph = iri('x:g');
const fact = (value: string) => factory.quad(iri('x:s'), iri('x:p'), factory.literal(value));

describe('a small journal, whichever bit of it flips and wherever it is cut', () => {
  let directory: string;
  /** Files as a kill leaves them: part of the writes in SQLite's log, each of them acknowledged. */
  let killed: Files;
  /** The same writes, all of them in the file itself. */
  let closed: Files;
  let expected: string[];

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'graphwright-damage-'));
    const data = join(directory, 'data');
    smallPages(data);
    const { store, close } = await openEmbedded({ directory: data });
    await store.insert(graph, [fact('one')]);
    await store.insert(graph, [fact('two'), fact('three')]);
    await store.snapshot();
    await store.remove(graph, [fact('two')]);
    await store.insert(graph, [fact('four')]);
    // By another process: were this one to read the file itself, it would lose its lock on it.
    execFileSync('cp', ['-r', data, join(directory, 'killed')]);
    killed = filesOf(join(directory, 'killed'));
    await close();
    closed = filesOf(data);
    expected = (await start(closed)) as string[];
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test('is found whole when nothing happened to it', async () => {
    const statements = ['four', 'one', 'three'].map((value) => `<x:s> <x:p> "${value}" <x:g> .`);
    expect(expected.filter(Boolean)).toEqual(['# graph <x:g>', ...statements]);
    expect(await start(killed)).toEqual(expected);
    const names = Object.keys(killed).map((name) => name.replace('state.db', ''));
    expect(names.toSorted()).toEqual(['', '-lock', '-mark', '-shm', '-wal']);
  });

  /** Anything but the whole graph, or a refusal that names the place. */
  async function wrong(files: Files): Promise<string | undefined> {
    const found = await start(files);
    if (!(found instanceof GraphwrightError))
      return found.join() === expected.join() ? undefined : `served ${found.join()}`;
    const named = /position \d+|commit \d+|frame \d+|header|snapshot|state\.db/.test(found.message);
    if (['store_damaged', 'unavailable'].includes(found.code) && named) return undefined;
    return `${found.code}: ${found.message}`;
  }

  async function sweep(places: number, damage: (place: number) => Files): Promise<string[]> {
    const step = Math.max(1, places / sample);
    const failures: string[] = [];
    for (let at = 0, tried = 0; at < places; at += step, tried += 1) {
      const place = Math.floor(at + (step > 1 ? Math.random() * (step - 1) : 0));
      const failure = await wrong(damage(place));
      if (failure) failures.push(`${place}: ${failure}`);
      // SQLite lets go of a file only when all that asked it were collected.
      if (tried % 100 === 0) collectGarbage();
    }
    return failures;
  }

  test('is refused without the mark too, when the log goes on behind the damage', async () => {
    const { 'state.db-mark': _, ...unmarked } = killed;
    const log = killed['state.db-wal']!;
    const failures = await sweep(log.length * 4, (place) => {
      const bytes = Buffer.from(log);
      bytes[place >> 3]! ^= 1 << (place & 7);
      return { ...unmarked, 'state.db-wal': bytes };
    });
    expect(failures).toEqual([]);
  }, 3_600_000);

  test('has its torn tail cut when nobody was told of it', async () => {
    const { 'state.db-mark': _, ...unmarked } = killed;
    const torn = Buffer.from(killed['state.db-wal']!);
    torn[torn.length - 100]! ^= 1;
    const found = await start({ ...unmarked, 'state.db-wal': torn });
    expect(found).toEqual(expected.filter((line) => !line.includes('four')));
  });

  test('is refused when it would take no more writes, as a rule of it was changed', async () => {
    const at = closed['state.db']!.indexOf('+ 1 FROM journal') + '+ '.length;
    expect(at).toBeGreaterThan(10);
    for (const bit of [0, 1, 2, 3]) {
      const bytes = Buffer.from(closed['state.db']!);
      bytes[at]! ^= 1 << bit;
      const found = (await start({ ...closed, 'state.db': bytes })) as GraphwrightError;
      expect([found.code, found.message]).toEqual([
        'store_damaged',
        expect.stringContaining('journal_has_no_gap'),
      ]);
    }
  });

  describe.each([
    ['killed', 'state.db'],
    ['killed', 'state.db-wal'],
    ['killed', 'state.db-mark'],
    ['closed', 'state.db'],
    ['closed', 'state.db-mark'],
  ] as const)('%s: %s', (kind, name) => {
    const files = () => (kind === 'killed' ? killed : closed);

    test('is whole or refused with its place when a bit flips', async () => {
      const failures = await sweep(files()[name]!.length * 8, (place) => {
        const bytes = Buffer.from(files()[name]!);
        bytes[place >> 3]! ^= 1 << (place & 7);
        return { ...files(), [name]: bytes };
      });
      expect(failures).toEqual([]);
    }, 7_200_000);

    test('is whole or refused with its place when it is cut', async () => {
      const failures = await sweep(files()[name]!.length, (length) => ({
        ...files(),
        [name]: files()[name]!.subarray(0, length),
      }));
      expect(failures).toEqual([]);
    }, 7_200_000);
  });
});

/** Makes the state file, so that hardly any of its bits are in room that nothing uses. */
function smallPages(data: string): void {
  mkdirSync(data);
  const database = new Database(join(data, 'state.db'));
  database.exec('PRAGMA page_size = 512; VACUUM');
  database.close();
}

function filesOf(directory: string): Files {
  return Object.fromEntries(
    readdirSync(directory).map((name) => [name, readFileSync(join(directory, name))]),
  );
}
