export { Agents } from './agents.ts';
export type {
  AgentsConfiguration,
  AgentSummary,
  CompletionOptions,
} from './agents-configuration.ts';
export type { Usage } from './budget.ts';
export { conversationAgents, type ConversationAgentsOptions } from './conversation-agents.ts';
export { builtInAgents } from './built-in.ts';
export {
  type AgentEvent,
  type Completion,
  type CompletionRequest,
  type OnAgentEvent,
  type ToolUse,
} from './completion.ts';
export {
  defaultLimits,
  type AgentDefinition,
  type AgentLimits,
  type ModelPrice,
} from './definition.ts';
export { configuredModels, type LoadModel } from './models.ts';
export type { StoredMessage } from './stored-messages.ts';
export type { Thread, ThreadPage, Threads, Turn } from './threads.ts';
