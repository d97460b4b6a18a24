import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { configuredModels } from '../../src/agents/models.ts';
import { conversationAgents } from '../../src/agents/conversation-agents.ts';
import { agentKit } from '../support/agents.ts';
import { chatServer, type ChatReply } from '../support/chat-server.ts';
import { PlanOrder, SearchShelf } from '../support/sample-workflows.ts';
import { tracedToMemory, type Spans } from '../support/spans.ts';
import { testApp } from '../server/apps.ts';

const search = [{ tool: 'search_shelf', args: { shelf: 'a' } }];
const ask = [{ tool: 'ask_graph_analyst', args: { task: 'A secret task' } }];
const message = 'Where is the secret?';

/** Agents whose model is asked over HTTP by the real client, and says these things. */
async function asked(
  replies: readonly ChatReply[],
  parts: Partial<Parameters<typeof agentKit>[1]> = {},
) {
  const server = await chatServer(...replies);
  const model = 'openai:gpt-test';
  const loadModel = configuredModels({ model, apiKey: 'k', baseUrl: server.url });
  const workflows = [new SearchShelf({}), new PlanOrder({})];
  const kit = await agentKit({}, { workflows, model, loadModel, ...parts });
  return {
    ...kit,
    server,
    async [Symbol.asyncDispose]() {
      await kit[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Each span by the names of all that it is a part of. */
function paths(spans: Spans): string[] {
  const all = spans.all();
  const path = (span: ReadableSpan): string => {
    const id = span.parentSpanContext?.spanId;
    const parent = all.find((other) => other.spanContext().spanId === id);
    return parent ? `${path(parent)} > ${span.name}` : span.name;
  };
  return all.map(path).toSorted();
}

const told = (spans: Spans) =>
  JSON.stringify(
    spans.all().map(({ name, attributes, events, status }) => [name, attributes, events, status]),
  );

beforeEach(() => void vi.stubEnv('OPENAI_API_KEY', undefined));
afterEach(() => void vi.unstubAllEnvs());

describe('the span of an answer', () => {
  test('holds the calls of the model and of the tools, and tells agent, thread and tokens', async () => {
    await using spans = await tracedToMemory();
    await using kit = await asked([search, 'On shelf a.']);
    const { threadId } = await kit.agents.complete('assistant', { message });
    expect(paths(spans)).toEqual([
      'invoke_agent assistant',
      'invoke_agent assistant > chat gpt-test',
      'invoke_agent assistant > chat gpt-test',
      'invoke_agent assistant > execute_tool search_shelf',
      'invoke_agent assistant > execute_tool search_shelf > run search_shelf',
    ]);
    const span = spans.named('invoke_agent assistant');
    expect([span.kind, span.status.code]).toEqual([SpanKind.INTERNAL, SpanStatusCode.UNSET]);
    expect(span.attributes).toEqual({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'assistant',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-test',
      'gen_ai.conversation.id': threadId,
      'gen_ai.usage.input_tokens': 200,
      'gen_ai.usage.output_tokens': 20,
    });
    expect(told(spans)).not.toContain('secret');
  });

  test('holds the answers of the agents that it asks, and counts their tokens as well', async () => {
    await using spans = await tracedToMemory();
    await using kit = await asked([ask, search, 'On shelf a.', 'It is there.']);
    const { threadId, usage } = await kit.agents.complete('supervisor', { message });
    const top = 'invoke_agent supervisor';
    const below = `${top} > invoke_agent graph_analyst`;
    expect(paths(spans)).toEqual([
      top,
      `${top} > chat gpt-test`,
      `${top} > chat gpt-test`,
      below,
      `${below} > chat gpt-test`,
      `${below} > chat gpt-test`,
      `${below} > execute_tool search_shelf`,
      `${below} > execute_tool search_shelf > run search_shelf`,
    ]);
    expect(spans.named('invoke_agent graph_analyst').attributes).toMatchObject({
      'gen_ai.agent.name': 'graph_analyst',
      'gen_ai.conversation.id': threadId,
      'gen_ai.usage.input_tokens': 200,
    });
    expect(spans.named(top).attributes).toMatchObject({
      'gen_ai.usage.input_tokens': usage.inputTokens,
      'gen_ai.usage.output_tokens': usage.outputTokens,
    });
    expect(usage.inputTokens).toBe(400);
    expect(told(spans)).not.toContain('secret');
  });

  test('tells why there is none, and the tokens that were spent', async () => {
    await using spans = await tracedToMemory();
    const limits = { tokens: 50 };
    await using kit = await asked([search, 'Never said.'], { limits });
    await expect(kit.agents.complete('assistant', { message })).rejects.toMatchObject({
      code: 'limit_reached',
    });
    expect(spans.named('invoke_agent assistant')).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': 'limit_reached', 'gen_ai.usage.input_tokens': 100 },
    });
  });

  test('tells of an agent below it why it has no answer, and goes on', async () => {
    await using spans = await tracedToMemory();
    const broken = { status: 400, message: 'A secret reason' };
    await using kit = await asked([ask, broken, 'I could not find out.']);
    expect((await kit.agents.complete('supervisor', { message })).finish).toBe('answered');
    expect(spans.named('invoke_agent graph_analyst').attributes['error.type']).toBe(
      'integration_refused',
    );
    expect(spans.named('invoke_agent supervisor').status.code).toBe(SpanStatusCode.UNSET);
    expect(told(spans)).not.toContain('secret');
  });

  test('names what ended it in all agents that were at work', async () => {
    await using spans = await tracedToMemory();
    await using kit = await asked([ask, 'never']);
    const late = new AbortController();
    const answer = kit.agents.complete('supervisor', { message }, { signal: late.signal });
    answer.catch(() => undefined);
    await expect.poll(() => kit.server.requests.length, { timeout: 20_000 }).toBe(2);
    late.abort(new DOMException('Too late', 'TimeoutError'));
    await expect(answer).rejects.toMatchObject({ code: 'timeout' });
    const codes = ['supervisor', 'graph_analyst'].map(
      (name) => spans.named(`invoke_agent ${name}`).attributes['error.type'],
    );
    expect(codes).toEqual(['timeout', 'timeout']);
  });

  test('has no thread in a conversation that is kept elsewhere, and the words where they are asked for', async () => {
    await using spans = await tracedToMemory({ content: true });
    await using kit = await asked(['On shelf a.']);
    const { assistant } = conversationAgents(kit.agents);
    await assistant!.respond(
      { prompt: message, history: [] } as never,
      AbortSignal.timeout(60_000),
    );
    const { attributes } = spans.named('invoke_agent assistant');
    expect(attributes).not.toHaveProperty(['gen_ai.conversation.id']);
    expect(attributes['gen_ai.input.messages']).toBe(
      JSON.stringify([{ role: 'human', content: message }]),
    );
  });
});

describe('the span of an answer over HTTP', () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
  const headers = { 'content-type': 'application/json', traceparent };

  /** A server that listens, with such agents. */
  async function served(...replies: ChatReply[]) {
    const kit = await asked(replies);
    const { app, ...tested } = await testApp({ agents: kit.agents });
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    // A machine that was too busy to answer turns requests away.
    const status = async () => (await fetch(`${url}/agents`)).status;
    await expect.poll(status, { timeout: 20_000 }).toBe(200);
    return {
      ...kit,
      url,
      port: (app.server.address() as AddressInfo).port,
      async [Symbol.asyncDispose]() {
        await tested[Symbol.asyncDispose]();
        await kit[Symbol.asyncDispose]();
      },
    };
  }

  test.each(['completion', 'stream-completion'])(
    'is a part of its request in the trace of the client: %s',
    async (how) => {
      await using spans = await tracedToMemory();
      await using here = await served(search, 'On shelf a.');
      const path = `/agents/assistant/${how}`;
      const body = JSON.stringify({ message });
      const answer = await fetch(here.url + path, { method: 'POST', headers, body });
      expect(await answer.text()).toContain('On shelf a.');
      const request = `POST /agents/:name/${how}`;
      await expect.poll(spans.names, { timeout: 20_000 }).toContain(request);
      const inner = `${request} > invoke_agent assistant`;
      expect(paths(spans).filter((each) => each.startsWith(request))).toEqual([
        request,
        inner,
        `${inner} > chat gpt-test`,
        `${inner} > chat gpt-test`,
        `${inner} > execute_tool search_shelf`,
        `${inner} > execute_tool search_shelf > run search_shelf`,
      ]);
      expect(spans.named('invoke_agent assistant').spanContext().traceId).toBe(traceId);
      expect(spans.named('invoke_agent assistant').status.code).toBe(SpanStatusCode.UNSET);
    },
  );

  test('ends with the stream, not before it', async () => {
    await using spans = await tracedToMemory();
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    const rest = async (response: ServerResponse) => {
      const chunk = (delta: object, finish_reason: string | null = null) =>
        `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-test', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ role: 'assistant', content: 'On ' }));
      await held;
      response.end(`${chunk({ content: 'a.' })}${chunk({}, 'stop')}data: [DONE]\n\n`);
    };
    await using here = await served({ raw: (response) => void rest(response) });
    const url = `${here.url}/agents/assistant/stream-completion`;
    const body = JSON.stringify({ message });
    const answer = await fetch(url, { method: 'POST', headers, body });
    let text = '';
    let endedEarly: string[] | undefined;
    for await (const part of answer.body!) {
      text += Buffer.from(part).toString();
      if (endedEarly || !text.includes('"On "')) continue;
      endedEarly = spans.names().filter((name) => name.startsWith('invoke_agent'));
      release();
    }
    expect(text).toContain('"text":"On a."');
    expect(endedEarly).toEqual([]);
    await expect.poll(spans.names, { timeout: 20_000 }).toContain('invoke_agent assistant');
  });

  test.each(['completion', 'stream-completion'])(
    'ends as cancelled when the client leaves: %s',
    async (how) => {
      await using spans = await tracedToMemory();
      await using here = await served('never');
      const socket = connect(here.port, '127.0.0.1');
      await once(socket, 'connect');
      const body = JSON.stringify({ message });
      socket.write(
        `POST /agents/assistant/${how} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      await expect.poll(() => here.server.requests.length, { timeout: 20_000 }).toBe(1);
      expect(spans.names()).not.toContain('invoke_agent assistant');
      socket.destroy();
      await expect.poll(spans.names, { timeout: 20_000 }).toContain('invoke_agent assistant');
      expect(spans.named('invoke_agent assistant')).toMatchObject({
        status: { code: SpanStatusCode.ERROR },
        attributes: { 'error.type': 'cancelled' },
      });
    },
  );
});
