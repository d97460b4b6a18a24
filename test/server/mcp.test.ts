import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MultiServerMCPClient } from '@langchain/mcp-adapters';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as FirstClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as FirstTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStateFile } from '../../src/ontology/embedded/state-file.ts';
import type { ServerConfiguration } from '../../src/server/server.ts';
import { EmbeddedRuns } from '../../src/workflows/runs/embedded-runs.ts';
import { textOf } from '../support/mcp.ts';
import { FailOnDemand, PlanOrder, SearchShelf, WaitForever } from '../support/sample-workflows.ts';
import { sample, testApp } from './apps.ts';

const order = { orderId: 'o-1', address: { street: 'Korenlei 1' }, lines: [] };
const planned = {
  orderId: 'o-1',
  to: 'Korenlei 1, Ghent',
  pieces: 0,
  wrapped: true,
  rest: { tags: [], priority: 'low' },
};

/** A server that listens, until the end of the block. */
async function listening(parts: Partial<ServerConfiguration> = {}) {
  const {
    app,
    store,
    [Symbol.asyncDispose]: dispose,
  } = await testApp({
    workflows: [new PlanOrder({}), new SearchShelf({}), new FailOnDemand({})],
    ...parts,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return {
    app,
    store,
    port,
    url: new URL(`http://127.0.0.1:${port}/mcp`),
    async [Symbol.asyncDispose]() {
      // Clients keep connections for later, some of which were never used.
      app.server.closeAllConnections();
      await dispose();
    },
  };
}

const modern = '2026-07-28';

/** A client of today's SDK that speaks the protocol of one era. */
async function connect(url: URL, era: 'legacy' | 'modern', key?: string) {
  const mode = era === 'modern' ? { pin: modern } : era;
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  const headers = key === undefined ? undefined : { authorization: `Bearer ${key}` };
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
  return { client, [Symbol.asyncDispose]: () => client.close() };
}

describe.each(['legacy', 'modern'] as const)('A31 MCP over HTTP, %s protocol', (era) => {
  test('lists the tools with schemas and hints, and calls one', async () => {
    await using served = await listening();
    await using connected = await connect(served.url, era);
    const { client } = connected;
    expect(client.getNegotiatedProtocolVersion() === modern).toBe(era === 'modern');
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['plan_order', 'search_shelf', 'fail_on_demand']);
    expect(tools[0]).toMatchObject({
      description: expect.stringContaining('May reach people or systems outside'),
      inputSchema: { required: ['orderId', 'address', 'lines'], additionalProperties: false },
      outputSchema: { type: 'object', required: expect.arrayContaining(['orderId', 'to']) },
      annotations: {
        readOnlyHint: false,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: true,
      },
    });
    const answer = await client.callTool({ name: 'plan_order', arguments: order });
    expect(answer.structuredContent).toEqual(planned);
    expect(JSON.parse(textOf(answer))).toEqual(planned);
  });

  test('A15 a mistake is a result that says what to mend', async () => {
    await using served = await listening();
    await using connected = await connect(served.url, era);
    const bad = { name: 'plan_order', arguments: { ...order, colour: 'red' } };
    const answer = await connected.client.callTool(bad);
    expect(answer.isError).toBe(true);
    expect(JSON.parse(textOf(answer))).toEqual({
      error: 'invalid_parameters',
      message: 'plan_order: /colour: Unknown key',
      retriable: false,
      problems: [{ pointer: '/colour', detail: 'Unknown key' }],
    });
    await expect(connected.client.callTool({ name: 'plan_ordr' })).rejects.toThrow(
      'No tool plan_ordr; did you mean plan_order?',
    );
  });

  test('tells of progress while a call goes on', async () => {
    await using served = await listening();
    await using connected = await connect(served.url, era);
    const told: unknown[] = [];
    const call = { name: 'plan_order', arguments: order };
    await connected.client.callTool(call, { onprogress: (progress) => told.push(progress) });
    expect(told).toEqual([
      { progress: 1, message: 'count' },
      { progress: 2, total: 2, message: 'counted' },
    ]);
  });

  test('a client that cancels, and one that goes away, end the workflow', async () => {
    let began!: () => void;
    const reasons: unknown[] = [];
    const waiting = new WaitForever({
      began: () => began(),
      cancelled: (reason) => reasons.push(reason),
    });
    await using served = await listening({ workflows: [waiting] });
    await using connected = await connect(served.url, era);
    const stop = new AbortController();
    const under = new Promise<void>((resolve) => (began = resolve));
    const call = connected.client.callTool({ name: 'wait_forever' }, { signal: stop.signal });
    call.catch(() => undefined);
    await under;
    stop.abort();
    await expect(call).rejects.toThrow(/abort/i);
    if (era === 'legacy') await connected.client.close();
    await expect.poll(() => reasons).toMatchObject([{ code: 'cancelled' }]);
  });

  test('a call that is under way ends with the server', async () => {
    let began!: () => void;
    const reasons: unknown[] = [];
    const waiting = new WaitForever({
      began: () => began(),
      cancelled: (reason) => reasons.push(reason),
    });
    await using served = await listening({ workflows: [waiting] });
    await using connected = await connect(served.url, era);
    const under = new Promise<void>((resolve) => (began = resolve));
    const call = connected.client.callTool({ name: 'wait_forever' });
    call.catch(() => undefined);
    await under;
    void served.app.close();
    await expect(call).rejects.toThrow(/closed|terminated|fetch|disconnect/i);
    await expect.poll(() => reasons).toMatchObject([{ code: 'cancelled' }]);
  });

  test('T22 a key sees its own runs, workflows and graphs, and is named in its writes', async () => {
    const state = await openStateFile({ path: ':memory:' });
    const workflows = [new PlanOrder({}), new SearchShelf({})];
    const runs = await EmbeddedRuns.open({ state, workflows });
    const key = 'correct-horse-battery';
    const keys = [{ name: 'ann', key, read: ['urn:x:*'], write: [], workflows: ['plan_order'] }];
    await using served = await listening({ runs, keys, workflows });
    await sample(served.store);
    const mine = await runs.start(workflows[0]!, order, { owner: 'ann' });
    const other = await runs.start(workflows[0]!, order, { owner: 'bob' });
    await expect(connect(served.url, era)).rejects.toThrow(/401|key/i);
    await using connected = await connect(served.url, era, key);
    const { client } = connected;
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['plan_order']);
    await expect(client.callTool({ name: 'search_shelf' })).rejects.toThrow('No tool');
    const { contents } = await client.readResource({ uri: `run://${mine.id}` });
    expect(JSON.parse((contents[0] as { text: string }).text)).toMatchObject({ owner: 'ann' });
    await expect(client.readResource({ uri: `run://${other.id}` })).rejects.toThrow('No resource');
    const ada = `graph://subject?iri=${encodeURIComponent('https://example.org/ada')}`;
    await expect(client.readResource({ uri: ada })).rejects.toThrow('No resource');
    await runs.close();
    await state.close();
  });
});

