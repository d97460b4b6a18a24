import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import fastify from 'fastify';
import { describe, expect, test, vi } from 'vitest';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { sparqlText } from '../../src/ontology/sparql.ts';
import { QueryGraph } from '../../src/workflows/graph/query-graph.ts';
import { agentRoutes } from '../../src/server/agent-routes.ts';
import { KeyAccess } from '../../src/server/access.ts';
import { server, type ServerConfiguration } from '../../src/server/server.ts';
import type { ScriptedReply } from '../../src/testing/scripted-model.ts';
import { agentKit } from '../support/agents.ts';
import { PlanOrder, SearchShelf, WaitForever } from '../support/sample-workflows.ts';
import { testApp } from './apps.ts';

const search = [{ tool: 'search_shelf', args: { shelf: 'a' } }];
const plan = [
  { tool: 'plan_order', args: { orderId: 'o-1', address: { street: 'Korenlei 1' }, lines: [] } },
];
const workflows = [new SearchShelf({}), new PlanOrder({})];

/** The app with agents whose model gives these replies. */
async function served(
  replies: readonly ScriptedReply[],
  { keys, ...parts }: Pick<ServerConfiguration, 'keys'> & Parameters<typeof agentKit>[1] = {},
) {
  const kit = await agentKit({ model: replies }, { workflows, ...parts });
  const tested = await testApp({ agents: kit.agents, workflows, ...(keys && { keys }) });
  return {
    ...kit,
    app: tested.app,
    async [Symbol.asyncDispose]() {
      await tested[Symbol.asyncDispose]();
      await kit[Symbol.asyncDispose]();
    },
  };
}

type Served = Awaited<ReturnType<typeof served>>;

const post = ({ app }: Served, url: string, payload: object, key?: string) =>
  app.inject({ method: 'POST', url, payload, headers: authorization(key) });
const get = ({ app }: Served, url: string, key?: string) =>
  app.inject({ url, headers: authorization(key) });
const authorization = (key?: string) =>
  key === undefined ? {} : { authorization: `Bearer ${key}` };

/** What a stream of events told. */
const eventsIn = (payload: string) =>
  payload
    .split('\n\n')
    .filter((block) => block.startsWith('event:'))
    .map((block) => {
      const [, event, data] = /^event: (.+)\ndata: (.+)$/.exec(block)!;
      return { event: event!, data: JSON.parse(data!) as Record<string, unknown> };
    });

const rights = { read: ['*'], write: [] };
const ada = {
  ...rights,
  name: 'ada',
  key: 'key-of-ada-0123456789',
  workflows: ['search_shelf'],
  agents: ['assistant'],
};
const bob = { ...ada, name: 'bob', key: 'key-of-bob-0123456789' };
const eve = { ...rights, name: 'eve', key: 'key-of-eve-0123456789', workflows: ['*'] };
const keys = [ada, bob, eve];
const master = {
  ...ada,
  name: 'master',
  key: 'key-of-all-0123456789',
  read: ['*'],
  workflows: ['*'],
};

