import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { server } from '../../src/server/server.ts';
import { Conversations } from '../../src/workflows/conversations/engine/conversations.ts';
import { SqliteConversations } from '../../src/workflows/conversations/storage/sqlite/sqlite-conversations.ts';
import { conversationWorkflows } from '../../src/workflows/conversations/surfaces/conversation-workflows.ts';
import { EmbeddedRuns } from '../../src/workflows/runs/embedded-runs.ts';
import { Triggers } from '../../src/workflows/triggers/triggers.ts';
import { orderFlow } from '../support/order-flow.ts';

const all = { read: [], write: [], workflows: ['*'] };
const keys = [
  { ...all, name: 'tenant-a', key: 'tenant-a-tenant-a' },
  { ...all, name: 'tenant-b', key: 'tenant-b-tenant-b' },
  { ...all, name: 'tenant-c', key: 'tenant-c-tenant-c' },
  { ...all, name: 'tenant-d', key: 'tenant-d-tenant-d' },
  { ...all, name: 'tenant-e', key: 'tenant-e-tenant-e' },
  // Its name is that of whoever has no named key.
  { ...all, name: 'default', key: 'default-default-1' },
  { ...all, name: 'reader', key: 'reader-reader-1', workflows: ['list_flows'] },
];

let embedded: Awaited<ReturnType<typeof openEmbedded>>;
let runs: EmbeddedRuns;
let conversations: Conversations;
let app: Awaited<ReturnType<typeof server>>;

beforeAll(async () => {
  embedded = await openEmbedded({});
  const { store, state } = embedded;
  runs = await EmbeddedRuns.open({ state, workflows: [] });
  const storage = await SqliteConversations.open(state);
  conversations = await Conversations.open({ storage, flows: [orderFlow] });
  const workflows = conversationWorkflows({ conversations });
  const { events } = new Triggers({ runs, workflows, onError: () => undefined });
  app = await server({
    store,
    runs,
    events,
    workflows,
    conversations,
    apiKey: 'master-master-master',
    keys,
  });
});
afterAll(async () => {
  await app.close();
  await conversations.close();
  await runs.close();
  await embedded.close();
});

type Method = 'GET' | 'POST' | 'DELETE';
type Headers = Record<string, string>;

/** A busy machine may have the server refuse for a moment, before it looks at a request. */
const unhurried = async <R extends { statusCode: number }>(ask: () => Promise<R>): Promise<R> => {
  let response = await ask();
  const taken = async () => response.statusCode !== 503 || ((response = await ask()), false);
  await vi.waitUntil(taken, { timeout: 60_000, interval: 100 });
  return response;
};

const as = (key: string) => (method: Method, url: string, payload?: object, headers?: Headers) =>
  unhurried(() =>
    app.inject({ method, url, payload, headers: { authorization: `Bearer ${key}`, ...headers } }),
  );

const a = as('tenant-a-tenant-a');
const b = as('tenant-b-tenant-b');
const c = as('tenant-c-tenant-c');
const d = as('tenant-d-tenant-d');

const begin = async (who = a): Promise<string> => {
  const begun = await who('POST', '/conversations', { flow: 'order' });
  return begun.json<{ id: string }>().id;
};

const question = 'Which size?\n1. Small\n2. Large';

const say = (id: string, content: unknown, messageId?: string) =>
  a('POST', `/conversations/${id}/messages`, { content, ...(messageId && { messageId }) });

