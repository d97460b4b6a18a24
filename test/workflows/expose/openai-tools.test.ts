import type { IncomingMessage, ServerResponse } from 'node:http';
import { json as readJson } from 'node:stream/consumers';
import { ChatOpenAI } from '@langchain/openai';
import { ToolMessage } from '@langchain/core/messages';
import { createAgent } from 'langchain';
import { describe, expect, test } from 'vitest';
import { loadConfiguration } from '../../../src/configuration.ts';
import { openApplication } from '../../../src/server/application.ts';
import { asTools } from '../../../src/workflows/expose/langchain.ts';
import type { JsonSchema } from '../../../src/workflows/expose/schemas.ts';
import { httpServer, json } from '../../integrations/support/http-server.ts';
import { temporaryDirectory } from '../../support/command.ts';
import { PlanOrder } from '../../support/sample-workflows.ts';

interface Sent {
  tools: { type: string; function: { name: string; strict?: boolean; parameters: unknown } }[];
  messages: { role: string; content: string; tool_call_id?: string }[];
}

const nulls = { tags: null, at: null, discount: null, giftWrap: null, priority: null };
const args = { orderId: 'o-1', address: { street: 'Korenlei 1', city: null }, lines: [], ...nulls };

/** A server that speaks OpenAI's protocol: asks for one call of the tool, then says that it is done. */
async function openai() {
  const sent: Sent[] = [];
  const reply = async (request: IncomingMessage, response: ServerResponse, number: number) => {
    sent.push((await readJson(request)) as Sent);
    const called = { name: 'plan_order', arguments: JSON.stringify(args) };
    const tool_calls = [{ id: 'call_1', type: 'function', function: called }];
    const message =
      number === 1
        ? { role: 'assistant', content: null, tool_calls }
        : { role: 'assistant', content: 'Done.' };
    const choices = [{ index: 0, finish_reason: 'stop', message }];
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    const answer = { id: 'c', object: 'chat.completion', created: 1, model: 'tiny' };
    json({ ...answer, choices, usage })(request, response, number);
  };
  const server = await httpServer((...asked) => void reply(...asked));
  return { sent, ...server };
}

/** How deep a schema nests objects, and how many properties it has in all. */
function extent({ properties = {}, items, anyOf = [] }: JsonSchema): {
  depth: number;
  count: number;
} {
  const inner = [...Object.values(properties), ...(items ? [items] : []), ...anyOf].map(extent);
  const own = Object.keys(properties).length;
  return {
    depth: Math.max(0, ...inner.map(({ depth }) => depth)) + (own ? 1 : 0),
    count: inner.reduce((sum, { count }) => sum + count, own),
  };
}

describe('A12 tools of an OpenAI model', () => {
  test('strict schemas reach the model as they are, and its call with nulls is carried out', async () => {
    await using server = await openai();
    const tools = asTools([new PlanOrder({})], { strict: true });
    const configuration = { baseURL: `${server.url}/v1` };
    const model = new ChatOpenAI({
      model: 'tiny',
      apiKey: 'k1',
      configuration,
      supportsStrictToolCalling: true,
    });
    const { messages } = await createAgent({ model, tools }).invoke({ messages: 'Plan it.' });
    const [first, second] = server.sent;
    expect(first!.tools).toEqual([
      expect.objectContaining({
        type: 'function',
        function: expect.objectContaining({
          name: 'plan_order',
          strict: true,
          parameters: tools[0]!.schema,
        }),
      }),
    ]);
    const answer = messages.find((message) => ToolMessage.isInstance(message));
    expect(answer?.artifact).toMatchObject({ orderId: 'o-1', to: 'Korenlei 1, Ghent' });
    // The model gets the short text and never the artifact beside it.
    expect(second!.messages.at(-1)).toMatchObject({ role: 'tool', tool_call_id: 'call_1' });
    expect(JSON.parse(second!.messages.at(-1)!.content)).toEqual(answer?.artifact);
  });

  test('every shipped one keeps to the limits of names, descriptions, depth and size', async () => {
    await using directory = await temporaryDirectory();
    const flags = { data: directory.path };
    const sources = { environment: {}, directory: directory.path, flags };
    const application = await openApplication(loadConfiguration(sources).configuration);
    for (const { name, description, schema } of asTools(application.workflows, { strict: true })) {
      const { depth, count } = extent(schema as JsonSchema);
      expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
      expect([name, description.length]).toEqual([
        name,
        expect.toSatisfy((length) => length <= 1024),
      ]);
      expect([name, depth, count]).toEqual([
        name,
        expect.toSatisfy((found) => found <= 5),
        expect.toSatisfy((found) => found <= 100),
      ]);
    }
    await application.close();
  });
});