describe('A20 agents over HTTP', () => {
  test('are listed', async () => {
    await using here = await served([]);
    const { items } = (await get(here, '/agents')).json<{ items: { name: string }[] }>();
    expect(items.map(({ name }) => name)).toEqual(['assistant', 'graph_analyst', 'supervisor']);
    expect(items[1]).toMatchObject({ model: 'model', tools: ['search_shelf'], agents: [] });
  });

  test('answer a message, and go on in its thread', async () => {
    await using here = await served([search, 'Shelf a.', 'Yes.']);
    const first = await post(here, '/agents/assistant/completion', { message: 'Where?' });
    expect(first.statusCode).toBe(200);
    const { threadId, ...answer } = first.json<{ threadId: string }>();
    expect(answer).toMatchObject({
      agent: 'assistant',
      text: 'Shelf a.',
      finish: 'answered',
      toolCalls: [{ name: 'search_shelf', failed: false }],
    });
    const second = await post(here, '/agents/assistant/completion', { message: 'Sure?', threadId });
    expect(second.json()).toMatchObject({ threadId, text: 'Yes.' });
    const shown = await get(here, `/agents/threads/${threadId}`);
    expect(shown.json<{ turns: { messages: object[] }[] }>().turns[0]!.messages).toEqual([
      { role: 'user', text: 'Where?' },
      expect.objectContaining({ role: 'assistant' }),
      expect.objectContaining({ role: 'tool', name: 'search_shelf' }),
      { role: 'assistant', text: 'Shelf a.' },
    ]);
  });

  test('tell what they do while they do it', async () => {
    await using here = await served([search, 'Shelf a.']);
    const answer = await post(here, '/agents/assistant/stream-completion', { message: 'Where?' });
    expect(answer.headers['content-type']).toContain('text/event-stream');
    const events = eventsIn(answer.payload);
    expect(events.map(({ event }) => event)).toEqual([
      'start',
      'token',
      'tool_call',
      'tool_result',
      'token',
      'end',
    ]);
    expect(events[2]!.data).toMatchObject({ name: 'search_shelf', arguments: { shelf: 'a' } });
    expect(events.at(-1)!.data).toMatchObject({
      text: 'Shelf a.',
      threadId: events[0]!.data['threadId'],
    });
  });

  test.each([
    ['an unknown agent', 'asistant', { message: 'x' }, 404, 'did you mean assistant?'],
    ['no message', 'assistant', {}, 400, '/message'],
    ['an unknown field', 'assistant', { message: 'x', tools: ['*'] }, 400, '/tools'],
    [
      'an unknown thread',
      'assistant',
      { message: 'x', threadId: '7535b4e8-6ebb-446c-a822-3d334384b877' },
      404,
      'No thread',
    ],
  ])('refuse %s as a problem, streaming or not', async (_, name, body, status, detail) => {
    await using here = await served(['Never said.']);
    for (const how of ['completion', 'stream-completion']) {
      const answer = await post(here, `/agents/${name}/${how}`, body);
      expect(answer.statusCode).toBe(status);
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(answer.json<{ detail: string }>().detail).toContain(detail);
    }
    expect(here.models.size).toBe(0);
  });

  test.each([
    ['nests 100,000 levels deep', '['.repeat(100_000), 'deeper than 64'],
    ['has a key of JavaScript', '{"message":"x","__proto__":{"threadId":1}}', 'not valid JSON'],
    ['is a list', '["x"]', 'expected object'],
  ])('T20 refuse a body that %s', async (_, payload, detail) => {
    await using here = await served(['Never said.']);
    const answer = await here.app.inject({
      method: 'POST',
      url: '/agents/assistant/completion',
      payload,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json<{ detail: string }>().detail).toContain(detail);
  });

  test('say what to set when there is no model', async () => {
    await using here = await served([], { model: undefined });
    for (const how of ['completion', 'stream-completion']) {
      const answer = await post(here, `/agents/assistant/${how}`, { message: 'Hello' });
      expect(answer.json()).toMatchObject({
        code: 'invalid_configuration',
        detail: expect.stringContaining('GRAPHWRIGHT_AGENTS_MODEL'),
      });
    }
  });

  test('tell of a failure in the stream that has begun', async () => {
    await using here = await served([search, new Error('The model is down')]);
    const answer = await post(here, '/agents/assistant/stream-completion', { message: 'Where?' });
    const { event, data } = eventsIn(answer.payload).at(-1)!;
    expect({ event, data }).toMatchObject({
      event: 'error',
      data: { code: 'integration_failed', status: 502, retriable: true },
    });
  });

  test('are described in OpenAPI', async () => {
    await using here = await served([]);
    const { paths } = (await get(here, '/openapi.json')).json<{ paths: Record<string, object> }>();
    expect(Object.keys(paths).filter((path) => path.startsWith('/agents'))).toEqual([
      '/agents',
      '/agents/{name}/completion',
      '/agents/{name}/stream-completion',
      '/agents/threads',
      '/agents/threads/{id}',
    ]);
    expect(paths['/agents/{name}/completion']).toMatchObject({
      post: {
        requestBody: {
          content: { 'application/json': { schema: { required: ['message'] } } },
        },
      },
    });
  });
});

describe('the rights of a key hold for agents', () => {
  test('it asks those that it names, and none by default', async () => {
    await using here = await served(['Hello.'], { keys });
    const names = async (key: string) =>
      (await get(here, '/agents', key))
        .json<{ items: { name: string }[] }>()
        .items.map(({ name }) => name);
    expect(await names(ada.key)).toEqual(['assistant']);
    expect(await names(eve.key)).toEqual([]);
    const url = '/agents/assistant/completion';
    expect((await post(here, url, { message: 'x' }, eve.key)).statusCode).toBe(403);
    expect((await post(here, url, { message: 'x' })).statusCode).toBe(401);
    expect((await post(here, url, { message: 'x' }, ada.key)).statusCode).toBe(200);
  });

  test('an agent has the tools that its caller may call, whatever its model wants', async () => {
    await using here = await served([plan, 'I could not.'], { keys });
    const url = '/agents/assistant/completion';
    const answer = await post(here, url, { message: 'Plan it' }, ada.key);
    expect(answer.json()).toMatchObject({ toolCalls: [{ name: 'plan_order', failed: true }] });
  });

  test('an agent reads the graphs that its caller may read', async () => {
    const limited = { ...ada, read: ['x:shared'], workflows: ['query_graph'] };
    const all = 'SELECT ?text WHERE { { ?s <x:in> ?text } UNION { GRAPH ?g { ?s <x:in> ?text } } }';
    const query = [{ tool: 'query_graph', args: { query: all } }];
    const { store, close } = await openEmbedded({});
    await store.update(
      sparqlText(
        'INSERT DATA { GRAPH <x:shared> { <x:a> <x:in> "shared" } GRAPH <x:own> { <x:a> <x:in> "secret" } }',
      ),
    );
    const parts = { workflows: [new QueryGraph({ store })] };
    await using kit = await agentKit({ model: [query, 'Done.', query, 'Done.'] }, parts);
    const app = await server({ store, workflows: [], agents: kit.agents, keys: [limited, master] });
    const results = async ({ key }: { key: string }) => {
      const url = '/agents/assistant/completion';
      const here = { app } as Served;
      const answer = await post(here, url, { message: 'Read all' }, key);
      return answer.json<{ toolCalls: { result: string }[] }>().toolCalls[0]!.result;
    };
    expect(await results(master)).toMatch(/"secret"/);
    const seen = await results(limited);
    expect(seen).toMatch(/"shared"/);
    expect(seen).not.toMatch(/"secret"/);
    await app.close();
    await close();
  });

  test("T22 somebody else's thread is not found", async () => {
    await using here = await served(['Hello.'], { keys });
    const asked = await post(here, '/agents/assistant/completion', { message: 'x' }, ada.key);
    const { threadId } = asked.json<{ threadId: string }>();
    const url = `/agents/threads/${threadId}`;
    expect((await get(here, url, bob.key)).statusCode).toBe(404);
    const list = async (key: string) =>
      (await get(here, '/agents/threads?limit=1', key)).json<object>();
    expect(await list(bob.key)).toEqual({ items: [] });
    expect(await list(ada.key)).toMatchObject({ items: [{ id: threadId, turns: 1 }] });
    const remove = (key: string) =>
      here.app.inject({ method: 'DELETE', url, headers: authorization(key) });
    expect((await remove(bob.key)).statusCode).toBe(404);
    expect((await remove(ada.key)).statusCode).toBe(204);
    expect((await get(here, url, ada.key)).statusCode).toBe(404);
  });
});

describe('whoever reads a stream', () => {
  /** A socket that asks, and reads nothing until it is told to. */
  async function asking(port: number, path: string) {
    const body = JSON.stringify({ message: 'Go' });
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.pause();
    socket.on('error', () => undefined);
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    return socket;
  }

  test('and goes away cancels what the agent does', async () => {
    let began!: () => void;
    const waiting = new Promise<void>((resolve) => (began = resolve));
    let cancelled!: (reason: unknown) => void;
    const ended = new Promise((resolve) => (cancelled = resolve));
    const wait = [{ tool: 'wait_forever', args: {} }];
    const parts = { workflows: [new WaitForever({ began, cancelled })] };
    await using here = await served([wait, 'Never said.'], parts);
    await here.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = here.app.server.address() as AddressInfo;
    const socket = await asking(port, '/agents/assistant/stream-completion');
    await waiting;
    socket.destroy();
    expect(await ended).toMatchObject({ name: 'AbortError' });
  });

  test('T27 but takes nothing is let go of', async () => {
    const text = 'x'.repeat(12 * 1024 * 1024);
    await using kit = await agentKit({ model: [text] }, { workflows });
    const app = fastify();
    await app.register(agentRoutes(kit.agents, new KeyAccess({} as never, []), { stalled: 200 }));
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const connections = () =>
      new Promise<number>((resolve) => app.server.getConnections((_, count) => resolve(count)));
    const socket = await asking(port, '/agents/assistant/stream-completion');
    try {
      await vi.waitUntil(async () => (await connections()) === 1, { timeout: 10_000 });
      const gone = vi.waitUntil(async () => (await connections()) === 0, { timeout: 20_000 });
      expect(await gone).toBe(true);
    } finally {
      socket.destroy();
      await app.close();
    }
  });
});
