import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { sparql } from '../../src/ontology/sparql.ts';
import { problemsOf, startWriter } from './writing-process.ts';

const kills = Number(process.env.GRAPHWRIGHT_KILLS ?? 8);
/** After so many, the data grows too large to be looked through. */
const killsOfOneStore = 25;

describe('the embedded store when its process dies', () => {
  let directory: string;
  let running: ReturnType<typeof startWriter> | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'graphwright-kill-'));
  });
  afterEach(async () => {
    await running?.kill();
    await rm(directory, { recursive: true, force: true });
  });

  test(
    `A10 no acknowledged write is lost and none is half there, over ${kills} kills`,
    async () => {
      let acknowledged: number[] = [];
      for (let cycle = 0; cycle < kills; cycle += 1) {
        running = startWriter(directory, cycle * 100_000);
        // Now and then it is killed while the store still starts.
        if (cycle % 4 < 3) await running.first;
        await sleep(Math.random() * 300);
        await running.kill();
        acknowledged.push(...running.acknowledged);
        const last = cycle === kills - 1;
        if (!last && (cycle + 1) % killsOfOneStore > 0) continue;
        expect(acknowledged.length).toBeGreaterThan(0);
        expect(await problemsOf(directory, acknowledged), `kill ${cycle}`).toEqual([]);
        await rm(directory, { recursive: true });
        acknowledged = [];
      }
    },
    kills * 10_000,
  );

  test('a second process is told at once, and takes over when the first was killed', async () => {
    running = startWriter(directory, 0);
    await running.first;
    const began = performance.now();
    const failure = await openEmbedded({ directory }).catch((thrown: unknown) => thrown);
    expect(performance.now() - began).toBeLessThan(2000);
    expect(failure).toMatchObject({ code: 'data_in_use' });
    expect(String(failure)).toContain(directory);
    await running.kill();
    const { store, close } = await openEmbedded({ directory });
    expect(await store.ask(sparql`ASK { ?s ?p ?o }`)).toBe(true);
    await close();
  });

  test.each([
    ['closed its store', 'await embedded.close();'],
    ['forgot to', ''],
  ])('a process that %s ends by itself', (_, end) => {
    const script = `
      import { openEmbedded } from './dist/ontology/embedded/open-embedded.js';
      import { sparql } from './dist/ontology/sparql.js';
      const embedded = await openEmbedded({ directory: ${JSON.stringify(directory)} });
      await embedded.store.update(sparql\`INSERT DATA { <x:s> <x:p> "written" }\`);
      ${end}
      console.log('end of script');`;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', script],
      { encoding: 'utf8', timeout: 8000 },
    );
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: 'end of script\n',
      stderr: '',
    });
  });
});
