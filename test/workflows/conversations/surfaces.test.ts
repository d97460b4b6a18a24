import { createAgent } from 'langchain';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { conversationAgents } from '../../../src/agents/conversation-agents.ts';
import { openStateFile, type StateFile } from '../../../src/ontology/embedded/state-file.ts';
import { scriptedModel } from '../../../src/testing/scripted-model.ts';
import { decidingAs } from '../../../src/workflows/approval/decider.ts';
import { Conversations } from '../../../src/workflows/conversations/engine/conversations.ts';
import { compileFlow } from '../../../src/workflows/conversations/flows/compile-flow.ts';
import { MemoryConversations } from '../../../src/workflows/conversations/storage/memory.ts';
import { conversationWorkflows } from '../../../src/workflows/conversations/surfaces/conversation-workflows.ts';
import { tenantOf } from '../../../src/workflows/conversations/surfaces/tenant.ts';
import { execute } from '../../../src/workflows/execute.ts';
import { asTools } from '../../../src/workflows/expose/langchain.ts';
import type { AnyWorkflow } from '../../../src/workflows/workflow.ts';
import { expectParity } from '../../conformance/parity.ts';
import { agentKit, callsOf } from '../../support/agents.ts';
import { mcpClient } from '../../support/mcp.ts';
import { orderFlow } from '../../support/order-flow.ts';

let state: StateFile;
let conversations: Conversations;
let workflows: AnyWorkflow[];
beforeAll(async () => {
  state = await openStateFile({ path: ':memory:' });
  const storage = new MemoryConversations();
  conversations = await Conversations.open({ storage, flows: [orderFlow] });
  workflows = conversationWorkflows({ conversations });
});
afterAll(async () => {
  await conversations.close();
  await state.close();
});

const named = (name: string) => workflows.find((workflow) => workflow.name === name)!;
const call = <Result = Record<string, unknown>>(
  name: string,
  input: Record<string, unknown>,
): Promise<Result> => execute(named(name), input) as Promise<Result>;
const begin = async () => (await call<{ id: string }>('start_conversation', { flow: 'order' })).id;

describe('N1 V2 operations on conversations', () => {
  test('give the same result and the same error code on every surface', async () => {
    const id = await begin();
    await call('send_message', { id, content: 'Small', messageId: 'm1' });
    const ended = await begin();
    await call('cancel_conversation', { id: ended });
    const none = { input: { id: 'nobody' }, code: 'not_found' as const };
    const wrong = { input: { id: 'a/b' }, code: 'invalid_parameters' as const };
    const calls = await expectParity([
      {
        workflow: named('send_message'),
        // Answered before: all surfaces get the stored answer.
        good: [{ id, content: 'Small', messageId: 'm1' }],
        bad: [
          { input: { id, content: 'Large', messageId: 'm1' }, code: 'key_reused' },
          { input: { id: ended, content: 'Large' }, code: 'conflict' },
          { input: { id: 'nobody', content: 'x' }, code: 'not_found' },
          { input: { id, content: 'x', colour: 'red' }, code: 'invalid_parameters' },
          { input: { id }, code: 'invalid_parameters' },
        ],
      },
      { workflow: named('get_conversation'), good: [{ id }], bad: [none, wrong] },
      {
        workflow: named('get_conversation_history'),
        good: [{ id, limit: 2, order: 'newest' }],
        bad: [none, { input: { id, limit: 0 }, code: 'invalid_parameters' }],
      },
      {
        workflow: named('list_conversations'),
        good: [{ flow: 'order', status: ['active', 'cancelled'] }],
        bad: [{ input: { cursor: 'x' }, code: 'invalid_parameters' }],
      },
      {
        workflow: named('get_flow'),
        good: [{ flow: 'order' }],
        bad: [{ input: { flow: 'ordr' }, code: 'not_found' }],
      },
      {
        workflow: named('roll_back_conversation'),
        good: [],
        bad: [
          { input: { id }, code: 'invalid_parameters' },
          { input: { id, version: 99 }, code: 'gone' },
        ],
      },
    ]);
    expect(calls).toBeGreaterThan(90);
  }, 60_000);

  test('an agent of LangChain leads a conversation by them', async () => {
    const agent = createAgent({
      model: await scriptedModel(
        [{ tool: 'list_flows', args: {} }],
        [{ tool: 'start_conversation', args: { flow: 'order', sessionId: 'led' } }],
        'It asks for a size.',
      ),
      tools: asTools(workflows, { groups: ['conversations'] }),
    });
    const { messages } = await agent.invoke({ messages: [{ role: 'user', content: 'Order' }] });
    expect(messages.at(-1)!.content).toBe('It asks for a size.');
    expect(messages.map(({ text }) => text).join()).toContain('Which size?');
  });

  test('MCP clients are offered all but the removal, which is for people', async () => {
    await using connected = await mcpClient(workflows);
    const { tools } = await connected.client.listTools();
    const names = tools.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['start_conversation', 'send_message']));
    expect(names).not.toContain('delete_conversation');
  });
});

