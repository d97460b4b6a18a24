import { ToolMessage } from '@langchain/core/messages';
import { ToolNode } from '@langchain/langgraph/prebuilt';
import { createAgent } from 'langchain';
import { describe, expect, test } from 'vitest';
import { asTools } from '../../../src/workflows/expose/langchain.ts';
import { scriptedModel } from '../../../src/testing/scripted-model.ts';
import {
  FailOnDemand,
  PlanOrder,
  SearchShelf,
  WaitForever,
} from '../../support/sample-workflows.ts';

const order = { orderId: 'o-1', address: { street: 'Korenlei 1' }, lines: [] };
const planned = {
  orderId: 'o-1',
  to: 'Korenlei 1, Ghent',
  pieces: 0,
  wrapped: true,
  rest: { tags: [], priority: 'low' },
};
const planOrder = () => asTools([new PlanOrder({})])[0]!;
const call = (name: string, args: Record<string, unknown>) =>
  ({ type: 'tool_call', id: 'c1', name, args }) as const;

describe('A12 a workflow as a LangChain tool', () => {
  test('has its name, and a description that says what it does to the world', () => {
    const [plan, search] = asTools([new PlanOrder({}), new SearchShelf({})]);
    expect(plan!.name).toBe('plan_order');
    expect(plan!.description).toMatch(/^Plan an order\. .*outside.*same parameters/);
    expect(search!.description).toBe('Search a shelf. Changes nothing.');
  });

  test('A3 has a schema with every description, and no definition left to look up', () => {
    const { schema } = planOrder();
    expect(schema).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['orderId', 'address', 'lines'],
      properties: {
        orderId: { type: 'string', description: 'Names the order' },
        address: { description: 'Where it goes', properties: { city: { default: 'Ghent' } } },
        giftWrap: { type: 'boolean', default: true, description: 'Whether to wrap it' },
        priority: { enum: ['low', 'high'], description: 'How soon', default: 'low' },
      },
    });
    expect(JSON.stringify(schema)).not.toContain('$ref');
  });

  test('gives JSON for the model and the object as artifact', async () => {
    const message = await planOrder().invoke(call('plan_order', order));
    expect(message).toBeInstanceOf(ToolMessage);
    expect(message).toMatchObject({ status: 'success', tool_call_id: 'c1', artifact: planned });
    expect(JSON.parse(message.content)).toEqual(planned);
    expect(JSON.parse(await planOrder().invoke(order))).toEqual(planned);
  });

  test('A15 throws the same coded error as any surface when a program calls it', async () => {
    await expect(planOrder().invoke({ ...order, colour: 'red' })).rejects.toMatchObject({
      name: 'GraphwrightError',
      code: 'invalid_parameters',
      problems: [{ pointer: '/colour', detail: 'Unknown key' }],
    });
    const fail = asTools([new FailOnDemand({})])[0]!;
    await expect(fail.invoke({ how: 'integration_failed' })).rejects.toMatchObject({
      code: 'integration_failed',
      retriable: true,
    });
  });

  test('A15 tells a model what to mend, and nothing of the inside of a defect', async () => {
    const bad = await planOrder().invoke(call('plan_order', { ...order, discount: 2 }));
    expect(bad.status).toBe('error');
    expect(JSON.parse(bad.content)).toEqual({
      error: 'invalid_parameters',
      message: expect.stringContaining('/discount'),
      retriable: false,
    });
    const fail = asTools([new FailOnDemand({})])[0]!;
    const defect = await fail.invoke(call('fail_on_demand', { how: 'defect' }));
    expect(defect.content).toContain('"internal"');
    expect(defect.content).not.toContain('secret');
    expect(JSON.stringify(defect)).not.toContain('secret');
  });

  test('tells the writer of progress', async () => {
    const told: unknown[] = [];
    const config = { writer: (chunk: unknown) => told.push(chunk) };
    await planOrder().invoke(order, config as object);
    expect(told).toEqual([{ workflow: 'plan_order', done: 1, total: 1, message: 'counted' }]);
  });

  test('is cancelled by the signal, and does not answer a cancelled agent', async () => {
    const stop = new AbortController();
    const waiting = asTools([new WaitForever({ began: () => stop.abort() })])[0]!;
    await expect(waiting.invoke({}, { signal: stop.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
    const { signal } = stop;
    await expect(waiting.invoke(call('wait_forever', {}), { signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

describe('A20 in an agent', () => {
  test('a bad call comes back to the model as an error to mend, a good one as the result', async () => {
    const model = await scriptedModel(
      [{ tool: 'plan_order', args: { ...order, colour: 'red' } }],
      [{ tool: 'fail_on_demand', args: { how: 'integration_failed' } }],
      [{ tool: 'plan_order', args: order }],
      'Done.',
    );
    const tools = asTools([new PlanOrder({}), new FailOnDemand({})]);
    const agent = createAgent({ model, tools });
    const { messages } = await agent.invoke({ messages: 'Plan my order.' });
    const answers = messages.filter((message) => ToolMessage.isInstance(message));
    expect(answers.map(({ status }) => status)).toEqual(['error', 'error', 'success']);
    expect(answers[0]!.content).toContain('/colour: Unknown key');
    expect(JSON.parse(String(answers[1]!.content))).toMatchObject({
      error: 'integration_failed',
      retriable: true,
    });
    expect(answers[2]!.artifact).toEqual(planned);
    expect(messages.at(-1)!.content).toBe('Done.');
  });

  test('progress streams out of the graph as custom events', async () => {
    const model = await scriptedModel([{ tool: 'plan_order', args: order }], 'Done.');
    const agent = createAgent({ model, tools: asTools([new PlanOrder({})]) });
    const chunks = [];
    for await (const chunk of await agent.stream(
      { messages: 'Plan my order.' },
      { streamMode: 'custom' },
    ))
      chunks.push(chunk);
    expect(chunks).toEqual([{ workflow: 'plan_order', done: 1, total: 1, message: 'counted' }]);
  });

  test('an aborted agent stops inside the tool', async () => {
    const stop = new AbortController();
    let reason: unknown;
    const waiting = new WaitForever({
      began: () => stop.abort(),
      cancelled: (why) => (reason = why),
    });
    const model = await scriptedModel([{ tool: 'wait_forever', args: {} }], 'Never said.');
    const agent = createAgent({ model, tools: asTools([waiting]) });
    await expect(agent.invoke({ messages: 'Wait.' }, { signal: stop.signal })).rejects.toThrow(
      /abort|cancel/i,
    );
    expect(reason).toBeInstanceOf(Error);
  });

  test("LangGraph's own ToolNode calls it as well", async () => {
    const { AIMessage } = await import('@langchain/core/messages');
    const node = new ToolNode(asTools([new PlanOrder({})]));
    const request = new AIMessage({
      content: '',
      tool_calls: [call('plan_order', order), { ...call('plan_order', {}), id: 'c2' }],
    });
    const { messages } = await node.invoke({ messages: [request] });
    expect(messages.map(({ status }: ToolMessage) => status)).toEqual(['success', 'error']);
  });
});