describe('V2 V18 conversations over HTTP', () => {
  test('are started, answered, and shown with what they ask for', async () => {
    const begun = await a('POST', '/conversations', { flow: 'order', userId: 'ada' });
    expect(begun.statusCode).toBe(201);
    const { id, replies } = begun.json();
    expect(begun.headers['location']).toBe(`/conversations/${id}`);
    expect(replies).toMatchObject([{ content: question, expects: { kind: 'choice' } }]);
    expect((await say(id, 'Huge')).json()).toMatchObject({
      replies: [{ expects: { attempt: 2 } }],
    });
    expect((await say(id, 'Large')).json()).toMatchObject({
      id,
      replies: [{ content: 'Which order number?' }],
      step: 'number',
    });
    expect((await a('GET', `/conversations/${id}`)).json()).toMatchObject({
      id,
      flow: 'order',
      status: 'active',
      step: 'number',
      session: { userId: 'ada' },
      pending: { prompt: 'Which order number?' },
      progress: { done: 1, total: 4 },
    });
  });

  test('L8 a message that comes again gets the stored reply, another one with its id is refused', async () => {
    const id = await begin();
    const first = await say(id, 'Small', 'm1');
    const again = await say(id, 'Small', 'm1');
    expect(again.json()).toEqual({ ...first.json(), repeated: true });
    const other = await say(id, 'Large', 'm1');
    expect(other.statusCode).toBe(422);
    expect(other.json()).toMatchObject({ code: 'key_reused' });
  });

  test('T34 an Idempotency-Key begins one conversation, and no other', async () => {
    const key = { 'idempotency-key': 'order-17' };
    const body = { flow: 'order', userId: 'ada', message: { content: 'Hello' } };
    const [first, second] = await Promise.all([
      c('POST', '/conversations', body, key),
      c('POST', '/conversations', body, key),
    ]);
    // In flight it is refused, as long as the first one is not done.
    expect([first!.statusCode, second!.statusCode].toSorted()).toEqual([201, 409]);
    const again = await c('POST', '/conversations', body, key);
    const { id } = [first!, second!].find(({ statusCode }) => statusCode === 201)!.json();
    expect(again.json()).toMatchObject({ id, repeated: true });
    for (const other of [
      { flow: 'order', userId: 'ada' },
      { ...body, userId: 'bob' },
      { ...body, message: { content: 'Hi' } },
    ]) {
      const refused = await c('POST', '/conversations', other, key);
      expect([refused.statusCode, refused.json()]).toMatchObject([422, { code: 'key_reused' }]);
    }
    // Another caller's key is another key.
    const others = await d('POST', '/conversations', body, key);
    expect(others.json()).toMatchObject({ repeated: false });
    expect((await c('GET', '/conversations')).json().items).toHaveLength(1);
  });

  test('are listed by page, with a link to the next', async () => {
    const e = as('tenant-e-tenant-e');
    const ids = [await begin(e), await begin(e), await begin(e)];
    await e('POST', `/conversations/${ids[0]}/cancel`);
    const first = await e('GET', '/conversations?limit=2');
    const { items, nextCursor } = first.json();
    expect(items).toHaveLength(2);
    expect(first.headers['link']).toBe(
      `</conversations?limit=2&cursor=${encodeURIComponent(nextCursor)}>; rel="next"`,
    );
    const rest = await e('GET', `/conversations?limit=2&cursor=${nextCursor}`);
    expect(rest.json().items).toHaveLength(1);
    const ended = await e('GET', '/conversations?status=cancelled&status=completed&flow=order');
    expect(ended.json().items).toMatchObject([{ id: ids[0], status: 'cancelled' }]);
    const wrong = await e('GET', '/conversations?cursor=x');
    expect([wrong.statusCode, wrong.json()]).toMatchObject([
      400,
      { errors: [{ pointer: '/cursor' }] },
    ]);
  });

  test('V18 are rolled back to a checkpoint, where another answer wins', async () => {
    const id = await begin();
    const made = await a('POST', `/conversations/${id}/checkpoints`, { label: 'before' });
    expect(made.json()).toMatchObject({ label: 'before', step: 'size' });
    await say(id, 'Small');
    const listed = await a('GET', `/conversations/${id}/checkpoints`);
    expect(listed.json().items).toContainEqual(made.json());
    const back = await a('POST', `/conversations/${id}/rollback`, { checkpoint: 'before' });
    expect(back.json()).toMatchObject({ step: 'size', replies: [{ content: question }] });
    await say(id, 'Large');
    expect((await a('GET', `/conversations/${id}`)).json().state).toMatchObject({ size: 'large' });
    const both = await a('POST', `/conversations/${id}/rollback`, { steps: 1, version: 1 });
    expect([both.statusCode, both.json().errors[0].pointer]).toEqual([400, '/version']);
  });

  test('are paused, resumed, skipped, cancelled and removed, with 409 for a message out of time', async () => {
    const id = await begin();
    const steer = (how: string) => a('POST', `/conversations/${id}/${how}`);
    expect((await steer('pause')).json()).toMatchObject({ status: 'paused' });
    expect((await say(id, 'Small')).statusCode).toBe(409);
    expect((await steer('resume')).json()).toMatchObject({ status: 'active' });
    expect((await steer('skip')).json()).toMatchObject({ step: 'number' });
    expect((await steer('cancel')).json()).toMatchObject({ status: 'cancelled' });
    const late = await say(id, 'Small');
    expect([late.statusCode, late.json()]).toMatchObject([409, { code: 'conflict' }]);
    expect((await a('DELETE', `/conversations/${id}`)).json()).toEqual({ id, deleted: true });
    expect((await a('GET', `/conversations/${id}`)).statusCode).toBe(404);
  });

  test('V22 tell what happened', async () => {
    const id = await begin();
    await say(id, 'Small', 'm1');
    const { items } = (await a('GET', `/conversations/${id}/history?after=1`)).json();
    expect(items).toMatchObject([
      { version: 2, messageId: 'm1', at: expect.stringMatching(/^\d{4}-.*Z$/) },
    ]);
    expect(items[0].events.map(({ type }: { type: string }) => type)).toEqual(
      expect.arrayContaining(['message', 'step', 'reply', 'state']),
    );
  });

  test('two messages at once are both answered, in order', async () => {
    const id = await begin();
    const [first, second] = await Promise.all([say(id, 'Small'), say(id, '17')]);
    expect(first!.json()).toMatchObject({ step: 'number' });
    expect(second!.json()).toMatchObject({ step: 'payment', status: 'waiting' });
  });
});