test('T28 an assistant cannot say who the user is, and a program can', async () => {
  const tools = asTools(workflows, { groups: ['conversations'] });
  const said = async (name: string, parameters: object) =>
    String(
      await tools
        .find((tool) => tool.name === name)!
        .invoke(parameters)
        .catch((thrown) => thrown),
    );
  const { length } = (await conversations.list({ tenant: tenantOf(undefined), limit: 1000 })).items;
  for (const user of [
    { userId: 'ada' },
    { channelUserId: '+32 1' },
    { message: { content: 'x', userId: 'ada' } },
  ])
    expect(await said('start_conversation', { flow: 'order', ...user })).toContain(
      'An assistant cannot say who the user is',
    );
  const { items } = await conversations.list({ tenant: tenantOf(undefined), limit: 1000 });
  expect(items).toHaveLength(length);
  const { id } = await call<{ id: string }>('start_conversation', { flow: 'order', userId: 'ada' });
  expect(await said('send_message', { id, content: 'Small', userId: 'ada' })).toContain(
    'leave out userId',
  );
  expect(await conversations.status({ tenant: tenantOf(undefined), id })).toMatchObject({
    version: 1,
    session: { userId: 'ada' },
  });
});

describe('T22 V20 whose a conversation is', () => {
  const as = <Result>(owner: string, action: () => Promise<Result>) =>
    decidingAs({ owner }, action);

  test('that of another caller is not found by any operation', async () => {
    const id = await as('ada', begin);
    const parameters: Record<string, object> = {
      send_message: { content: 'Small' },
      roll_back_conversation: { version: 1 },
    };
    const ofOne = workflows.filter(({ parameters: { shape } }) => 'id' in shape);
    expect(ofOne).toHaveLength(11);
    for (const { name } of ofOne)
      for (const owner of ['bob', 'default'])
        await expect(
          as(owner, () => call(name, { id, ...parameters[name] })),
          name,
        ).rejects.toMatchObject({ code: 'not_found' });
    expect(await as('ada', () => call('get_conversation', { id }))).toMatchObject({ version: 1 });
  });

  test('every name has a tenant of its own, whatever is in it', () => {
    const names = [undefined, 'default', 'a', 'a.b', 'a b', 'a_b', 'x'.repeat(65), tenantOf('a.b')];
    const tenants = names.map(tenantOf);
    expect(new Set(tenants).size).toBe(names.length - 1);
    expect(tenantOf(tenantOf('a.b'))).toBe(tenantOf('a.b'));
    for (const tenant of tenants) expect(tenant).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  });
});

describe('L1 agents as flows call them', () => {
  const flow = compileFlow({
    id: 'triage',
    name: 'Triage',
    steps: [
      { id: 'problem', type: 'user_input', prompt: 'What is it?' },
      {
        id: 'sort',
        type: 'agent_response',
        agent: 'sorter',
        prompt: 'Sort: {problem}',
        conditions: { condition: 'kind', cases: { bill: 'pay', other: 'end' } },
      },
      { id: 'pay', type: 'agent_response', prompt: 'To the bills.' },
    ],
  });

  async function triage(said: string, callerOf?: () => { name: string; agents: string[] }) {
    const kit = await agentKit(
      { model: [said] },
      { definitions: [{ name: 'sorter', description: 'Sorts.', systemMessage: 'Sort.' }] },
    );
    const talks = await Conversations.open({
      storage: new MemoryConversations(),
      flows: [flow],
      agents: conversationAgents(kit.agents, { callerOf }),
    });
    const { id } = await talks.start({ tenant: 'a', flow: 'triage', session: { id: 's' } });
    const turn = await talks.send({ tenant: 'a', id }, { content: 'My bill' });
    await talks.close();
    return { turn, kit };
  }

  test('they read what was said, and decide by the last line of their answer', async () => {
    const { turn, kit } = await triage('It is a bill.\n{"kind":"bill"}');
    expect(turn.replies.map(({ content }) => content)).toEqual(['It is a bill.', 'To the bills.']);
    const [[, asked] = []] = callsOf(kit.models.get('model')).map((messages) =>
      messages.map(([, text]) => text).slice(-2),
    );
    expect(asked).toContain('Sort: My bill');
    // Nothing but the conversation keeps what was said.
    expect((await kit.agents.threads.list(undefined, { limit: 10 })).items).toEqual([]);
    await kit.agents.close();
  });

  test('T22 they do nothing for a tenant that may not ask them', async () => {
    const { turn, kit } = await triage('It is a bill.', () => ({ name: 'a', agents: [] }));
    expect(turn).toMatchObject({ status: 'active', step: 'sort', error: { code: 'forbidden' } });
    expect(kit.models.size).toBe(0);
    await kit.agents.close();
  });
});
