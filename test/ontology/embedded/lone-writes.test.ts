import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DirectAccess } from '../../../src/ontology/embedded/direct-access.ts';
import { openEmbedded, type Embedded } from '../../../src/ontology/embedded/open-embedded.ts';
import { sparql } from '../../../src/ontology/sparql.ts';
import { factory, iri } from '../../../src/ontology/terms.ts';

/** In memory where there is such a directory: nothing else is quick on every machine. */
const quickDisk = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

const graph = iri('https://example.org/g');
const fact = (value: string) =>
  factory.quad(iri('https://example.org/s'), iri('https://example.org/p'), factory.literal(value));

describe('A22 writes of the embedded store on a quick disk', () => {
  let directory: string;
  let embedded: Embedded;

  beforeEach(async () => {
    directory = await mkdtemp(join(quickDisk, 'graphwright-lone-'));
    embedded = await openEmbedded({ directory });
    await warm();
  });
  afterEach(async () => {
    await embedded.close();
    await rm(directory, { recursive: true });
  });

  const write = (value: string) => embedded.store.insert(graph, [fact(value)]);

  /** How many commits an action made in the calling thread. */
  async function direct(action: () => Promise<unknown>): Promise<number> {
    using commit = vi.spyOn(DirectAccess.prototype, 'commit');
    await action();
    return commit.mock.results.filter(({ value }) => value === true).length;
  }

  /** Writes until the disk is known to be quick. */
  async function warm(): Promise<void> {
    let n = 0;
    await expect
      .poll(() => direct(() => write(`warm ${(n += 1)}`)), { timeout: 30_000, interval: 1 })
      .toBe(1);
  }

  const values = async () =>
    (await embedded.store.select(sparql`SELECT ?o { ?s ?p ?o FILTER(!STRSTARTS(?o, "warm")) }`))
      .map(({ o }) => o!.value)
      .toSorted();

  async function reopen() {
    await embedded.close();
    embedded = await openEmbedded({ directory });
  }

  test('are committed in the calling thread when they come alone, and share a sync in the other when not', async () => {
    let last = 0;
    const alone = async () => {
      for (const end = last + 3; last < end;) await write(`alone ${(last += 1)}`);
    };
    await expect.poll(() => direct(alone), { timeout: 30_000 }).toBe(3);
    const names = Array.from({ length: 40 }, (_, n) => `together ${n}`);
    expect(await direct(() => Promise.all(names.map(write)))).toBeLessThanOrEqual(1);
    expect((await values()).filter((value) => value.startsWith('together'))).toHaveLength(40);
  });

  test('keep their order when some come alone, some together, and some beside other commits', async () => {
    const { state } = embedded;
    await state.commit([{ sql: 'CREATE TABLE notes (note TEXT)' }]);
    const note = { sql: 'INSERT INTO notes VALUES (?)', values: ['noted'] };
    const expected: string[] = [];
    const positions: number[] = [];
    let n = 0;
    for (let round = 0; round < 150; round += 1) {
      const names = Array.from({ length: 1 + ((round * 7) % 5) }, () => `${(n += 1)}`);
      expected.push(...names);
      const noted = round % 2 === 0 && state.commit([note], { brief: round % 4 === 0 });
      const begun = names.map(write);
      // Now and then the next ones come while these are on their way.
      if (round % 3 === 0) await Promise.all(begun);
      positions.push(...(await Promise.all(begun)).map(({ position }) => position));
      await noted;
    }
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(await values()).toEqual(expected.toSorted());
    await reopen();
    expect(await values()).toEqual(expected.toSorted());
  });

  test('are taken back when the disk refuses one, and those after it hold', async () => {
    await embedded.state.commit([
      {
        sql: `CREATE TRIGGER poison BEFORE INSERT ON journal WHEN NEW.inserted LIKE '%poison%'
          BEGIN SELECT RAISE(ABORT, 'poison'); END`,
      },
    ]);
    await write('before');
    await expect(write('poison')).rejects.toThrow('poison');
    expect(await values()).toEqual(['before']);
    await write('after');
    expect(await values()).toEqual(['after', 'before']);
    const outcomes = await Promise.allSettled(['one', 'poison', 'two'].map(write));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await reopen();
    expect(await values()).toEqual(['after', 'before', 'one', 'two']);
  });

  test('that are updates whose time runs out leave nothing, alone as well', async () => {
    const endless = sparql`INSERT { GRAPH ${graph} { ?a ?b "late" } }
      WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o . ?q ?r ?t }`;
    await Promise.all(Array.from({ length: 30 }, (_, n) => write(`fact ${n}`)));
    await expect(embedded.store.update(endless, { timeout: 100 })).rejects.toMatchObject({
      code: 'timeout',
    });
    await write('after');
    expect(await values()).toHaveLength(31);
    await reopen();
    expect(await values()).toHaveLength(31);
  });

  test('that are larger than what is committed so go to the other thread', async () => {
    const large = 'x'.repeat(20_000);
    expect(await direct(() => write(large))).toBe(0);
    expect(await values()).toEqual([large]);
  });
});