describe('V2 flows over HTTP', () => {
  test('are listed, described, and drawn as asked for', async () => {
    expect((await a('GET', '/conversations/flows')).json()).toMatchObject({
      items: [{ id: 'order', steps: ['size', 'number', 'payment', 'thanks'] }],
    });
    expect((await a('GET', '/conversations/flows/order')).json()).toMatchObject({
      id: 'order',
      start: 'size',
      events: ['payment_confirmed'],
      mermaid: expect.stringContaining('flowchart TD'),
    });
    const drawn = (accept: string) =>
      a('GET', '/conversations/flows/order/graph', undefined, { accept });
    const picture = await drawn('image/svg+xml');
    expect(picture.headers['content-type']).toBe('image/svg+xml');
    expect(picture.body).toContain('<svg');
    expect((await drawn('text/vnd.mermaid')).body).toContain('flowchart TD');
    expect((await drawn('application/pdf')).statusCode).toBe(406);
    const unknown = await a('GET', '/conversations/flows/ordr');
    expect([unknown.statusCode, unknown.json()]).toMatchObject([
      404,
      { detail: 'No flow ordr; did you mean order?' },
    ]);
  });

  test('every route is in the OpenAPI description', async () => {
    const { paths } = (await unhurried(() => app.inject('/openapi.json'))).json();
    expect(Object.keys(paths).filter((path) => path.startsWith('/conversations'))).toEqual(
      expect.arrayContaining([
        '/conversations',
        '/conversations/flows',
        '/conversations/flows/{flow}',
        '/conversations/flows/{flow}/graph',
        ...Object.values(routes).map(([, path]) => path.replace(':id', '{id}')),
      ]),
    );
    expect(paths['/conversations'].post.responses).toHaveProperty('201');
  });
});

/** Every route of one conversation. */
const routes: Record<string, [Method, string, object?]> = {
  status: ['GET', '/conversations/:id'],
  message: ['POST', '/conversations/:id/messages', { content: 'Small' }],
  history: ['GET', '/conversations/:id/history'],
  checkpoints: ['GET', '/conversations/:id/checkpoints'],
  checkpoint: ['POST', '/conversations/:id/checkpoints', {}],
  rollback: ['POST', '/conversations/:id/rollback', { version: 1 }],
  pause: ['POST', '/conversations/:id/pause'],
  resume: ['POST', '/conversations/:id/resume'],
  skip: ['POST', '/conversations/:id/skip'],
  cancel: ['POST', '/conversations/:id/cancel'],
  delete: ['DELETE', '/conversations/:id'],
  events: ['GET', '/conversations/:id/events'],
};

