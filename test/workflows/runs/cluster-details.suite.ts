import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ClusterRuns } from '../../../src/workflows/runs/cluster/cluster-runs.ts';
import { Workflow, type Run } from '../../../src/workflows/workflow.ts';
import { clusterDatabases } from '../../support/cluster-databases.ts';

class Noted extends Workflow {
  readonly name: string;
  readonly description = 'What a test makes of it.';
  readonly parameters = z.object({ note: z.string().default('') });
  readonly result = z.unknown();
  override readonly policy: { maxParallel?: number };
  body: (run: Run, note: string) => unknown = () => 'nothing';

  constructor(name = 'noted', policy: { maxParallel?: number } = {}) {
    super({});
    this.name = name;
    this.policy = policy;
  }

  async run({ note }: { note: string }, run: Run): Promise<unknown> {
    return this.body(run, note);
  }
}

const database = clusterDatabases();
let databaseUrl: string;
let flow: Noted;
let runs: ClusterRuns;
let sql: pg.Client;

beforeEach(async () => {
  databaseUrl = await database();
  flow = new Noted();
  runs = await ClusterRuns.open({ databaseUrl, workflows: [flow], maxParallel: 20, patience: 50 });
  await runs.resume();
  sql = new pg.Client({ connectionString: databaseUrl });
  // One test breaks all connections.
  sql.on('error', () => undefined);
  await sql.connect();
});
afterEach(async () => {
  await sql.end();
  await runs.close();
});

const ended = (id: string) => runs.wait(id, 20_000);

describe('A17 runs in Postgres', () => {
  test('are opened once in a process', async () => {
    await expect(ClusterRuns.open({ databaseUrl, workflows: [] })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('close the other runs first'),
    });
    const { id } = await runs.start(flow, {});
    expect(await ended(id)).toMatchObject({ status: 'completed' });
  });

  test('say so when Postgres cannot be reached, without the password', async () => {
    await runs.close();
    const url = 'postgres://someone:secret-word@127.0.0.1:1/none';
    const failure = ClusterRuns.open({ databaseUrl: url, workflows: [] });
    await expect(failure).rejects.toMatchObject({ code: 'unavailable', retriable: true });
    await expect(failure).rejects.not.toThrow('secret-word');
    runs = await ClusterRuns.open({ databaseUrl, workflows: [flow] });
    await runs.resume();
  });

  test('take no more writes for a step than the one that records it', async () => {
    flow.body = async (run) => {
      for (let index = 0; index < 5; index += 1) await run.step(`s${index}`, () => index);
    };
    const { id } = await runs.start(flow, {});
    await ended(id);
    const { rows } = await sql.query(
      `SELECT function_name FROM dbos.operation_outputs WHERE workflow_uuid = $1 ORDER BY function_id`,
      [id],
    );
    expect(rows.map((row: { function_name: string }) => row.function_name)).toEqual(
      [0, 1, 2, 3, 4].map((index) => `step s${index}`),
    );
  });

  test('T35 hold any text, and refuse what Postgres does not take for a name', async () => {
    const odd = 'a\0b "quoted" \\u0000 \ud800 ü';
    flow.body = async (run, note) => {
      const first = await run.step(odd, () => note);
      return [first, await run.waitFor(odd, { timeout: 300 }).catch(() => note)];
    };
    const { id } = await runs.start(flow, { note: odd });
    await expect.poll(async () => (await runs.get(id))?.status).toBe('waiting');
    const record = await ended(id);
    expect(record).toMatchObject({ status: 'completed', parameters: { note: odd }, attempts: 2 });
    expect(record.result).toEqual([odd, odd]);
    expect(record.stepsCompleted.map(({ step }) => step)).toEqual([odd]);
    const waiting = await runs.start(flow, {});
    await expect(runs.signal(waiting.id, { name: odd })).rejects.toMatchObject({
      code: 'invalid_parameters',
    });
    await expect(runs.start(flow, {}, { owner: odd })).rejects.toMatchObject({
      code: 'invalid_parameters',
    });
    expect((await runs.list({ owner: odd })).items).toEqual([]);
    expect(await runs.get(odd)).toBeUndefined();
    expect(await runs.latest('noted', 'note', odd)).toBeUndefined();
  });

  test('that wait hold no place in the queue of their workflow', async () => {
    const narrow = new Noted('narrow', { maxParallel: 1 });
    narrow.body = (run) => run.waitFor('go');
    const first = await runs.start(narrow, {});
    const second = await runs.start(narrow, {});
    for (const { id } of [first, second])
      await expect
        .poll(async () => (await runs.get(id))?.status, { timeout: 5000 })
        .toBe('waiting');
    for (const { id } of [second, first]) {
      await runs.signal(id, { name: 'go', payload: id });
      expect(await ended(id)).toMatchObject({ status: 'completed', result: id });
    }
  });

  test('that wait in hundreds let others begin, and wake in order of their signals', async () => {
    flow.body = async (run, note) => (note === 'wait' ? run.waitFor('go') : note);
    const waiting = await Promise.all(
      Array.from({ length: 100 }, () => runs.start(flow, { note: 'wait' })),
    );
    const { id } = await runs.start(flow, { note: 'now' });
    expect(await ended(id)).toMatchObject({ status: 'completed', result: 'now' });
    await Promise.all(waiting.map((run) => runs.signal(run.id, { name: 'go', payload: 1 })));
    for (const run of waiting)
      expect(await ended(run.id)).toMatchObject({ status: 'completed', result: 1 });
  });

  test('survive a database that drops all connections', async () => {
    flow.body = async (run) => {
      for (let index = 0; index < 10; index += 1)
        await run.step(`s${index}`, () => new Promise((resolve) => setTimeout(resolve, 30)));
      return 'done';
    };
    const all = await Promise.all(Array.from({ length: 10 }, () => runs.start(flow, {})));
    for (let times = 0; times < 2; times += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await sql.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
    }
    for (const { id } of all) {
      const record = await ended(id);
      expect(record).toMatchObject({ status: 'completed', result: 'done' });
      expect(record.stepsCompleted.map(({ step }) => step)).toEqual(
        Array.from({ length: 10 }, (_, index) => `s${index}`),
      );
    }
  });

  test('T34 a key stands for one run, whichever process is asked', async () => {
    const [a, b] = await Promise.all([
      runs.start(flow, { note: 'a' }, { id: 'one', idempotencyKey: 'k' }),
      runs.start(flow, { note: 'a' }, { id: 'two', idempotencyKey: 'k' }),
    ]);
    expect(a.id).toBe(b.id);
    // Even when both have looked before either has written.
    const insert = sql.query(
      `INSERT INTO dbos.workflow_status (workflow_uuid, status, name, created_at, updated_at, attributes)
        SELECT 'three', status, name, created_at, updated_at, attributes
        FROM dbos.workflow_status WHERE workflow_uuid = $1`,
      [a.id],
    );
    await expect(insert).rejects.toMatchObject({
      code: '23505',
      constraint: 'graphwright_run_key',
    });
  });
});
