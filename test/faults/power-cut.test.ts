import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { compileLibrary } from './compiler.ts';
import { Disk, type Random } from './power-cut/disk.ts';
import { problemsOf, startWriter } from './writing-process.ts';

const cycles = Number(process.env.GRAPHWRIGHT_POWER_CUTS ?? 4);
/** After so many, the data grows too large to be looked through in every cycle. */
const cyclesOfOneStore = 20;

describe('the embedded store when the power goes', () => {
  let directory: string;
  let library: string;
  let disk: Record<string, Buffer>;
  let acknowledged: number[];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'graphwright-power-'));
    library = join(directory, 'trace.so');
    await compileLibrary('test/faults/power-cut/trace.c', library);
  });
  beforeEach(() => {
    disk = {};
    acknowledged = [];
  });
  afterAll(() => rm(directory, { recursive: true }));

  /** Lets a process write, cuts the power, and says what is wrong with what is left on the disk. */
  async function cycle(number: number, heedSyncs: boolean, random: Random): Promise<string[]> {
    if (number % cyclesOfOneStore === 0) [disk, acknowledged] = [{}, []];
    const data = await written(join(directory, `${number}`), disk);
    const trace = join(directory, `${number}.trace`);
    const writer = startWriter(data, number * 100_000, {
      LD_PRELOAD: library,
      TRACE_DIRECTORY: data,
      TRACE_FILE: trace,
    });
    // Now and then it goes while the store still starts.
    if (random() < 0.8) await writer.first;
    await sleep(random() * 400);
    await writer.kill();
    const simulated = new Disk(data, disk, heedSyncs);
    simulated.follow(await readFile(trace).catch(() => Buffer.alloc(0)));
    disk = simulated.cut(random);
    acknowledged.push(...writer.acknowledged);
    await rm(trace, { force: true });
    await rm(data, { recursive: true });
    // Looked at in a copy, so that the next process finds what the cut left.
    const copy = await written(join(directory, `${number}-copy`), disk);
    const problems = await problemsOf(copy, acknowledged);
    if (problems.length === 0) await rm(copy, { recursive: true });
    return problems;
  }

  test(
    `A10 no acknowledged write is lost and none is half there, over ${cycles} power cuts`,
    async () => {
      const random = seeded(Number(process.env.GRAPHWRIGHT_SEED ?? 1));
      for (let number = 0; number < cycles; number += 1)
        expect(await cycle(number, true, random), `cycle ${number}`).toEqual([]);
      expect(acknowledged.length).toBeGreaterThan(0);
    },
    cycles * 10_000,
  );

  test('on a disk whose syncs do nothing, that is found out within five', async () => {
    const random = seeded(2);
    const problems: string[] = [];
    for (let number = 0; number < 5 && problems.length === 0; number += 1)
      problems.push(...(await cycle(number, false, random)));
    expect(problems).not.toEqual([]);
  });
});

async function written(path: string, files: Record<string, Buffer>): Promise<string> {
  await mkdir(path);
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(path, name), bytes);
  return path;
}

/** The same numbers for the same seed (mulberry32). */
function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
