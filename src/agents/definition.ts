import { z } from 'zod';

/** How much one completion may spend, in all the agents that take part in it. */
export const AgentLimits = z.strictObject({
  modelCalls: z.int().min(1).max(1_000).describe('Calls of the model'),
  toolCalls: z.int().min(0).max(10_000).describe('Calls of tools'),
  tokens: z.int().min(1).describe('Tokens read and written'),
  cost: z.number().positive().optional().describe('What the model calls may cost, as prices say'),
  timeout: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .describe('Milliseconds'),
});
export type AgentLimits = z.output<typeof AgentLimits>;

/** What holds where neither the configuration nor the agent says otherwise. */
export const defaultLimits: AgentLimits = {
  modelCalls: 20,
  toolCalls: 40,
  tokens: 200_000,
  timeout: 120_000,
};

/** What a model's tokens cost, per million, in whichever currency the limits count. */
export interface ModelPrice {
  /** As agents name it, such as `openai:gpt-5-mini`. */
  model: string;
  input: number;
  output: number;
}

const name = z
  .string()
  .regex(/^[a-z][a-z\d_]{0,49}$/, 'Use up to 50 lower case letters, digits and underscores');

/**
 * An agent: a chat model with a role, and what it may use.
 * @example
 * const triage: AgentDefinition = {
 *   name: 'triage',
 *   description: 'Says how urgent a piece of feedback is.',
 *   systemMessage: 'You judge how urgent customer feedback is. Answer with one word and a reason.',
 *   tools: ['get_feedback_status'],
 * };
 */
export const AgentDefinition = z.strictObject({
  name,
  description: z.string().min(1).describe('What it does, for people and for agents that ask it'),
  systemMessage: z.string().min(1).describe('Its role, as the model is told'),
  model: z.string().min(1).optional().describe('Instead of agents.model'),
  tools: z
    .array(z.string())
    .default([])
    .describe('Names of workflows; `readOnly` for all that change nothing, `*` for all'),
  groups: z.array(z.string()).default([]).describe('Groups of workflows, besides those tools'),
  agents: z.array(name).default([]).describe('Other agents that it may ask'),
  limits: AgentLimits.partial().default({}).describe('Instead of the limits of all agents'),
});
export type AgentDefinition = z.input<typeof AgentDefinition>;

/** A definition with nothing left out. */
export type Agent = z.output<typeof AgentDefinition>;
