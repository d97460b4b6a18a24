import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { sparql } from '../../src/ontology/sparql.ts';

describe('the embedded store when its process dies', () => {
  let directory: string;
  let writer: ChildProcess | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'graphwright-kill-'));
  });
  afterEach(async () => {
    writer?.kill('SIGKILL');
    await rm(directory, { recursive: true });
  });

  /** Starts a writer; `acknowledged` grows as it reports, `first` resolves with its first report. */
  function start(from: number) {
    const child = spawn(
      process.execPath,
      ['test/faults/store-writer.mjs', directory, String(from)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    writer = child;
    const acknowledged: number[] = [];
    const lines = createInterface(child.stdout);
    lines.on('line', (line) => acknowledged.push(Number(line)));
    const kill = async () => {
      child.kill('SIGKILL');
      await Promise.all([once(child, 'exit'), once(lines, 'close')]);
    };
    return { acknowledged, first: once(lines, 'line'), kill };
  }

  test('A10 no acknowledged write is lost and none is half there, over ten kills', async () => {
    const acknowledged: number[] = [];
    for (let cycle = 0; cycle < 10; cycle += 1) {
      const running = start(cycle * 100_000);
      await running.first;
      await sleep(Math.random() * 100);
      await running.kill();
      acknowledged.push(...running.acknowledged);
    }
    const { store, close } = await openEmbedded({ directory });
    const rows = await store.select(sparql`SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s`);
    const stored = new Map(rows.map(({ s, n }) => [Number(s!.value.split('/').at(-1)), n!.value]));
    await close();
    expect(acknowledged.length).toBeGreaterThan(10);
    expect(acknowledged.filter((number) => !stored.has(number))).toEqual([]);
    expect([...stored].filter(([, quads]) => quads !== '3')).toEqual([]);
  });

  test('a second process is told at once, and takes over when the first was killed', async () => {
    const running = start(0);
    await running.first;
    const began = performance.now();
    const failure = await openEmbedded({ directory }).catch((thrown: unknown) => thrown);
    expect(performance.now() - began).toBeLessThan(1000);
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
