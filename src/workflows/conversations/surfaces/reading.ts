import { z } from 'zod';
import { ForeignId, Id } from '../message.ts';
import { ConversationId, ConversationOperation, OneConversation } from './operation.ts';
import { knownFlow, seenEntry, seenFlow, summaryOf, withoutTenant } from './seen.ts';
import { currentTenant } from './tenant.ts';
import {
  CheckpointView,
  ConversationView,
  EntryView,
  FlowSummary,
  FlowView,
  SummaryView,
} from './views.ts';

const readOnly = { readOnly: true, idempotent: true };

/** Lists the flows. */
export class ListFlows extends ConversationOperation {
  readonly name = 'list_flows';
  readonly description = 'List the flows that conversations can follow.';
  readonly parameters = z.object({});
  readonly result = z.object({ items: z.array(FlowSummary) });
  override readonly hints = readOnly;
  override readonly http = { method: 'GET', path: '/conversations/flows' } as const;

  async run() {
    return { items: this.conversations.flows.map(summaryOf) };
  }
}

const OneFlow = z.object({ flow: Id.describe('The id of the flow') });

/** Describes a flow. */
export class GetFlow extends ConversationOperation {
  readonly name = 'get_flow';
  readonly description = 'Describe a flow: its steps, where they lead to, and a drawing of it.';
  readonly parameters = OneFlow;
  readonly result = FlowView;
  override readonly hints = readOnly;
  override readonly http = { method: 'GET', path: '/conversations/flows/:flow' } as const;

  async run({ flow }: z.output<typeof OneFlow>) {
    return seenFlow(knownFlow(this.conversations.flows, flow));
  }
}

const Statuses = z.enum([
  'active',
  'waiting',
  'paused',
  'completed',
  'failed',
  'cancelled',
  'expired',
]);

const ListParameters = z.object({
  flow: Id.optional().describe('Only conversations of this flow'),
  sessionId: ForeignId.optional().describe('Only conversations of this session'),
  status: z.array(Statuses).optional().describe('Only conversations in one of these states'),
  cursor: z.string().max(1_000).optional().describe('The nextCursor of the page before'),
  limit: z.int().min(1).max(1_000).default(50).describe('How many, at most'),
});

/** Lists conversations. */
export class ListConversations extends ConversationOperation {
  readonly name = 'list_conversations';
  readonly description = 'List conversations, the newest first.';
  readonly parameters = ListParameters;
  readonly result = z.object({ items: z.array(SummaryView), nextCursor: z.string().optional() });
  override readonly hints = readOnly;
  override readonly http = { method: 'GET', path: '/conversations' } as const;

  async run(filter: z.output<typeof ListParameters>) {
    const page = await this.conversations.list({ ...filter, tenant: currentTenant() });
    return { ...page, items: page.items.map(withoutTenant) };
  }
}

/** Tells how a conversation stands. */
export class GetConversation extends ConversationOperation {
  readonly name = 'get_conversation';
  readonly description =
    'Tell how a conversation stands: its step, what it knows, how far it is, and what it asks for.';
  readonly parameters = OneConversation;
  readonly result = ConversationView;
  override readonly hints = readOnly;
  override readonly http = { method: 'GET', path: '/conversations/:id' } as const;

  async run(parameters: z.output<typeof OneConversation>) {
    const record = await this.conversations.status(this.keyOf(parameters));
    return withoutTenant(record) as z.input<typeof ConversationView>;
  }
}

const HistoryParameters = z.object({
  id: ConversationId,
  after: z.int().min(0).optional().describe('Only versions greater than this'),
  before: z.int().min(0).optional().describe('Only versions less than this'),
  order: z.enum(['oldest', 'newest']).default('oldest').describe('Which come first'),
  limit: z.int().min(1).max(1_000).default(50).describe('How many, at most'),
});

/** Tells what happened in a conversation. */
export class GetConversationHistory extends ConversationOperation {
  readonly name = 'get_conversation_history';
  readonly description =
    'Tell what happened in a conversation: messages, replies, steps with times and errors, changes of its state.';
  readonly parameters = HistoryParameters;
  readonly result = z.object({ items: z.array(EntryView) });
  override readonly hints = readOnly;
  override readonly http = { method: 'GET', path: '/conversations/:id/history' } as const;

  async run({ id, ...filter }: z.output<typeof HistoryParameters>) {
    const entries = await this.conversations.history(this.keyOf({ id }), filter);
    return { items: entries.map(seenEntry) };
  }
}

/** Lists where a conversation can be rolled back to. */
export class ListCheckpoints extends ConversationOperation {
  readonly name = 'list_checkpoints';
  readonly description = 'List the checkpoints of a conversation, the newest first.';
  readonly parameters = OneConversation;
  readonly result = z.object({ items: z.array(CheckpointView) });
  override readonly hints = readOnly;
  override readonly http = { method: 'GET', path: '/conversations/:id/checkpoints' } as const;

  async run(parameters: z.output<typeof OneConversation>) {
    return { items: await this.conversations.checkpoints(this.keyOf(parameters)) };
  }
}
