import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { GraphwrightError } from '../../../src/errors.ts';
import { ChatModelLanguage } from '../../../src/integrations/language/chat-model-language.ts';
import { chatModel } from '../../../src/integrations/language/chat-model.ts';
import { WinkLanguage } from '../../../src/integrations/language/wink-language.ts';
import { httpServer, json, type Answer } from '../support/http-server.ts';

interface Call {
  authorization: string | undefined;
  body: { model: string; messages: { role: string; content: string }[] };
}

const completion = (content: string): Answer =>
  json({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'tiny',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });

/** A server that speaks OpenAI's chat completions, and a language that asks it through @langchain/openai. */
async function served(answer: Answer, timeout = 10_000) {
  const calls: Promise<Call>[] = [];
  const server = await httpServer((request, response, number) => {
    calls.push(read(request));
    answer(request, response, number);
  });
  const fallbacks: GraphwrightError[] = [];
  const language = new ChatModelLanguage({
    model: () => chatModel({ model: 'openai:tiny', apiKey: 'k1', baseUrl: `${server.url}/v1` }),
    fallback: new WinkLanguage(),
    onFallback: (error) => void fallbacks.push(error),
    timeout,
  });
  const { requests, close } = server;
  return { language, fallbacks, requests, calls, [Symbol.asyncDispose]: close };
}

async function read(request: IncomingMessage): Promise<Call> {
  const { authorization } = request.headers;
  return { authorization, body: JSON.parse(await text(request)) };
}

const analysis = { sentiment: 'negative', score: -0.7, confidence: 0.9, evidence: ['kaputt'] };
const german = 'Nach einem Tag kaputt.';

describe('A7 A8 a chat model over the OpenAI protocol', () => {
  test('is asked with model, key, rules and feedback, and answers', async () => {
    await using server = await served(completion(JSON.stringify(analysis)));
    expect(await server.language.analyzeSentiment(german)).toEqual(analysis);
    expect(server.fallbacks).toEqual([]);
    expect(server.requests).toEqual(['/v1/chat/completions']);
    const { authorization, body } = await server.calls[0]!;
    expect(authorization).toBe('Bearer k1');
    expect(body.model).toBe('tiny');
    expect(body.messages.map(({ role }) => role)).toEqual(['system', 'user']);
    expect(JSON.parse(body.messages[1]!.content)).toEqual({ feedback: german });
  });

  test('gives categories', async () => {
    const reply = { categories: ['bug', 'product'], evidence: { bug: ['kaputt'] } };
    await using server = await served(completion(JSON.stringify(reply)));
    const categories = ['product', 'bug'];
    expect(await server.language.categorize(german)).toEqual({ ...reply, categories });
  });

  test.each([
    [401, 'Incorrect API key'],
    [500, 'out of order'],
  ])('that answers %i lets the fallback answer', async (status, message) => {
    await using server = await served(json({ error: { message } }, status));
    expect(await server.language.analyzeSentiment('It is great')).toMatchObject({
      sentiment: 'positive',
    });
    expect(server.fallbacks).toMatchObject([{ code: 'integration_failed' }]);
    expect(server.fallbacks[0]!.message).toContain(message);
  });

  test('that is silent lets the fallback answer once the time is over', async () => {
    await using server = await served(() => {}, 500);
    expect(await server.language.categorize('Too expensive')).toMatchObject({
      categories: ['pricing'],
    });
    expect(server.fallbacks).toMatchObject([{ code: 'timeout' }]);
  });

  test('is hung up on when the caller aborts', async () => {
    const caller = new AbortController();
    let hungUp: (() => void) | undefined;
    const closed = new Promise<void>((resolve) => (hungUp = resolve));
    await using server = await served((request) => {
      request.socket.once('close', () => hungUp!());
      caller.abort();
    });
    const call = server.language.analyzeSentiment(german, caller.signal);
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    await closed;
    expect(server.fallbacks).toEqual([]);
  });

  test.each([
    ['nobody:tiny', 'nobody:tiny'],
    ['anthropic:claude', '@langchain/anthropic'],
  ])('named %j is refused with a reason', async (model, reason) => {
    const made = chatModel({ model });
    await expect(made).rejects.toMatchObject({ code: 'invalid_configuration' });
    await expect(made).rejects.toThrow(reason);
  });
});
