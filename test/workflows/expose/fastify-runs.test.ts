import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openStateFile, type StateFile } from '../../../src/ontology/embedded/state-file.ts';
import { asRoutes } from '../../../src/workflows/expose/fastify.ts';
import {
  answerError,
  answerUnknownPaths,
  answerWithProblems,
} from '../../../src/workflows/expose/problem.ts';
import { EmbeddedRuns } from '../../../src/workflows/runs/embedded-runs.ts';
import {
  FailOnDemand,
  PlanOrder,
  SearchShelf,
  WaitForever,
} from '../../support/sample-workflows.ts';

const order = { orderId: 'o-1', address: { street: 'Korenlei 1' }, lines: [] };

class PlaceOrder extends PlanOrder {
  override readonly http = {
    method: 'POST',
    path: '/orders',
    location: '/orders/:orderId',
  } as const;
}

let state: StateFile;
let runs: EmbeddedRuns;
let app: FastifyInstance;

beforeEach(async () => {
  state = await openStateFile({ path: ':memory:' });
  runs = await EmbeddedRuns.open({ state, workflows: [] });
  app = fastify();
  const workflows = [
    new PlaceOrder({}),
    new FailOnDemand({}),
    new SearchShelf({}),
    new WaitForever({}),
  ];
  await app.register(asRoutes(workflows, { runs }));
});

afterEach(async () => {
  await app.close();
  await runs.close();
  await state.close();
});

const post = (url: string, payload: object, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url, payload, headers });

const WithId = z.object({ id: z.string() });
const countRuns = async () => (await state.read({ sql: 'SELECT id FROM runs' })).length;

describe('A13 a workflow that changes something answers at once while its run goes on', () => {
  test('with 202, the run, and where the workflow says it can be followed', async () => {
    const response = await post('/orders', order);
    expect(response.statusCode).toBe(202);
    expect(response.headers['location']).toBe('/orders/o-1');
    expect(response.json()).toMatchObject({ workflow: 'plan_order', status: 'started' });
    const { id } = WithId.parse(response.json());
    await runs.wait(id, 5000);
    const followed = await app.inject(`/runs/${id}`);
    expect(followed.json()).toMatchObject({
      id,
      status: 'completed',
      parameters: order,
      stepsCompleted: [{ step: 'count' }],
      result: { orderId: 'o-1' },
    });
  });

  test('with the path of the run where the workflow says nothing', async () => {
    const response = await post('/workflows/wait_forever', {});
    const { id } = WithId.parse(response.json());
    expect(response.headers['location']).toBe(`/runs/${id}`);
    expect((await app.inject(`/runs/${id}`)).json()).toMatchObject({ status: 'processing' });
  });

  test('with a Location under the prefix of the routes', async () => {
    const prefixed = fastify();
    await prefixed.register(asRoutes([new PlaceOrder({})], { runs }), { prefix: '/api' });
    const response = await prefixed.inject({ method: 'POST', url: '/api/orders', payload: order });
    expect(response.headers['location']).toBe('/api/orders/o-1');
    await prefixed.close();
  });

  test('invalid parameters are refused before any run starts', async () => {
    const response = await post('/orders', { ...order, colour: 'red' });
    expect(response.json()).toMatchObject({ status: 400, code: 'invalid_parameters' });
    expect(await countRuns()).toBe(0);
  });

  test('one that only reads answers with its result, without a run', async () => {
    const response = await app.inject('/shelves/a');
    expect([response.statusCode, await countRuns()]).toEqual([200, 0]);
  });
});

const fail = (how: string) => post('/workflows/fail_on_demand', { how }, { prefer: 'wait=5' });

describe('A13 Prefer: wait', () => {
  test('gets the result when it comes in time', async () => {
    for (const prefer of ['wait=5', 'respond-async, wait=5', 'wait = "5"; x=y']) {
      const response = await post('/orders', order, { prefer });
      expect(response.statusCode).toBe(200);
      expect(response.headers['preference-applied']).toBe('wait=5');
      expect(response.json()).toMatchObject({ orderId: 'o-1', pieces: 0 });
    }
  });

  test('gets the problem when the run fails in time, without the inside of a defect', async () => {
    expect((await fail('conflict')).json()).toMatchObject({ status: 409, code: 'conflict' });
    const defect = await fail('defect');
    expect(defect.json()).toMatchObject({ status: 500, code: 'internal' });
    expect(defect.body).not.toContain('secret');
  });

  test('gets the run when the time is over', async () => {
    const response = await post('/workflows/wait_forever', {}, { prefer: 'wait=0' });
    expect(response.statusCode).toBe(202);
    expect(response.headers['preference-applied']).toBe('wait=0');
  });

  test('is cut to a minute, and ignored when it is no number', async () => {
    const long = await post('/orders', order, { prefer: 'wait=999999' });
    expect(long.headers['preference-applied']).toBe('wait=60');
    const nonsense = await post('/orders', order, { prefer: 'wait=soon, await=5' });
    expect([nonsense.statusCode, nonsense.headers['preference-applied']]).toEqual([202, undefined]);
  });
});

describe('A17 a run is shown by its id', () => {
  test('T22 an unknown one is not found', async () => {
    expect((await app.inject('/runs/nobody')).json()).toMatchObject({ code: 'not_found' });
  });

  test('a failed one keeps the inside of a defect to itself', async () => {
    const { id } = WithId.parse(
      (await post('/workflows/fail_on_demand', { how: 'defect' })).json(),
    );
    await runs.wait(id, 5000);
    const shown = await app.inject(`/runs/${id}`);
    expect(shown.json()).toMatchObject({ status: 'failed', error: { code: 'internal' } });
    expect(shown.body).not.toContain('secret');
  });

  test.each(['..%2f..%2fetc', '%00', 'a%20b', 'x'.repeat(65), "'--"])(
    'T21 the id %s is refused',
    async (id) => {
      const response = await app.inject(`/runs/${id}`);
      expect(response.json()).toMatchObject({ status: 400, code: 'invalid_parameters' });
    },
  );
});

test("A15 Fastify's own errors are problems too, for an app that asks for it", async () => {
  const whole = fastify({ frameworkErrors: answerError });
  answerWithProblems(whole);
  answerUnknownPaths(whole);
  whole.get('/teapot', () =>
    Promise.reject(Object.assign(new Error('inside'), { statusCode: 502 })),
  );
  await whole.register(asRoutes([new SearchShelf({})]));
  const seen = async (url: string) => {
    const response = await whole.inject(url);
    expect(response.headers['content-type']).toContain('application/problem+json');
    return response.json();
  };
  expect(await seen('/nowhere?x=1')).toMatchObject({ status: 404, instance: '/nowhere' });
  expect(await seen('/shelves/%zz')).toMatchObject({ status: 400, code: 'invalid_parameters' });
  expect(await seen('/shelves/%ff')).toMatchObject({ status: 400, code: 'invalid_parameters' });
  const unexpected = await seen('/teapot');
  expect(unexpected).toMatchObject({ status: 500, code: 'internal' });
  expect(unexpected.detail).not.toContain('inside');
  await whole.close();
});
