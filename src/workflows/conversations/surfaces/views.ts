import { z } from 'zod';

const Status = z.enum([
  'active',
  'waiting',
  'paused',
  'completed',
  'failed',
  'cancelled',
  'expired',
]);
const Time = z.iso.datetime();
const Version = z.int().min(0);
const Open = z.record(z.string(), z.unknown());

/** What a reply asks for. */
const Expectation = z.object({
  kind: z.enum(['text', 'choice', 'fields', 'approval', 'confirmation']),
  field: z.string().optional().describe('The field that is asked for next'),
  options: z.array(z.object({ value: z.string(), label: z.string() })).optional(),
  custom: z.boolean().optional().describe('Whether an answer that is none of the options is taken'),
  required: z.boolean().optional(),
  placeholder: z.string().optional(),
  hints: z.array(z.string()).optional(),
  attempt: z.int().optional().describe('From 1: how often it has been asked'),
});

const Reply = z.object({
  content: z.string(),
  contentType: z.string().optional(),
  expects: Expectation.optional().describe('What it asks for; absent when it asks for nothing'),
  metadata: Open.optional(),
});

const Failure = z.object({ code: z.string(), message: z.string() });

/** A turn, as callers see it. */
export const TurnView = z.object({
  id: z.string().describe('The id of the conversation'),
  messageId: z.string().optional().describe('The message that it answers'),
  version: Version.describe('The version of the conversation that it made'),
  replies: z.array(Reply),
  status: Status,
  step: z.string().describe('Where the conversation stands now'),
  error: Failure.optional().describe('Why a step could not do its part'),
  repeated: z.boolean().describe('Whether it is the stored answer to a message sent before'),
});
export type TurnView = z.output<typeof TurnView>;

/** A conversation in a list. */
export const SummaryView = z.object({
  id: z.string(),
  flow: z.string(),
  sessionId: z.string(),
  status: Status,
  version: Version,
  waitingFor: z.object({ type: z.string(), correlationId: z.string() }).optional(),
  createdAt: Time,
  updatedAt: Time,
  dueAt: Time.optional().describe('When it ends, or goes on, by itself'),
});

/** A conversation, as callers see it. */
export const ConversationView = z.object({
  ...SummaryView.shape,
  session: z.object({
    id: z.string(),
    userId: z.string().optional(),
    channelType: z.string().optional(),
    channelUserId: z.string().optional(),
    metadata: Open.optional(),
  }),
  step: z.string(),
  state: Open.describe('What it knows by now'),
  pending: z
    .object({ ...Expectation.shape, prompt: z.string() })
    .optional()
    .describe('What it asked for last and has no answer to'),
  progress: z.object({ done: z.int(), total: z.int() }).describe('Steps left behind, of all'),
});

/** One commit of a conversation. */
export const EntryView = z.object({
  version: Version,
  at: Time,
  messageId: z.string().optional(),
  checkpoint: z.string().optional().describe('Set when it is a checkpoint: its label'),
  events: z.array(z.looseObject({ type: z.string() })),
});
export type EntryView = z.output<typeof EntryView>;

/** A place to which a conversation can be rolled back. */
export const CheckpointView = z.object({
  version: Version,
  step: z.string(),
  label: z.string().optional(),
  at: Time,
});

/** A flow in a list. */
export const FlowSummary = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  pattern: z.string(),
  steps: z.array(z.string()),
});

/** A flow with its steps. */
export const FlowView = z.object({
  ...FlowSummary.shape,
  steps: z.array(
    z.object({
      name: z.string(),
      description: z.string().optional(),
      kind: z.string(),
      transitions: z.array(
        z.object({
          to: z.string(),
          flow: z.boolean().optional().describe('Whether that is another flow'),
          label: z.string().optional(),
        }),
      ),
    }),
  ),
  start: z.string(),
  ends: z.array(z.string()),
  settings: Open,
  events: z.array(z.string()).describe('The outside events that it may wait for'),
  mermaid: z.string().describe('The flow as a Mermaid flowchart'),
});
