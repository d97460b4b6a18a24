import swagger from '@fastify/swagger';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { EventEmitter, once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { asRoutes } from '../../../src/workflows/expose/fastify.ts';
import type { AnyWorkflow } from '../../../src/workflows/workflow.ts';
import {
  Echo,
  FailOnDemand,
  PlanOrder,
  SearchShelf,
  WaitForever,
} from '../../support/sample-workflows.ts';

const order = { orderId: 'o-1', address: { street: 'Korenlei 1' }, lines: [] };
const samples = () => [new PlanOrder({}), new SearchShelf({}), new FailOnDemand({}), new Echo({})];

const open: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
});

async function serve(
  workflows: readonly AnyWorkflow[] = samples(),
  options: FastifyServerOptions = {},
): Promise<FastifyInstance> {
  const app = fastify(options);
  open.push(app);
  await app.register(asRoutes(workflows));
  return app;
}

const post = (app: FastifyInstance, payload: string | Buffer | object, type = 'application/json') =>
  app.inject({
    method: 'POST',
    url: '/workflows/plan_order',
    headers: { 'content-type': type },
    payload,
  });

describe('A13 workflows as routes', () => {
  test('are listed with their effects, and described with their schemas', async () => {
    const app = await serve();
    const { items } = (await app.inject('/workflows')).json();
    expect(items[1]).toEqual({
      name: 'search_shelf',
      description: 'Search a shelf. Changes nothing.',
      hints: { readOnly: true },
      method: 'GET',
      path: '/shelves/:shelf',
    });
    const plan = (await app.inject('/workflows/plan_order')).json();
    expect(plan).toMatchObject({ ...items[0], method: 'POST', path: '/workflows/plan_order' });
    expect(plan.parameters.properties.giftWrap).toEqual({
      type: 'boolean',
      default: true,
      description: 'Whether to wrap it',
    });
    expect(plan.result.required).toContain('pieces');
    const unknown = await app.inject('/workflows/nothing');
    expect([unknown.statusCode, unknown.json().code]).toEqual([404, 'not_found']);
  });

  test('answer with the result as JSON, also when it is a bare text or null', async () => {
    const app = await serve();
    for (const [payload, body] of [
      [{ text: 'a' }, '"a"'],
      [{}, 'null'],
    ] as const) {
      const response = await app.inject({ method: 'POST', url: '/workflows/echo_text', payload });
      expect(response.body).toBe(body);
      expect(response.headers['content-type']).toContain('application/json');
    }
  });

  test('take no body as no parameters, but null as a mistake', async () => {
    const app = await serve();
    const url = '/workflows/echo_text';
    expect((await app.inject({ method: 'POST', url })).body).toBe('null');
    const headers = { 'content-type': 'application/json' };
    for (const payload of ['null', '[]', '"x"', '1', ''])
      expect((await app.inject({ method: 'POST', url, headers, payload })).json()).toMatchObject({
        status: 400,
        code: 'invalid_parameters',
      });
  });

  test('a HEAD of a GET route reads the same query', async () => {
    const app = await serve();
    const response = await app.inject({ method: 'HEAD', url: '/shelves/a?limit=5' });
    expect(response.statusCode).toBe(200);
  });

  test('stand under the prefix they are registered with', async () => {
    const app = fastify();
    open.push(app);
    await app.register(asRoutes(samples()), { prefix: '/api' });
    const { items } = (await app.inject('/api/workflows')).json();
    expect(items[0].path).toBe('/api/workflows/plan_order');
    const planned = await app.inject({ method: 'POST', url: items[0].path, payload: order });
    expect(planned.statusCode).toBe(200);
  });

  test('leave the handlers of the app they join alone', async () => {
    const app = fastify();
    open.push(app);
    app.setNotFoundHandler((_, reply) => reply.code(404).send('nothing here'));
    app.post('/text', ({ body }) => ({ body }));
    await app.register(asRoutes(samples()));
    expect((await app.inject('/elsewhere')).body).toBe('nothing here');
    const text = await app.inject({
      method: 'POST',
      url: '/text',
      headers: { 'content-type': 'text/plain' },
      payload: 'x',
    });
    expect(text.json()).toEqual({ body: 'x' });
  });

  test('a client that goes away cancels what it asked for', async () => {
    const events = new EventEmitter();
    const began = once(events, 'began');
    const cancelled = once(events, 'cancelled');
    const waiting = new WaitForever({
      began: () => events.emit('began'),
      cancelled: (reason) => events.emit('cancelled', reason),
    });
    const app = await serve([waiting]);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const client = request({ port, method: 'POST', path: '/workflows/wait_forever' });
    client.on('error', () => undefined).end();
    await began;
    client.destroy();
    expect(await cancelled).toMatchObject([{ code: 'cancelled' }]);
  });
});

