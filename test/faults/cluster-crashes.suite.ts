import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ClusterRuns } from '../../src/workflows/runs/cluster/cluster-runs.ts';
import type { RunRecord } from '../../src/workflows/runs/runs.ts';
import { clusterDatabases } from '../support/cluster-databases.ts';
import { ClusterProcesses, count, type Worker } from '../support/cluster-processes.ts';
import { Held } from '../support/held.ts';

const database = clusterDatabases();
let databaseUrl: string;
let processes: ClusterProcesses;

beforeEach(async () => {
  databaseUrl = await database();
  processes = await ClusterProcesses.open(databaseUrl);
});
afterEach(() => processes.close());

/** Starts a process whenever one has died; `any` is asked of one that lives. */
function keep(size: number, crashLimit?: number) {
  const alive = new Set<Worker>();
  const over = new AbortController();
  const place = async () => {
    while (!over.signal.aborted) {
      // One that carries out a run at once may die before it is ready.
      const worker = await processes.start({ crashLimit }).catch(() => undefined);
      if (!worker) continue;
      alive.add(worker);
      if (over.signal.aborted) await worker.kill();
      await worker.exit;
      alive.delete(worker);
    }
  };
  const places = Array.from({ length: size }, place);
  return {
    any: async <Value>(action: string, ...words: unknown[]): Promise<Value> => {
      const [worker] = alive;
      if (!worker) throw new Error('None is alive');
      return worker.ask<Value>(action, ...words);
    },
    async [Symbol.asyncDispose]() {
      over.abort();
      await Promise.all([...alive].map((worker) => worker.kill()));
      await Promise.all(places);
    },
  };
}

/** Has runs of a workflow started, and gives their ids. */
const startAll = async (worker: Worker, name: string, length: number): Promise<string[]> =>
  (await Promise.all(Array.from({ length }, () => worker.started(name)))).map(({ id }) => id);

describe('N2 a run that ends its process in a step', () => {
  test('fails after five processes, named, and ten beside it are completed; mended, it goes on', async () => {
    const first = await processes.start();
    const before = await startAll(first, 'beside', 5);
    const [killer] = await startAll(first, 'killer', 1);
    const after = await startAll(first, 'beside', 5);
    const mark = (word: string) => writeFile(join(processes.directory.path, `ledger-${word}`), '');
    await mark('armed');
    await first.exit;
    const second = await processes.start();
    await second.exit;
    // All of them were under way both times, and got no further.
    await using kept = keep(3);
    const get = (id: string) => kept.any<RunRecord>('get', id);
    await expect.poll(() => get(killer!), { timeout: 30_000 }).toMatchObject({ status: 'failed' });
    const innocent = { status: 'completed', attempts: 3 };
    for (const id of [...before, ...after])
      await expect.poll(() => get(id), { timeout: 30_000 }).toMatchObject(innocent);
    const failed = await get(killer!);
    expect(failed).toMatchObject({ error: { code: 'limit_reached' } });
    expect(failed.error!.message).toMatch(/^5 processes in a row died .* the run \S+ of killer,/);
    expect(failed.stepsCompleted.map(({ step }) => step)).toEqual(['first']);
    const entries = await processes.ledger();
    expect(count(entries, 'kill')).toBe(5);
    // From then on they were tried one by one, over all processes.
    const later = entries.filter(({ pid }) => pid !== first.pid && pid !== second.pid);
    const words = later.filter(({ word }) => word !== 'kill').map(({ word }) => word);
    expect(words).toEqual(Array.from({ length: 10 }, () => ['begin', 'end']).flat());
    await mark('mended');
    await kept.any('resume', killer);
    expect(await kept.any('wait', killer)).toMatchObject({ status: 'completed' });
  }, 90_000);

  test('and gets further each time is completed, however often it does so', async () => {
    const first = await processes.start({ crashLimit: 2 });
    // It may be over before it could answer.
    const id = await first.started('stumbling').then(
      (record) => record.id,
      () => undefined,
    );
    await first.exit;
    await using kept = keep(2, 2);
    const { run } = (await processes.ledger())[0]!;
    expect([undefined, run]).toContain(id);
    await expect
      .poll(() => kept.any('get', run), { timeout: 30_000 })
      .toMatchObject({ status: 'completed', attempts: 4 });
  }, 60_000);
});

test('N2 a process that closes in the midst of a step counts as none that died', async () => {
  const holding = { isHeld: true };
  const held = new Held(holding);
  const open = async () => {
    const runs = await ClusterRuns.open({ databaseUrl, workflows: [held], crashLimit: 2 });
    await runs.resume();
    return runs;
  };
  for (let stop = 0; stop < 3; stop += 1) {
    const runs = await open();
    if (stop === 0) await runs.start(held, {}, { id: 'only' });
    await expect
      .poll(async () => (await runs.get('only'))?.currentStep, { timeout: 10_000 })
      .toBe('held');
    await runs.close();
  }
  holding.isHeld = false;
  const runs = await open();
  expect(await runs.wait('only', 10_000)).toMatchObject({ status: 'completed' });
  await runs.close();
});
