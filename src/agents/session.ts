import type { BaseMessage } from '@langchain/core/messages';
import type { StructuredTool } from '@langchain/core/tools';
import type { AgentEvent, ToolUse } from './completion.ts';
import type { WatchedAgent } from './agent-work.ts';
import type { Budget } from './budget.ts';
import type { Agent } from './definition.ts';
import type { Models } from './models.ts';
import type { StoredMessage } from './stored-messages.ts';

/** What the agents of one completion share; it is gone with the completion. */
export interface Session {
  models: Models;
  budget: Budget;
  signal: AbortSignal;
  /** Milliseconds after which the signal ends it. */
  timeout: number;
  /** The conversation that it is a turn of; absent where somebody else keeps it. */
  threadId: string | undefined;
  /** Finds an agent that is asked by another. */
  agent(name: string): Agent;
  /** The workflows of an agent as tools, as far as the caller may call them. */
  tools(agent: Agent): StructuredTool[];
  /** What an agent remembers that is asked by another. */
  memory(agent: Agent): readonly StoredMessage[];
  emit(event: AgentEvent): Promise<void>;
  toolUses: ToolUse[];
  now(): Date;
}

/** What an agent is asked, in the course of a session. */
export interface Question {
  session: Session;
  /** What it remembers, and what it is asked now. */
  messages: readonly BaseMessage[];
  /** How many agents wait for the answer. */
  waiting: number;
  /** Absent where nobody watches. */
  watched: WatchedAgent | undefined;
}
