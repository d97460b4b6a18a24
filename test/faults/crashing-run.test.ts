import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStateFile } from '../../src/ontology/embedded/state-file.ts';
import { EmbeddedRuns } from '../../src/workflows/runs/embedded-runs.ts';
import type { RunRecord } from '../../src/workflows/runs/runs.ts';
import { temporaryDirectory } from '../support/command.ts';
import { Held } from '../support/held.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory[Symbol.asyncDispose]());

/** Runs the worker until it dies or has nothing left to do, when it is killed; tells which. */
async function boot(how = ''): Promise<'died' | 'idle'> {
  const words = ['test/faults/crashing-worker.mjs', directory.path, how];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const idle = once(child.stdout, 'data').then(() => 'idle' as const);
  const outcome = await Promise.race([idle, exit.then(() => 'died' as const)]);
  child.kill('SIGKILL');
  await exit;
  return outcome;
}

async function read(...ids: string[]): Promise<(RunRecord | undefined)[]> {
  const state = await openStateFile({ path: `${directory.path}/state.db` });
  const runs = await EmbeddedRuns.open({ state, workflows: [] });
  const records = await Promise.all(ids.map((id) => runs.get(id)));
  await runs.close();
  await state.close();
  return records;
}

describe('N2 a run that ends its process in a step', () => {
  test('fails after five times, named, and the others are completed; mended, it can go on', async () => {
    let deaths = 0;
    for (let how = 'start'; (await boot(how)) === 'died'; how = '') {
      deaths += 1;
      expect(deaths).toBeLessThan(10);
    }
    const [killer, ...others] = await read('killer', 'before', 'after-1', 'after-2');
    expect(others.map((record) => record?.status)).toEqual(['completed', 'completed', 'completed']);
    expect(killer).toMatchObject({ status: 'failed', error: { code: 'limit_reached' } });
    expect(killer!.error!.message).toMatch(/died 5 times in a row .* the run killer of work/);
    expect(killer!.stepsCompleted.map(({ step }) => step)).toEqual(['first']);
    expect(deaths).toBeGreaterThanOrEqual(5);
    expect(await boot('mended')).toBe('idle');
    expect(await read('killer')).toMatchObject([{ status: 'completed', result: { done: true } }]);
  }, 60_000);

  test('a stop in the midst of a step is none of these times', async () => {
    const path = `${directory.path}/state.db`;
    const holding = { isHeld: true };
    const held = new Held(holding);
    for (let stop = 0; stop < 4; stop += 1) {
      const state = await openStateFile({ path });
      const runs = await EmbeddedRuns.open({ state, workflows: [held], crashLimit: 2 });
      expect(await runs.resume()).toBe(stop === 0 ? 0 : 1);
      if (stop === 0) await runs.start(held, {}, { id: 'only' });
      await expect
        .poll(async () => (await runs.get('only'))?.currentStep, { timeout: 10_000 })
        .toBe('held');
      await runs.close();
      await state.close();
    }
    holding.isHeld = false;
    const state = await openStateFile({ path });
    const runs = await EmbeddedRuns.open({ state, workflows: [held], crashLimit: 2 });
    await runs.resume();
    expect(await runs.wait('only', 10_000)).toMatchObject({ status: 'completed' });
    await runs.close();
    await state.close();
  }, 30_000);

  test('is none of those that merely get no further, while processes die too early: their turns go round', async () => {
    const path = `${directory.path}/state.db`;
    const held = new Held({ isHeld: true });
    const ids = ['a', 'b', 'c'];
    for (let death = 0; death < 8; death += 1) {
      const state = await openStateFile({ path });
      const runs = await EmbeddedRuns.open({ state, workflows: [held], crashLimit: 5 });
      await runs.resume();
      if (death === 0) for (const id of ids) await runs.start(held, {}, { id });
      const steps = async () => (await runs.list({})).items.map(({ currentStep }) => currentStep);
      await expect.poll(steps, { timeout: 10_000 }).toContain('held');
      // What a kill leaves behind: nothing says that this was a stop.
      await state.close();
    }
    const records = await read(...ids);
    expect(records.map((record) => record?.status)).not.toContain('failed');
  }, 60_000);
});