describe('A31 MCP over HTTP', () => {
  test('serves a client of the first SDK', async () => {
    await using served = await listening();
    const client = new FirstClient({ name: 'test', version: '1' });
    await client.connect(new FirstTransport(served.url) as Parameters<typeof client.connect>[0]);
    expect((await client.listTools()).tools).toHaveLength(3);
    const told: unknown[] = [];
    const answer = await client.callTool(
      { name: 'plan_order', arguments: order },
      CallToolResultSchema,
      { onprogress: (progress) => told.push(progress) },
    );
    expect(answer.structuredContent).toEqual(planned);
    expect(told).toHaveLength(2);
    const failed = await client.callTool({
      name: 'fail_on_demand',
      arguments: { how: 'integration_failed' },
    });
    expect(failed.isError).toBe(true);
    expect(JSON.parse(textOf(failed as { content: unknown }))).toMatchObject({
      error: 'integration_failed',
      retriable: true,
    });
    await client.close();
  });

  test("A12 LangChain's MCP adapters make tools of it", async () => {
    await using served = await listening();
    const client = new MultiServerMCPClient({
      mcpServers: { graph: { transport: 'http', url: served.url.href } },
    });
    const tools = await client.getTools();
    const plan = tools.find(({ name }) => name === 'plan_order')!;
    const call = { type: 'tool_call', id: 'c1', name: plan.name, args: order } as const;
    const { content } = await plan.invoke(call);
    expect(JSON.parse(content as string)).toMatchObject({ structuredContent: planned });
    const fail = tools.find(({ name }) => name === 'fail_on_demand')!;
    await expect(fail.invoke({ how: 'conflict' })).rejects.toThrow('"error":"conflict"');
    await client.close();
  });
});

