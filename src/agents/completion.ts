import { z } from 'zod';

/** What a caller asks an agent. */
export const CompletionRequest = z.strictObject({
  message: z.string().trim().min(1).max(100_000).describe('What the user says'),
  threadId: z.uuid().optional().describe('Of the conversation that goes on; a new one without it'),
  sharedMemory: z
    .boolean()
    .default(false)
    .describe('Whether the agent, and those it asks, read what other agents said in the thread'),
});
export type CompletionRequest = z.input<typeof CompletionRequest>;

/** A call of a tool, by whichever agent. */
export const ToolUse = z.object({
  agent: z.string(),
  id: z.string(),
  name: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  result: z.string().describe('What the agent was told'),
  failed: z.boolean(),
});
export type ToolUse = z.output<typeof ToolUse>;

/** What an agent answers. */
export const Completion = z.object({
  agent: z.string(),
  threadId: z.uuid(),
  text: z.string(),
  finish: z
    .enum(['answered', 'limited'])
    .describe('limited: it had to answer before it had found out all it wanted to'),
  toolCalls: z.array(ToolUse),
  usage: z.object({
    modelCalls: z.int(),
    toolCalls: z.int(),
    inputTokens: z.int(),
    outputTokens: z.int(),
    cost: z.number().optional().describe('As prices say; absent for a model without a price'),
  }),
});
export type Completion = z.output<typeof Completion>;

/** What happens in the course of a completion. */
export type AgentEvent =
  | { type: 'start'; agent: string; threadId: string }
  /** Some of the text that an agent writes. */
  | { type: 'token'; agent: string; text: string }
  | ({ type: 'tool_call' } & Omit<ToolUse, 'result' | 'failed'>)
  | ({ type: 'tool_result' } & Omit<ToolUse, 'arguments'>)
  | ({ type: 'end' } & Completion);

/** Told of each event, in order; what it returns is waited for. */
export type OnAgentEvent = (event: AgentEvent) => void | Promise<void>;
