import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunRecord } from '../../src/workflows/runs/runs.ts';
import { clusterDatabases } from '../support/cluster-databases.ts';
import { ClusterProcesses, count, type Worker } from '../support/cluster-processes.ts';

const database = clusterDatabases();
let processes: ClusterProcesses;

beforeEach(async () => {
  processes = await ClusterProcesses.open(await database());
});
afterEach(() => processes.close());

const asker = () => processes.start({ role: 'asks' });
const carrier = () => processes.start();

const startAll = (worker: Worker, name: string, length: number): Promise<RunRecord[]> =>
  Promise.all(Array.from({ length }, () => worker.started(name)));

const ends = (worker: Worker, runs: readonly RunRecord[]): Promise<RunRecord[]> =>
  Promise.all(runs.map(({ id }) => worker.ask<RunRecord>('wait', id)));

/** Which processes did what. */
const pids = async (): Promise<number[]> => [
  ...new Set((await processes.ledger()).map(({ pid }) => pid)),
];

describe('A17 a process that opens runs and does not resume them', () => {
  test('leaves every run to one that carries them out, those in a queue too', async () => {
    const [asking, carrying] = await Promise.all([asker(), carrier()]);
    const started = [
      ...(await startAll(asking, 'work', 8)),
      ...(await startAll(asking, 'narrow', 8)),
      ...(await startAll(carrying, 'narrow', 8)),
    ];
    for (const { status } of await ends(asking, started)) expect(status).toBe('completed');
    expect(await pids()).toEqual([carrying.pid]);
  });

  test('carries out what it starts where nobody else does, to its end', async () => {
    const asking = await asker();
    const [run] = await startAll(asking, 'work', 1);
    expect(await ends(asking, [run!])).toMatchObject([{ status: 'completed' }]);
    const [waiting] = await startAll(asking, 'asking', 1);
    await sleep(1_500); // longer than a run that waits stays in memory elsewhere
    await asking.ask('signal', waiting!.id, { name: 'answer', payload: 42 });
    expect(await ends(asking, [waiting!])).toMatchObject([{ result: 42, attempts: 1 }]);
    expect(await asking.ask('problems')).toEqual([]);
  });

  test('says of a run in a queue that nobody is there, and the first who carries out runs takes it', async () => {
    const asking = await asker();
    const [narrow] = await startAll(asking, 'narrow', 1);
    const message = `The run ${narrow!.id} of narrow waits in a queue, and no process carries out the runs of its database; start one, such as graphwright serve`;
    expect(await asking.ask('problems')).toEqual([
      { code: 'unavailable', message, id: narrow!.id },
    ]);
    const carrying = await carrier();
    expect(await ends(asking, [narrow!])).toMatchObject([{ status: 'completed', attempts: 1 }]);
    expect(await pids()).toEqual([carrying.pid]);
  });

  test('takes over nothing of one that is killed, and what it leaves itself is taken over', async () => {
    const asking = await asker();
    const [own] = await startAll(asking, 'hang', 1);
    await processes.until((entries) => count(entries, 'second') === 1);
    const carrying = await carrier();
    const [first] = await startAll(carrying, 'hang', 1);
    await processes.until((entries) => count(entries, 'second') === 2);
    await carrying.kill();
    // Those who carry out runs look after each other twice a second.
    await sleep(1_500);
    expect(await asking.ask('get', first!.id)).toMatchObject({ status: 'processing', attempts: 1 });
    await asking.kill();
    const next = await carrier();
    const done = { status: 'completed', result: 'done', attempts: 2 };
    expect(await ends(next, [first!, own!])).toMatchObject([done, done]);
  });
});