/** A POST as a browser, or who forges one, would send it. */
async function post(port: number, headers: Record<string, string>): Promise<[number, string]> {
  const sent = request({ port, host: '127.0.0.1', path: '/mcp', method: 'POST', headers });
  sent.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }));
  const [response] = await once(sent, 'response');
  const chunks = await response.toArray();
  return [response.statusCode, Buffer.concat(chunks).toString()];
}

const plain = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

describe('T25 only known senders reach /mcp', () => {
  const apiKey = 'correct-horse-battery';
  const authorization = `Bearer ${apiKey}`;
  const mcp = { hosts: ['graph.example.org'], origins: ['https://assistant.example.org'] };
  let open: Awaited<ReturnType<typeof listening>>;
  let guarded: typeof open;
  beforeAll(async () => {
    open = await listening();
    guarded = await listening({ apiKey, mcp });
  });
  afterAll(async () => {
    await open[Symbol.asyncDispose]();
    await guarded[Symbol.asyncDispose]();
  });

  test.each([
    ['no origin to tell', { origin: 'null' }],
    ['a page elsewhere', { origin: 'https://evil.example' }],
    ['a page on another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['a page that looks known', { origin: 'https://assistant.example.org.evil.example' }],
    ['a name that leads here', { host: 'evil.example' }],
    ['such a name for its own page', { host: 'evil.example', origin: 'http://evil.example' }],
    ['a name that looks like this machine', { host: '127.0.0.1.evil.example' }],
    ['a broken name', { host: '[' }],
  ])('%s: 403, without a key and with one', async (_, headers) => {
    expect((await post(open.port, { ...plain, ...headers }))[0]).toBe(403);
    const [status, body] = await post(guarded.port, { ...plain, authorization, ...headers });
    expect([status, JSON.parse(body).code]).toEqual([403, 'forbidden']);
    expect((await post(guarded.port, { ...plain, ...headers }))[0]).toBe(401);
  });

  test.each([
    ['this machine', {}],
    ['a host that the configuration names', { host: 'graph.example.org' }],
    ['its own page', { host: 'graph.example.org', origin: 'http://graph.example.org' }],
    ['a page that the configuration names', { origin: 'https://assistant.example.org' }],
  ])('%s is let in with the key', async (_, headers) => {
    const [status, body] = await post(guarded.port, { ...plain, authorization, ...headers });
    expect(status).toBe(200);
    expect(body).toContain('plan_order');
  });

  test('T20 deep, broken and other bodies are refused', async () => {
    const inject = (payload: string, type = 'application/json') =>
      open.app.inject({
        method: 'POST',
        url: '/mcp',
        payload,
        headers: { ...plain, 'content-type': type, host: '127.0.0.1' },
      });
    expect((await inject('['.repeat(500_000))).statusCode).toBe(400);
    expect((await inject('{"jsonrpc"')).statusCode).toBe(400);
    expect((await inject('{"__proto__": {}}')).statusCode).toBe(400);
    expect((await inject('{}', 'text/plain')).statusCode).toBe(415);
    const get = await open.app.inject({ url: '/mcp', headers: { host: '127.0.0.1' } });
    expect([get.statusCode, get.headers['allow']]).toEqual([405, 'POST']);
  });
});
