import { createAgent } from 'langchain';
import { AIMessage, ToolMessage } from '@langchain/core/messages';
import { ToolNode } from '@langchain/langgraph/prebuilt';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadConfiguration } from '../../../src/configuration.ts';
import { openApplication } from '../../../src/server/application.ts';
import { scriptedModel } from '../../../src/testing/scripted-model.ts';
import { asTools } from '../../../src/workflows/expose/langchain.ts';
import { inputSchema, type JsonSchema } from '../../../src/workflows/expose/schemas.ts';
import { Workflow } from '../../../src/workflows/workflow.ts';
import { temporaryDirectory } from '../../support/command.ts';
import { Echo, FailOnDemand, PlanOrder, SearchShelf } from '../../support/sample-workflows.ts';

const known = new Set(
  'type description enum const properties required additionalProperties items anyOf pattern format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems'.split(
    ' ',
  ),
);

/** What OpenAI's strict mode would refuse in a schema, by place. */
function mistakes(schema: JsonSchema, place = '#'): string[] {
  const { properties, items, anyOf = [], required, additionalProperties, type, ...rest } = schema;
  const keys = Object.keys(properties ?? {});
  return [
    ...Object.keys(rest)
      .filter((key) => !known.has(key))
      .map((key) => `${place}: ${key}`),
    ...(type === 'object' && additionalProperties !== false ? [`${place}: open`] : []),
    ...(type === 'object' && JSON.stringify(required) !== JSON.stringify(keys)
      ? [`${place}: required`]
      : []),
    ...(type === 'array' && !items ? [`${place}: items`] : []),
    ...(type === undefined && !anyOf.length && !('enum' in rest) && !('const' in rest)
      ? [`${place}: any type`]
      : []),
    ...keys.flatMap((key) => mistakes(properties![key]!, `${place}/${key}`)),
    ...(items ? mistakes(items, `${place}/items`) : []),
    ...anyOf.flatMap((choice, index) => mistakes(choice, `${place}/anyOf/${index}`)),
  ];
}

/** The places of a schema's properties that say nothing of what they are. */
function undescribed({ properties = {}, items }: JsonSchema, place = ''): string[] {
  return [
    ...Object.entries(properties).flatMap(([key, property]) => [
      ...(property.description ? [] : [`${place}/${key}`]),
      ...undescribed(property, `${place}/${key}`),
    ]),
    ...(items ? undescribed(items, `${place}/items`) : []),
  ];
}

const order = { orderId: 'o-1', address: { street: 'Korenlei 1', city: null }, lines: [] };
const empty = { tags: null, at: null, discount: null, giftWrap: null, priority: null };
const planned = {
  orderId: 'o-1',
  to: 'Korenlei 1, Ghent',
  pieces: 0,
  wrapped: true,
  rest: { tags: [], priority: 'low' },
};

describe('A12 shipped workflows as tools', () => {
  test('every field is described, and every schema fits the strict mode of OpenAI', async () => {
    await using directory = await temporaryDirectory();
    const { configuration } = loadConfiguration({
      environment: {},
      directory: directory.path,
      flags: { data: directory.path },
    });
    const application = await openApplication(configuration);
    const { workflows } = application;
    expect(workflows.length).toBeGreaterThanOrEqual(5);
    for (const workflow of workflows)
      expect([workflow.name, undescribed(inputSchema(workflow))]).toEqual([workflow.name, []]);
    for (const { name, schema } of asTools(workflows, { strict: true }))
      expect([name, mistakes(schema as JsonSchema)]).toEqual([name, []]);
    await application.close();
  });
});

describe('A12 strict mode', () => {
  const samples = () => [
    new PlanOrder({}),
    new SearchShelf({}),
    new FailOnDemand({}),
    new Echo({}),
  ];

  test('closes nested objects, and has null for what may be left out', () => {
    const plain = asTools(samples()).flatMap(({ schema }) => mistakes(schema as JsonSchema));
    expect(plain.length).toBeGreaterThan(5);
    for (const { name, schema } of asTools(samples(), { strict: true }))
      expect([name, mistakes(schema as JsonSchema)]).toEqual([name, []]);
  });

  test('what a model leaves out as null is left out, deep inside too', async () => {
    const [plan] = asTools([new PlanOrder({})], { strict: true });
    expect(JSON.parse(await plan!.invoke({ ...order, ...empty }))).toEqual(planned);
  });

  test('null where nothing may be left out stays a mistake', async () => {
    const [plan] = asTools([new PlanOrder({})], { strict: true });
    await expect(plan!.invoke({ ...order, ...empty, orderId: null })).rejects.toMatchObject({
      code: 'invalid_parameters',
      problems: [{ pointer: '/orderId' }],
    });
  });

  test('refuses parameters of any shape, and says which', () => {
    class Open extends Workflow {
      readonly name = 'open_shape';
      readonly description = 'Take anything.';
      readonly parameters = z.object({ extra: z.record(z.string(), z.string()) });
      readonly result = z.null();
      async run() {
        return null;
      }
    }
    expect(() => asTools([new Open({})], { strict: true })).toThrow(/\/extra/);
    expect(asTools([new Open({})])).toHaveLength(1);
  });

  test('A20 works in an agent and in a ToolNode', async () => {
    const tools = asTools([new PlanOrder({})], { strict: true });
    const args = { ...order, ...empty };
    const model = await scriptedModel([{ tool: 'plan_order', args }], 'Done.');
    const { messages } = await createAgent({ model, tools }).invoke({ messages: 'Plan it.' });
    expect(messages.find((message) => ToolMessage.isInstance(message))?.artifact).toEqual(planned);
    const call = { type: 'tool_call' as const, id: 'c1', name: 'plan_order', args };
    const [answer] = (await new ToolNode(tools).invoke([
      new AIMessage({ content: '', tool_calls: [call] }),
    ])) as ToolMessage[];
    expect(answer!.artifact).toEqual(planned);
  });
});
