import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { sparql } from '../../src/ontology/sparql.ts';
import { EmbeddedRuns } from '../../src/workflows/runs/embedded-runs.ts';
import { temporaryDirectory } from '../support/command.ts';
import { startReporting } from '../support/reporting-process.ts';

/** How often the process is killed; `npm run test:kills` for the long version. */
const kills = Number(process.env['GRAPHWRIGHT_KILLS'] ?? 4);

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory[Symbol.asyncDispose]());

/** Starts a process that carries out runs. */
const start = (name: string, count: number) =>
  startReporting('test/faults/runs-worker.mjs', [directory.path, name, String(count)]);

const runIn = (line: string) => line.split(' ')[0]!;

describe('N2 A17 runs whose process is killed', () => {
  test(
    `are all completed in the end, with each thing done once, over ${kills} kills`,
    async () => {
      const acknowledged: string[] = [];
      for (let cycle = 0; cycle < kills; cycle += 1) {
        const running = start(`cycle-${cycle}`, 200);
        await Promise.race([running.first, running.idle]);
        await sleep(Math.random() * 300);
        await running.kill();
        acknowledged.push(...running.acknowledged);
      }
      const last = start('last', 1);
      await last.idle;
      await last.kill();
      acknowledged.push(...last.acknowledged);
      expect(acknowledged.length).toBeGreaterThan(kills);

      const { store, state, close } = await openEmbedded({ directory: directory.path });
      const runs = await EmbeddedRuns.open({ state, workflows: [] });
      const wrong = [];
      for (const id of acknowledged) {
        const record = await runs.get(id);
        if (record?.status !== 'completed') wrong.push(record ?? id);
      }
      expect(wrong).toEqual([]);
      const [all] = await state.read<{ n: number }>({ sql: 'SELECT count(*) AS n FROM runs' });
      const [left] = await state.read<{ n: number }>({
        sql: 'SELECT count(*) AS n FROM run_writes',
      });
      expect(left!.n).toBe(0);

      // Each step of each run wrote once, though no two executions write alike. The write before the read
      // is made in a commit of its own, and not again with the step.
      const rows = await store.select(
        sparql`SELECT ?p ?run (COUNT(*) AS ?n) { ?s ?p ?run } GROUP BY ?p ?run`,
      );
      expect(rows.filter(({ n }) => n!.value !== '1')).toEqual([]);
      expect(rows).toHaveLength(3 * all!.n);
      await runs.close();
      await close();

      const ledger = (await readFile(join(directory.path, 'ledger'), 'utf8')).trim().split('\n');
      const boots = ledger.filter((line) => line.startsWith('boot '));
      const done = new Map<string, string[]>();
      for (const line of ledger.filter((each) => !each.startsWith('boot ')))
        done.set(runIn(line), [...(done.get(runIn(line)) ?? []), line]);
      for (const lines of done.values()) {
        const steps = lines.map((line) => line.split(' ')[1]!).filter((step) => step !== 'sent');
        // A step that had ended does not begin again once another one did.
        expect(steps).toEqual(steps.toSorted());
        // What a run took from its clock and from chance stays, from the moment something relied on it.
        const later = lines.filter((line) => Number(line.split(' ')[1]) > 1);
        expect(new Set(later.map((line) => line.split(' ').slice(2).join(' '))).size).toBe(1);
        expect(lines.filter((line) => line.includes(' sent ')).length).toBeLessThanOrEqual(1);
      }
      expect(await readdir(join(directory.path, 'outbox'))).toHaveLength(all!.n);
      if (process.env['GRAPHWRIGHT_KILLS']) console.log(`${all!.n} runs`, boots.slice(-5));
    },
    60_000 + kills * 10_000,
  );

  test('A17 a second process is told at once that the directory is in use, and takes over after the kill', async () => {
    const running = start('first', 1);
    await running.first;
    const began = performance.now();
    await expect(openEmbedded({ directory: directory.path })).rejects.toMatchObject({
      code: 'data_in_use',
    });
    expect(performance.now() - began).toBeLessThan(1000);
    await running.kill();
    const next = start('second', 1);
    await next.idle;
    await next.kill();
    expect(next.acknowledged).toEqual(['second-0']);
  }, 30_000);
});
