import { randomBytes } from 'node:crypto';
import type { ConversationAgent } from '../../../src/workflows/conversations/agent.ts';
import { Conversations } from '../../../src/workflows/conversations/engine/conversations.ts';
import { ruleBasedAgents } from '../../../src/workflows/conversations/examples/comprehensive/agents.ts';
import { comprehensiveFlow } from '../../../src/workflows/conversations/examples/comprehensive/comprehensive-flow.ts';
import type { Json } from '../../../src/workflows/conversations/json.ts';
import { recordCodec } from '../../../src/workflows/conversations/storage/codec/record-codec.ts';
import { MemoryConversations } from '../../../src/workflows/conversations/storage/memory.ts';
import type { ConversationStorage } from '../../../src/workflows/conversations/storage/storage.ts';

export const key = { tenant: 'tenant-a', id: 'c1' };
const session = { id: 's1', userId: 'u1' };
const codec = recordCodec({ keys: [randomBytes(32)] });

/** Opens the comprehensive flow on a storage. */
export const openComprehensive = async (
  storage: ConversationStorage,
  agents: Readonly<Record<string, ConversationAgent>> = ruleBasedAgents(),
): Promise<Conversations> =>
  Conversations.open({ storage, codec, agents, flows: [await comprehensiveFlow()] });

export const startComprehensive = (conversations: Conversations) =>
  conversations.start({ ...key, flow: 'comprehensive_workflow', session });

/** Talks through the flow: what it answered, the steps it took, and how it stands. */
export async function talkThrough(
  said: readonly Json[],
  agents?: Readonly<Record<string, ConversationAgent>>,
) {
  const storage = new MemoryConversations();
  const conversations = await openComprehensive(storage, agents);
  try {
    const turns = [await startComprehensive(conversations)];
    for (const content of said) turns.push(await conversations.send(key, { content }));
    const { state, status, step, pending } = await conversations.status(key);
    const entries = await conversations.history(key, { order: 'oldest', limit: 1000 });
    const steps = entries.flatMap(({ events }) =>
      events.flatMap((event) =>
        event.type === 'step' && event.action !== 'repeat' ? [event.step] : [],
      ),
    );
    const replies = turns.map((turn) => turn.replies.map(({ content }) => content).join('\n'));
    return { replies, steps, state, status, step, pending, turns };
  } finally {
    await conversations.close();
    await storage.close();
  }
}

/** What a simple request says until its solution is asked about. */
export const simple = ['I want to reset my password'];

/** The same for a complex one. */
export const complex = [
  'We plan a migration of our team to the new plan',
  'All 40 people keep their data',
  'Soon (this week)',
  'At most 500 euros',
];
