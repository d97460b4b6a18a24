import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunRecord } from '../../src/workflows/runs/runs.ts';
import { startAsked, type AskedProcess } from '../support/asked-process.ts';
import { temporaryDirectory } from '../support/command.ts';
import { startPostgres, type Postgres } from '../support/postgres.ts';

let postgres: Postgres;
let databases = 0;
let databaseUrl: string;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let workers: AskedProcess[] = [];

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.close());
beforeEach(async () => {
  directory = await temporaryDirectory();
  databaseUrl = await postgres.database(`outbox_${(databases += 1)}`);
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.kill()));
  workers = [];
  await directory[Symbol.asyncDispose]();
});

/** Starts a process that sends mail in runs. */
async function start(how = ''): Promise<AskedProcess> {
  const words = [databaseUrl, directory.path, how];
  const started = await startAsked('test/faults/cluster-outbox-worker.mjs', words);
  workers.push(started);
  return started;
}

/** A process that sends the mail of a run and is killed before it can record that. */
async function sentAndDied(onUnknown: 'repeat' | 'hold'): Promise<string> {
  const victim = await start('dies');
  // It may be over before it could answer.
  victim.ask('start', onUnknown).catch(() => undefined);
  const [, signal] = await victim.exit;
  expect(signal).toBe('SIGKILL');
  const [[id, isNew] = []] = await sent();
  expect(isNew).toBe('true');
  expect(await outbox()).toHaveLength(1);
  return id!;
}

/** Each sending: of which run, whether the mail was new, and whether it was known to be a repetition. */
async function sent(): Promise<string[][]> {
  const text = await readFile(join(directory.path, 'ledger'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
}

const outbox = () => readdir(join(directory.path, 'outbox'));

describe('N2 a mail of a process that dies between sending and recording', () => {
  test('is sent again under the same Message-ID by the next one, so that there is one', async () => {
    const id = await sentAndDied('repeat');
    const next = await start();
    expect(await next.ask<RunRecord>('wait', id)).toMatchObject({
      status: 'completed',
      result: `${id}.send@example.org`,
    });
    expect(await sent()).toEqual([
      [id, 'true', 'false'],
      [id, 'false', 'true'],
    ]);
    expect(await outbox()).toEqual([`${id}.send@example.org.eml`]);
  });

  test('is held for a person where it could arrive twice, who says that it was sent', async () => {
    const id = await sentAndDied('hold');
    const next = await start();
    await expect
      .poll(() => next.ask<RunRecord>('get', id), { timeout: 15_000 })
      .toMatchObject({ status: 'waiting', waiting: { for: 'signal', name: 'effect:send' } });
    expect(await sent()).toHaveLength(1);
    const payload = { outcome: 'done', result: 'seen in the outbox' };
    await next.ask('signal', id, { name: 'effect:send', payload });
    expect(await next.ask<RunRecord>('wait', id)).toMatchObject({
      status: 'completed',
      result: 'seen in the outbox',
    });
    expect(await sent()).toEqual([[id, 'true', 'false']]);
  });
});
