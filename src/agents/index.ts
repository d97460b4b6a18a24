export {
  Agents,
  type AgentsConfiguration,
  type AgentSummary,
  type CompletionOptions,
} from './agents.ts';
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
export { Threads, type Thread, type ThreadPage, type Turn } from './threads.ts';
