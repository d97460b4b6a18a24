import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AgentEvent } from '../../src/agents/completion.ts';
import { configuredModels } from '../../src/agents/models.ts';
import { agentKit } from '../support/agents.ts';
import { chatServer, type ChatServer } from '../support/chat-server.ts';
import { SearchShelf } from '../support/sample-workflows.ts';

const search = [{ tool: 'search_shelf', args: { shelf: 'a' } }];
const key = 'sk-of-the-test-0123456789';

/** Agents that ask a server through the real @langchain/openai. */
const over = (
  { url: baseUrl }: Pick<ChatServer, 'url'>,
  parts: Partial<Parameters<typeof agentKit>[1]> = {},
) =>
  agentKit(
    {},
    {
      workflows: [new SearchShelf({})],
      model: 'openai:gpt-test',
      loadModel: configuredModels({ model: 'openai:gpt-test', apiKey: key, baseUrl }),
      ...parts,
    },
  );

beforeEach(() => void vi.stubEnv('OPENAI_API_KEY', undefined));
afterEach(() => void vi.unstubAllEnvs());

describe('A20 an agent over an OpenAI-compatible server', () => {
  test('sends the tools, carries out what the model calls, and counts the tokens', async () => {
    await using server = await chatServer(search, search, 'It is on shelf a.');
    await using kit = await over(server);
    const events: AgentEvent[] = [];
    const answer = await kit.agents.complete(
      'assistant',
      { message: 'Where?' },
      { onEvent: (event) => void events.push(event) },
    );
    expect(answer).toMatchObject({
      text: 'It is on shelf a.',
      toolCalls: [
        { name: 'search_shelf', failed: false },
        { name: 'search_shelf', failed: false },
      ],
      usage: { modelCalls: 3, toolCalls: 2, inputTokens: 300, outputTokens: 30 },
    });
    const [first, , last] = server.requests;
    expect(first).toMatchObject({
      model: 'gpt-test',
      stream: true,
      authorization: `Bearer ${key}`,
      tools: [{ function: { name: 'search_shelf' } }],
      messages: [{ role: 'system' }, { role: 'user', content: 'Where?' }],
    });
    expect(last!.messages.map(({ role }) => role)).toEqual(
      'system user assistant tool assistant tool'.split(' '),
    );
    const tokens = events.flatMap((event) => (event.type === 'token' ? [event.text] : []));
    expect(tokens).toEqual(['It ', 'is ', 'on ', 'shelf ', 'a.']);
  });

  test('is told on its last turn that it may call no more tools', async () => {
    await using server = await chatServer(search, 'I am not sure.');
    await using kit = await over(server, { limits: { modelCalls: 2 } });
    const answer = await kit.agents.complete('assistant', { message: 'Where?' });
    expect(answer).toMatchObject({ text: 'I am not sure.', finish: 'limited' });
    expect(server.requests.map((request) => request.tool_choice)).toEqual([undefined, 'none']);
  });

  test.each([
    [400, 'integration_refused', 'It does not work'],
    [404, 'integration_refused', 'It does not work'],
    [429, 'too_many_requests', 'It does not work'],
  ])('tells what the server refuses: %i is %s', async (status, code, message) => {
    const reply = { status, message: `It does not work, ${key}` };
    await using server = await chatServer(reply, reply, reply);
    await using kit = await over(server);
    const asked = await kit.agents
      .complete('assistant', { message: 'Hi' })
      .catch((error: unknown) => error as Error);
    expect(asked).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('says what to set when the key is refused, and does not repeat what the server says of it', async () => {
    const reply = { status: 401, message: `Incorrect API key provided: ${key}` };
    await using server = await chatServer(reply);
    await using kit = await over(server);
    await expect(kit.agents.complete('assistant', { message: 'Hi' })).rejects.toMatchObject({
      code: 'integration_refused',
      message:
        'The provider of openai:gpt-test refused the key; set agents.apiKey (GRAPHWRIGHT_AGENTS_API_KEY)',
    });
  });

  test('fails when there is no server', async () => {
    await using kit = await over({ url: 'http://127.0.0.1:9/v1' });
    await expect(kit.agents.complete('assistant', { message: 'Hi' })).rejects.toMatchObject({
      code: 'integration_failed',
      retriable: true,
    });
  });

  test.each([
    ['that are not JSON', '{"shelf": a}', 'not a JSON object'],
    ['that break off', '{"shelf": "a", "limit": 1', 'not a JSON object'],
    ['that are a list', '["a"]', 'not a JSON object'],
    ['with a key of JavaScript', '{"shelf":"a","near":{"__proto__":{"x":1}}}', '__proto__'],
    ['that nest 50,000 levels deep', `{"shelf":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, '64'],
  ])('T20 tells the model of arguments %s, and goes on', async (_, args, message) => {
    const wrong = [{ tool: 'search_shelf', args }];
    await using server = await chatServer(wrong, search, 'On shelf a.');
    await using kit = await over(server);
    const { text, toolCalls } = await kit.agents.complete('assistant', { message: 'Where?' });
    expect(text).toBe('On shelf a.');
    expect(toolCalls.map(({ failed }) => failed)).toEqual([true, false]);
    expect(toolCalls[0]!.result).toContain('invalid_parameters');
    expect(toolCalls[0]!.result).toContain(message);
  });

  test('T18 ends at 1 MiB of an answer in one piece, however small it came packed', async () => {
    const packed = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '));
    const raw = (response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(packed);
    };
    await using server = await chatServer({ raw }, { raw });
    await using kit = await over(server);
    await expect(kit.agents.complete('assistant', { message: 'Hi' })).rejects.toMatchObject({
      code: 'integration_refused',
      message: expect.stringContaining('1048576 bytes'),
    });
  });

  test('T18 has no patience with a server that sends a little all the time', async () => {
    const raw = (response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const drip = setInterval(() => response.write(':\n\n'), 50);
      response.on('close', () => clearInterval(drip));
    };
    await using server = await chatServer({ raw });
    await using kit = await over(server, { limits: { timeout: 700 } });
    await expect(kit.agents.complete('assistant', { message: 'Hi' })).rejects.toMatchObject({
      code: 'timeout',
    });
    await vi.waitUntil(() => server.abandoned() === 1, { timeout: 20_000 });
  });

  test('lets go of the connection when it is cancelled or late', async () => {
    for (const how of ['cancelled', 'timeout'] as const) {
      await using server = await chatServer('never');
      await using kit = await over(server, {
        limits: { timeout: how === 'timeout' ? 500 : 60_000 },
      });
      const stop = new AbortController();
      const { signal } = stop;
      const asked = kit.agents.complete('assistant', { message: 'Hi' }, { signal });
      const failed = asked.catch((error: unknown) => error);
      await vi.waitUntil(() => server.requests.length === 1, { timeout: 20_000 });
      if (how === 'cancelled') stop.abort();
      expect(await failed).toMatchObject({ code: how });
      await vi.waitUntil(() => server.abandoned() === 1, { timeout: 20_000 });
    }
  });
});

describe('models', () => {
  test('one that needs a key says what to set', async () => {
    await using kit = await agentKit(
      {},
      { model: 'openai:gpt-test', loadModel: configuredModels({ model: 'openai:gpt-test' }) },
    );
    await expect(kit.agents.complete('assistant', { message: 'Hi' })).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('GRAPHWRIGHT_AGENTS_API_KEY'),
    });
  });

  test('an unknown provider is refused', async () => {
    await using kit = await agentKit(
      {},
      { model: 'oracle:delphi', loadModel: configuredModels({ model: 'oracle:delphi' }) },
    );
    await expect(kit.agents.complete('assistant', { message: 'Hi' })).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('oracle:delphi'),
    });
  });

  test('another of the same provider is asked at the same place, one of another provider is not', async () => {
    await using server = await chatServer('Small answer.');
    const role = { description: 'Answers.', systemMessage: 'Answer.' };
    const definitions = [
      { ...role, name: 'small', model: 'openai:gpt-small' },
      { ...role, name: 'foreign', model: 'anthropic:claude-test' },
    ];
    await using kit = await over(server, { definitions });
    const { text } = await kit.agents.complete('small', { message: 'Hi' });
    expect(text).toBe('Small answer.');
    expect(server.requests[0]).toMatchObject({ model: 'gpt-small' });
    await expect(kit.agents.complete('foreign', { message: 'Hi' })).rejects.toMatchObject({
      code: 'invalid_configuration',
    });
    expect(server.requests).toHaveLength(1);
  });

  test('one that says nothing is a failure, and nothing is remembered', async () => {
    await using server = await chatServer('');
    await using kit = await over(server);
    const caller = { name: 'silent' };
    await expect(
      kit.agents.complete('assistant', { message: 'Hi' }, { caller }),
    ).rejects.toMatchObject({ code: 'integration_failed' });
    expect(await kit.agents.threads.list('silent', { limit: 5 })).toEqual({ items: [] });
  });
});
