import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunEvent, RunRecord } from '../../src/workflows/runs/runs.ts';
import { ClusterProcesses, count, type Entry } from '../support/cluster-processes.ts';
import { startPostgres, type Postgres } from '../support/postgres.ts';

/** How often a process is killed; `GRAPHWRIGHT_KILLS=200` for the long version. */
const kills = Number(process.env['GRAPHWRIGHT_KILLS'] ?? 3);

let postgres: Postgres;
let databases = 0;
let processes: ClusterProcesses;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.close());

beforeEach(async () => {
  const databaseUrl = await postgres.database(`processes_${(databases += 1)}`);
  processes = await ClusterProcesses.open(databaseUrl);
});
afterEach(() => processes.close());

const start = (maxParallel?: number) => processes.start({ maxParallel });
const ledger = () => processes.ledger();
const until = (wanted: (entries: Entry[]) => boolean) => processes.until(wanted);

/** How often each thing was done more than once, by its name and run. */
const repeated = (entries: Entry[]): string[] => {
  const names = entries.map(({ word, run }) => `${word} ${run}`);
  return names.filter((name, index) => names.indexOf(name) !== index);
};

describe('A17 runs in four processes', () => {
  test('are shared when the one that accepts them is busy, and each step is done once', async () => {
    const [first, ...others] = await Promise.all([1, 2, 3, 4].map(() => start(3)));
    const accepted = await Promise.all(Array.from({ length: 60 }, () => first!.started('work')));
    const ends = await Promise.all(accepted.map(({ id }) => others[0]!.ask<RunRecord>('wait', id)));
    expect(new Set(ends.map(({ status }) => status))).toEqual(new Set(['completed']));
    const entries = await ledger();
    expect(entries).toHaveLength(180);
    expect(repeated(entries)).toEqual([]);
    expect(new Set(entries.map(({ pid }) => pid)).size).toBe(4);
  });

  test('A16 of a workflow never exceed its limit, over all of them', async () => {
    const all = await Promise.all([1, 2, 3, 4].map(() => start()));
    const accepted = await Promise.all(
      all.flatMap((worker) => Array.from({ length: 6 }, () => worker.started('narrow'))),
    );
    for (const { id } of accepted)
      expect(await all[0]!.ask('wait', id)).toMatchObject({ status: 'completed' });
    let now = 0;
    const counts = (await ledger()).map(({ word }) => (now += word === 'enter' ? 1 : -1));
    expect(counts).toHaveLength(48);
    expect(Math.max(...counts)).toBe(3);
  });

  test('A17 N2 of one that is killed are taken over within 2 s, and finished steps stay done', async () => {
    const [victim, ...others] = await Promise.all([1, 2, 3, 4].map(() => start()));
    const accepted = await Promise.all(Array.from({ length: 8 }, () => victim!.started('hang')));
    await until((entries) => count(entries, 'second') === 8);
    await victim!.kill();
    const killed = Date.now();
    const entries = await until((all) => count(all, 'second') === 16);
    expect(Math.max(...entries.map(({ time }) => time)) - killed).toBeLessThan(2000);
    for (const { id } of accepted)
      expect(await others[0]!.ask('wait', id)).toMatchObject({
        status: 'completed',
        result: 'done',
        attempts: 2,
      });
    expect(count(await ledger(), 'first')).toBe(8);
  });

  test(
    'A17 with branches and batches go on after kills, and what had ended is not done again',
    async () => {
      const last = await start();
      let accepted: RunRecord[] = [];
      for (let cycle = 0; cycle < kills; cycle += 1) {
        const victim = await start();
        accepted = accepted.concat(
          await Promise.all([1, 2, 3].map(() => victim.started('branches'))),
        );
        await sleep(60 + 120 * (cycle % 5));
        await victim.kill();
      }
      const ends = await Promise.all(accepted.map(({ id }) => last.ask<RunRecord>('wait', id)));
      const again = repeated(await ledger());
      for (const { id, attempts, ...end } of ends) {
        expect(end).toMatchObject({
          status: 'completed',
          result: {
            sides: ['a0a1a2a3', 'b0b1b2b3', 'c0c1c2c3'],
            items: Array.from({ length: 12 }, (_, index) => index * 2),
          },
        });
        // What had begun and not ended is done again: with each interruption four things at most.
        const interrupted = attempts - 1;
        expect(again.filter((name) => name.endsWith(id)).length).toBeLessThanOrEqual(
          4 * interrupted,
        );
      }
    },
    20_000 + kills * 10_000,
  );

  test('A17 can be cancelled, answered and followed from any of them', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    const hanging = await one!.started('hang');
    await until((entries) => count(entries, 'second') === 1);
    await expect
      .poll(() => two!.ask('get', hanging.id), { timeout: 5000 })
      .toMatchObject({ status: 'processing', currentStep: 'second' });
    expect(await two!.ask('cancel', hanging.id)).toMatchObject({ status: 'cancelled' });
    await until((entries) => count(entries, 'aborted') === 1);
    expect(await one!.ask('get', hanging.id)).toMatchObject({ status: 'cancelled' });

    const asking = await one!.started('asking');
    const followed = two!.ask<RunEvent[]>('follow', asking.id);
    await expect
      .poll(() => two!.ask('get', asking.id), { timeout: 5000 })
      .toMatchObject({ status: 'waiting', waiting: { for: 'signal', name: 'answer' } });
    await two!.ask('signal', asking.id, { name: 'answer', payload: 42 });
    expect(await two!.ask('wait', asking.id)).toMatchObject({ status: 'completed', result: 42 });
    expect((await followed).at(-1)).toMatchObject({ type: 'status', status: 'completed' });
  });

  test('A17 of one that closes go on in the others at once', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    const hanging = await one!.started('hang');
    await until((entries) => count(entries, 'second') === 1);
    one!.child.send({ number: 0, action: 'close', words: [] });
    expect(await two!.ask('wait', hanging.id)).toMatchObject({ status: 'completed' });
    if (one!.child.exitCode === null) await once(one!.child, 'exit');
    expect(one!.child.exitCode).toBe(0);
  });
});
