import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import fastify, { type FastifyInstance } from 'fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { GraphwrightError } from '../../../src/errors.ts';
import { testKit, type TestKit } from '../../../src/testing/index.ts';
import { asRoutes } from '../../../src/workflows/expose/fastify.ts';
import { EmbeddedRuns } from '../../../src/workflows/runs/embedded-runs.ts';
import type { RunRecord } from '../../../src/workflows/runs/runs.ts';
import { onEvent } from '../../../src/workflows/triggers/trigger.ts';
import { Triggers } from '../../../src/workflows/triggers/triggers.ts';
import { Workflow, type AnyWorkflow, type Run } from '../../../src/workflows/workflow.ts';

const Parameters = z.object({ mode: z.enum(['work', 'wait', 'fail']).default('work') });

class Job extends Workflow {
  readonly name = 'job';
  readonly description = 'Work, wait or fail.';
  readonly parameters = Parameters;
  readonly result = z.object({ said: z.unknown() });
  override readonly on = [onEvent('job_wanted', Parameters)];

  async run({ mode }: z.output<typeof Parameters>, run: Run) {
    await run.step('first', () => 1);
    if (mode === 'fail') throw new GraphwrightError('integration_failed', 'The desk is closed');
    if (mode === 'wait') return { said: await run.waitFor('answer') };
    return { said: 'done' };
  }
}

let kit: TestKit;
let runs: EmbeddedRuns;
let app: FastifyInstance;
let base: string;

beforeEach(async () => {
  kit = await testKit();
  const known: AnyWorkflow[] = [];
  runs = await EmbeddedRuns.open({ state: kit.state, workflows: known });
  const workflows = [new Job({})];
  const triggers = new Triggers({ runs, workflows, onError: () => undefined });
  known.push(...workflows, ...triggers.workflows);
  app = fastify();
  await app.register(asRoutes(workflows, { runs, events: triggers.events }));
  base = await app.listen();
});

afterEach(async () => {
  await app.close();
  await runs.close();
  await kit.close();
});

const send = async (method: string, path: string, body?: unknown, headers = {}) => {
  const response = await fetch(base + path, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text && JSON.parse(text) };
};

const begin = async (mode: string): Promise<string> =>
  ((await send('POST', '/workflows/job', { mode })).body as RunRecord).id;

const waiting = async (id: string) => {
  while ((await runs.get(id))?.status !== 'waiting') await sleep(10);
};