describe('A15 errors are problem details', () => {
  test('with a pointer to each mistake', async () => {
    const response = await post(await serve(), { ...order, discount: 2, 'a/b~c': 1 });
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.json()).toEqual({
      type: 'urn:graphwright:error:invalid_parameters',
      title: 'The parameters are not valid',
      status: 400,
      detail: expect.stringContaining('plan_order'),
      instance: '/workflows/plan_order',
      code: 'invalid_parameters',
      kind: 'validation',
      retriable: false,
      errors: [
        { pointer: '/discount', detail: expect.any(String) },
        { pointer: '/a~1b~0c', detail: 'Unknown key' },
      ],
    });
  });

  test('tell validation, the outside world and defects apart, and log the defect only', async () => {
    const lines: string[] = [];
    const logger = { level: 'error', stream: { write: (line: string) => lines.push(line) } };
    const app = await serve(samples(), { logger });
    const fail = async (how: string) =>
      (
        await app.inject({ method: 'POST', url: '/workflows/fail_on_demand', payload: { how } })
      ).json();
    expect(await fail('conflict')).toMatchObject({ status: 409, kind: 'validation' });
    expect(await fail('integration_failed')).toMatchObject({
      status: 502,
      kind: 'io',
      retriable: true,
      detail: 'It was asked to fail as integration_failed',
    });
    expect(lines).toEqual([]);
    for (const how of ['defect', 'result']) {
      const defect = await fail(how);
      expect(defect).toMatchObject({ status: 500, kind: 'unexpected', errors: [] });
      expect(JSON.stringify(defect)).not.toMatch(/secret|fine/);
    }
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('secret: /etc/inside');
  });
});

describe('A3 OpenAPI 3.1 of the routes', () => {
  test('describes parameters, results and problems of each operation', async () => {
    const app = fastify();
    open.push(app);
    await app.register(swagger, { openapi: { openapi: '3.1.0' } });
    await app.register(asRoutes(samples()));
    await app.ready();
    const paths = JSON.parse(JSON.stringify(app.swagger())).paths;

    const plan = paths['/workflows/plan_order'].post;
    expect(plan).toMatchObject({ operationId: 'plan_order', summary: 'Plan an order.' });
    const body = plan.requestBody.content['application/json'].schema;
    expect(body.required).toEqual(['orderId', 'address', 'lines']);
    expect(body.properties.address.properties.street.type).toBe('string');
    expect(body.properties.priority.enum).toEqual(['low', 'high']);
    const result = plan.responses['200'].content['application/json'].schema;
    expect(result.properties.pieces).toEqual({ type: 'number' });
    const problem = plan.responses['4XX'].content['application/problem+json'].schema;
    expect(problem.properties.errors.items.required).toEqual(['pointer', 'detail']);

    const search = paths['/shelves/{shelf}'].get;
    const parameter = (name: string) =>
      search.parameters.find((candidate: { name: string }) => candidate.name === name);
    expect(parameter('shelf')).toMatchObject({
      in: 'path',
      required: true,
      description: 'Which shelf',
    });
    expect(parameter('limit')).toMatchObject({
      in: 'query',
      required: false,
      schema: { type: 'integer', maximum: 100, default: 10 },
    });
    expect(search.requestBody).toBeUndefined();
    expect(Object.keys(paths).toSorted()).toEqual([
      '/shelves/{shelf}',
      '/workflows',
      '/workflows/echo_text',
      '/workflows/fail_on_demand',
      '/workflows/plan_order',
      '/workflows/{name}',
    ]);
    expect(JSON.stringify(paths)).not.toContain('$ref');
  });
});