describe("T22 V20 another tenant's conversation", () => {
  test.each(Object.entries(routes))('%s: is not found', async (_, [method, path, body]) => {
    const id = await begin();
    const before = (await a('GET', `/conversations/${id}`)).json();
    for (const key of ['tenant-b-tenant-b', 'default-default-1', 'master-master-master']) {
      const refused = await as(key)(method, path.replace(':id', id), body);
      expect([refused.statusCode, refused.json()]).toMatchObject([404, { code: 'not_found' }]);
    }
    expect((await a('GET', `/conversations/${id}`)).json()).toEqual(before);
  });

  test('is in no list, and no key of another caller has the name of the main tenant', async () => {
    await begin();
    const mine = await begin(as('master-master-master'));
    for (const key of ['tenant-b-tenant-b', 'default-default-1'])
      expect((await as(key)('GET', '/conversations')).json().items).toEqual([]);
    expect((await as('default-default-1')('GET', `/conversations/${mine}`)).statusCode).toBe(404);
  });

  test('gets no event of mine', async () => {
    const id = await begin();
    await say(id, 'Small');
    await say(id, '18');
    const paid = { correlationId: '18', id: 'p1' };
    expect((await b('POST', '/events/payment_confirmed', paid)).json()).toMatchObject({
      outcome: 'kept',
    });
    expect((await a('GET', `/conversations/${id}`)).json()).toMatchObject({ status: 'waiting' });
  });

  test('a key may do what its workflows name, and nothing else', async () => {
    const reader = as('reader-reader-1');
    expect((await reader('GET', '/conversations/flows')).statusCode).toBe(200);
    for (const [method, path, body] of Object.values(routes))
      expect((await reader(method, path.replace(':id', 'x'), body)).statusCode).toBe(403);
    expect((await reader('POST', '/conversations', { flow: 'order' })).statusCode).toBe(403);
    const sent = await reader('POST', '/events/payment_confirmed', { correlationId: '17' });
    expect(sent.statusCode).toBe(403);
  });
});

describe('malformed requests', () => {
  test.each(Object.entries(routes))(
    'T21 %s: an id that is none',
    async (_, [method, path, body]) => {
      for (const id of ['a%00b', '..%2f..%2fetc', 'a:b', 'x'.repeat(65)]) {
        const refused = await a(method, path.replace(':id', id), body);
        expect([id, refused.statusCode]).toEqual([id, 400]);
      }
    },
  );

  test('T20 bodies are refused with a pointer to what is wrong', async () => {
    const id = await begin();
    const url = `/conversations/${id}/messages`;
    const pointer = async (path: string, body: object) => {
      const refused = await a('POST', path, body);
      expect(refused.statusCode).toBe(400);
      return refused.json().errors.map((each: { pointer: string }) => each.pointer);
    };
    expect(await pointer(url, {})).toEqual(['/content']);
    expect(await pointer(url, { content: 'a', contents: 'b' })).toEqual(['/contents']);
    expect(await pointer(url, { content: 'a', messageId: 'a/b' })).toEqual(['/messageId']);
    expect(await pointer('/conversations', { flow: 5 })).toEqual(['/flow']);
    const proto = await unhurried(() =>
      app.inject({
        method: 'POST',
        url,
        headers: { authorization: 'Bearer tenant-a-tenant-a', 'content-type': 'application/json' },
        payload: '{"content":{"__proto__":{"x":1}}}',
      }),
    );
    expect(proto.statusCode).toBe(400);
    const deep = await unhurried(() =>
      app.inject({
        method: 'POST',
        url,
        headers: { authorization: 'Bearer tenant-a-tenant-a', 'content-type': 'application/json' },
        payload: '['.repeat(500_000),
      }),
    );
    expect(deep.statusCode).toBe(400);
    expect((await a('GET', `/conversations/${id}`)).json()).toMatchObject({ version: 1 });
  });
});