describe('A17 /runs', () => {
  test('lists the newest first, page by page, and by what is asked for', async () => {
    const ids = [await begin('work'), await begin('work'), await begin('fail')];
    for (const id of ids) await runs.wait(id, 5_000);
    const first = await send('GET', '/runs?limit=2');
    expect(first.body.items.map(({ id }: RunRecord) => id)).toEqual([ids[2], ids[1]]);
    const next = /<(.*)>; rel="next"/.exec(first.headers.get('link')!)![1]!;
    expect((await send('GET', next)).body.items).toMatchObject([{ id: ids[0] }]);
    const failed = await send('GET', '/runs?status=failed&status=cancelled&workflow=job');
    expect(failed.body.items).toMatchObject([
      { id: ids[2], error: { code: 'integration_failed' } },
    ]);
  });

  test.each([
    ['GET', '/runs?limit=0', 400],
    ['GET', '/runs?status=done', 400],
    ['GET', '/runs?cursor=x', 400],
    ['GET', '/runs?colour=red', 400],
    ['GET', '/runs/nobody', 404],
    ['GET', '/runs/nobody/events', 404],
    ['POST', '/runs/nobody/cancel', 404],
    ['POST', '/runs/nobody/signals/answer', 404],
    ['DELETE', '/runs/nobody', 404],
    ['GET', '/runs/..%2f..%2fetc', 400],
  ])('T21 %s %s is answered with a %d problem', async (method, path, status) => {
    const answer = await send(method, path);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  test('a waiting run takes a signal once, and tells its answer', async () => {
    const id = await begin('wait');
    await waiting(id);
    const path = `/runs/${id}/signals/answer`;
    expect(await send('POST', path, { yes: true }, { 'idempotency-key': 's-1' })).toMatchObject({
      status: 204,
    });
    await runs.wait(id, 5_000);
    expect((await send('GET', `/runs/${id}`)).body).toMatchObject({
      status: 'completed',
      result: { said: { yes: true } },
      stepsCompleted: [{ step: 'first', attempts: 1 }],
    });
    expect((await send('POST', path, {})).status).toBe(409);
  });

  test('a run is cancelled, resumed, tried again and removed', async () => {
    const id = await begin('wait');
    await waiting(id);
    expect((await send('DELETE', `/runs/${id}`)).status).toBe(409);
    expect((await send('POST', `/runs/${id}/cancel`)).body).toMatchObject({ status: 'cancelled' });
    expect((await send('POST', `/runs/${id}/resume`)).status).toBe(200);
    await waiting(id);
    await send('POST', `/runs/${id}/cancel`);
    const again = await send('POST', `/runs/${id}/retry`);
    expect(again).toMatchObject({ status: 202, body: { retryOf: id } });
    expect(again.headers.get('location')).toBe(`/runs/${again.body.id}`);
    expect((await send('DELETE', `/runs/${id}`)).status).toBe(204);
    expect((await send('GET', `/runs/${id}`)).status).toBe(404);
  });
});

describe('A17 /runs/:id/events', () => {
  const events = (text: string) =>
    text
      .split('\n\n')
      .filter((block) => block.includes('data: '))
      .map((block) => ({
        id: Number(/^id: (.*)$/m.exec(block)![1]),
        ...(JSON.parse(/^data: (.*)$/m.exec(block)![1]!) as object),
      }));

  test('tells what happens until the end, and goes on after the last event that was seen', async () => {
    const id = await begin('wait');
    await waiting(id);
    const following = fetch(`${base}/runs/${id}/events`).then((response) => response.text());
    await sleep(100);
    await send('POST', `/runs/${id}/signals/answer`, 'yes');
    const all = events(await following);
    expect(all.at(-1)).toMatchObject({ type: 'status', status: 'completed' });
    const step = all.find((event) => 'step' in event)!;
    expect(step).toMatchObject({ type: 'step', step: 'first', status: 'completed' });
    const headers = { 'last-event-id': String(step.id) };
    const rest = await fetch(`${base}/runs/${id}/events`, { headers });
    const seen = events(await rest.text());
    expect(seen.at(-1)).toEqual(all.at(-1));
    expect(seen.every((event) => event.id > step.id)).toBe(true);
  });

  test('a server that closes ends the stream', async () => {
    const id = await begin('wait');
    await waiting(id);
    const following = fetch(`${base}/runs/${id}/events`).then((response) => response.text());
    await sleep(100);
    const start = performance.now();
    await app.close();
    await following;
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  test('T20 a place that is none is refused', async () => {
    const id = await begin('work');
    const headers = { 'last-event-id': 'yesterday' };
    expect((await send('GET', `/runs/${id}/events`, undefined, headers)).status).toBe(400);
  });
});

describe('T34 Idempotency-Key', () => {
  const start = (mode: string, key: string) =>
    send('POST', '/workflows/job', { mode }, { 'idempotency-key': key });

  test('with the same body gives the same run, with another is refused', async () => {
    const first = await start('work', '"k-1"');
    expect((await start('work', 'k-1')).body).toMatchObject({ id: first.body.id });
    expect(await start('fail', 'k-1')).toMatchObject({
      status: 422,
      body: { code: 'key_reused' },
    });
    expect((await runs.list()).items).toHaveLength(1);
  });

  test('of many requests at once one run comes, the others get it or are told to come again', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => start('work', 'k-2')));
    const ids = new Set(answers.flatMap(({ status, body }) => (status === 202 ? [body.id] : [])));
    expect(ids.size).toBe(1);
    for (const { status } of answers) expect([202, 409]).toContain(status);
    expect((await runs.list()).items).toHaveLength(1);
  });

  test('gives the stored result to who waits for it', async () => {
    const headers = { 'idempotency-key': 'k-3', prefer: 'wait=5' };
    const answers = [
      await send('POST', '/workflows/job', {}, headers),
      await send('POST', '/workflows/job', {}, headers),
    ];
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 200, body: { said: 'done' } });
    expect((await runs.list()).items).toHaveLength(1);
  });

  test('that is no key is refused', async () => {
    expect((await start('work', 'two words')).status).toBe(400);
  });
});

describe('A19 /events', () => {
  test('an event is accepted once, and its delivery can be followed', async () => {
    const headers = { 'idempotency-key': 'e-1' };
    const first = await send('POST', '/events/job_wanted', { mode: 'work' }, headers);
    expect(first.status).toBe(202);
    expect(first.headers.get('location')).toBe(`/runs/${first.body.id}`);
    const again = await send(
      'POST',
      '/events/job_wanted',
      { mode: 'work' },
      { ...headers, prefer: 'wait=5' },
    );
    expect(again).toMatchObject({ status: 200, body: { started: [{ workflow: 'job' }] } });
    expect((await runs.list({ workflow: 'job' })).items).toHaveLength(1);
  });

  test('the types are listed, and another one is refused by name', async () => {
    expect((await send('GET', '/events')).body.items).toMatchObject([
      { type: 'job_wanted', payloads: [{ workflow: 'job', effect: 'starts' }] },
    ]);
    expect(await send('POST', '/events/job_wantd', {})).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining('did you mean job_wanted?') as string },
    });
    expect((await send('POST', '/events/job_wanted', { mode: 'rest' })).body).toMatchObject({
      status: 400,
      errors: [{ pointer: '/mode' }],
    });
  });
});