describe('T20 hostile bodies and queries are refused', () => {
  const cases: [string, string | Buffer, number][] = [
    ['500,000 open brackets', '['.repeat(500_000), 400],
    ['65 levels of nesting', `${'['.repeat(65)}${']'.repeat(65)}`, 400],
    ['a million bytes of a text that never ends', `"${'\\"'.repeat(500_000)}`, 400],
    ['invalid UTF-8', Buffer.from('{"orderId":"\xff"}', 'latin1'), 400],
    ['__proto__', '{"orderId":"o-1","__proto__":{"giftWrap":false}}', 400],
    ['an escaped __proto__', '{"\\u005f_proto__":{"giftWrap":false}}', 400],
    ['__proto__ inside', '{"address":{"street":"x","__proto__":{"city":"y"}}}', 400],
    ['constructor.prototype', '{"constructor":{"prototype":{"x":1}}}', 400],
    ['broken JSON', '{"orderId":', 400],
    ['an unknown field', JSON.stringify({ ...order, colour: 'red' }), 400],
    ['"123" for a number', JSON.stringify({ ...order, discount: '123' }), 400],
    ['more than 1 MiB', JSON.stringify({ ...order, tags: ['x'.repeat(1024 * 1024)] }), 413],
  ];
  test.each(cases)('%s', async (_, payload, status) => {
    const app = await serve();
    const start = performance.now();
    const response = await post(app, payload);
    expect(performance.now() - start).toBeLessThan(1000);
    expect(response.json()).toMatchObject({
      status,
      code: status === 413 ? 'too_large' : 'invalid_parameters',
    });
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.body).not.toMatch(/\bat .*\.[jt]s:/);
  });

  test('64 levels inside texts, and brackets in texts, are fine', async () => {
    const app = await serve();
    const street = '[{\\"'.repeat(100);
    const payload = `{"orderId":"o-1","address":{"street":"${street}"},"lines":[]}`;
    expect((await post(app, payload)).statusCode).toBe(200);
  });

  test.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded'])(
    'a body of type %s',
    async (type) => {
      const response = await post(await serve(), 'orderId=o-1', type);
      expect(response.json()).toMatchObject({ status: 415, code: 'unsupported_media_type' });
    },
  );

  test.each(['__proto__=1', '__proto__[x]=1', 'constructor=1', 'toString=1', 'limit=5&limit=6'])(
    'a query of %s',
    async (query) => {
      const response = await (await serve()).inject(`/shelves/a?${query}`);
      expect(response.json()).toMatchObject({ status: 400, code: 'invalid_parameters' });
    },
  );

  test('a query where a body is expected', async () => {
    const app = await serve();
    const url = '/workflows/plan_order?giftWrap=false';
    const response = await app.inject({ method: 'POST', url, payload: order });
    expect(response.json()).toMatchObject({ status: 400, code: 'invalid_parameters' });
  });
});

test.each([
  '/shelves/..%2f..%2fetc',
  '/shelves/%00',
  '/shelves/a%2f..',
  '/workflows/..%2f..%2fetc',
])('T21 the path %s is refused', async (url) => {
  const response = await (await serve()).inject(url);
  expect(response.json()).toMatchObject({ status: 400, code: 'invalid_parameters' });
});