describe('L6 events from outside', () => {
  test('go to the conversation that waits for them, once', async () => {
    const id = await begin();
    await say(id, 'Small');
    await say(id, '19');
    const paid = { correlationId: '19', payload: { amount: 5 } };
    const header = { 'idempotency-key': 'p1' };
    const taken = await a('POST', '/events/payment_confirmed', paid, header);
    expect(taken.json()).toEqual({ id: 'p1', outcome: 'taken', conversation: id });
    const again = await a('POST', '/events/payment_confirmed', paid, header);
    expect(again.json()).toMatchObject({ id: 'p1', outcome: 'known' });
    expect((await a('GET', `/conversations/${id}`)).json()).toMatchObject({ status: 'completed' });
  });

  test('are kept when they come early', async () => {
    const paid = { correlationId: '20', id: 'p1' };
    const early = await a('POST', '/events/payment_confirmed', paid);
    expect(early.json()).toEqual({ id: 'p1', outcome: 'kept' });
    const id = await begin();
    await say(id, 'Small');
    await say(id, '20');
    await vi.waitUntil(
      async () => (await a('GET', `/conversations/${id}`)).json().status === 'completed',
      { timeout: 20_000 },
    );
  });

  test('are listed by type, and refused without a correlation id when nothing else takes them', async () => {
    expect((await a('GET', '/events')).json().items).toMatchObject([
      { type: 'payment_confirmed', payloads: [{ flow: 'order', effect: 'continues' }] },
    ]);
    expect((await a('POST', '/events/payment_confirmed', { amount: 5 })).statusCode).toBe(404);
    const wrong = await a('POST', '/events/payment_confirmed', { correlationId: '' });
    expect([wrong.statusCode, wrong.json()]).toMatchObject([
      400,
      { errors: [{ pointer: '/correlationId' }] },
    ]);
  });
});

describe('A conversation as server-sent events', () => {
  const listen = async (): Promise<string> => {
    await app.listen({ host: '127.0.0.1', port: 0 });
    return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  };

  /** Reads until the text is there. */
  async function reads(url: string, until: string, headers: Headers = {}): Promise<string> {
    const stop = new AbortController();
    const ask = async () => {
      const answer = await fetch(url, {
        headers: { authorization: 'Bearer tenant-a-tenant-a', ...headers },
        signal: stop.signal,
      });
      return { statusCode: answer.status, answer };
    };
    const { answer: response } = await unhurried(ask);
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes(until)) break;
    }
    stop.abort();
    return text;
  }

  test('tells replies and commits, and goes on by Last-Event-ID', async () => {
    const url = await listen();
    const id = await begin();
    const followed = reads(`${url}/conversations/${id}/events`, 'id: 2\n');
    await say(id, 'Small');
    const told = await followed;
    expect(told).toMatch(/event: reply\ndata: {"version":1,"content":"Which size\?/);
    expect(told).toContain('id: 1\nevent: entry\n');
    expect(told).toMatch(/event: reply\ndata: {"version":2,.*"content":"Which order number\?"/);
    await say(id, '17');
    const rest = await reads(`${url}/conversations/${id}/events`, 'id: 3\n', {
      'last-event-id': '2',
    });
    expect(rest).not.toContain('id: 2\n');
    const wrong = await a('GET', `/conversations/${id}/events?after=x`);
    expect(wrong.statusCode).toBe(400);
  });

  test('T27 a reader that stalls is dropped', async () => {
    await app.close();
    const { store } = embedded;
    app = await server({
      store,
      workflows: conversationWorkflows({ conversations }),
      conversations,
      conversationEvents: { stalled: 100 },
    });
    const url = new URL(await listen());
    const { id } = await conversations.start({
      tenant: 'default',
      flow: 'order',
      session: { id: 's' },
    });
    const key = { tenant: 'default', id };
    // More than the kernel takes for a reader that takes nothing.
    for (let turn = 0; turn < 120; turn++)
      await conversations.send(key, { content: 'x'.repeat(90_000) });
    await unhurried(() => app.inject('/healthz'));
    const socket = connect(Number(url.port), url.hostname);
    socket.on('error', () => undefined);
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.write(`GET /conversations/${id}/events HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`);
    socket.pause();
    const count = () =>
      new Promise<number>((resolve, reject) =>
        app.server.getConnections((error, open) => (error ? reject(error) : resolve(open))),
      );
    await vi.waitUntil(async () => (await count()) === 1, { timeout: 20_000 });
    await vi.waitUntil(async () => (await count()) === 0, { timeout: 20_000 });
    socket.destroy();
    await closed;
    expect(await count()).toBe(0);
  }, 60_000);
});
