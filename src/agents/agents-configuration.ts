import type { Agent as AskedBy } from '../ontology/attribution.ts';
import type { StateFile } from '../ontology/embedded/state-file.ts';
import type { Caller } from '../workflows/expose/caller.ts';
import type { AnyWorkflow } from '../workflows/workflow.ts';
import type { OnAgentEvent } from './completion.ts';
import type { AgentDefinition, AgentLimits, ModelPrice } from './definition.ts';
import type { LoadModel } from './models.ts';
import type { Turn } from './threads.ts';

/** What `Agents` work with. */
export interface AgentsConfiguration {
  /** Where conversations are kept, unless `databaseUrl` says otherwise. */
  state: StateFile;
  /**
   * A Postgres database, `postgres://user:password@host:port/database`, in which the processes that give it
   * share the conversations.
   */
  databaseUrl?: string | undefined;
  /** What agents may have as tools. */
  workflows: readonly AnyWorkflow[];
  /** Agents besides the built-in ones, or instead of those of the same name. */
  definitions?: readonly AgentDefinition[];
  /** The chat model of agents that name none, such as `openai:gpt-5-mini`. */
  model?: string | undefined;
  /** Makes the chat models; by default LangChain does, with keys from the providers' own variables. */
  loadModel?: LoadModel;
  /** For each completion, where an agent has no limits of its own; `defaultLimits` otherwise. */
  limits?: Partial<AgentLimits>;
  prices?: readonly ModelPrice[];
  /** Tokens of a thread that an agent remembers; 20,000 by default. */
  historyTokens?: number;
  /** Days that a thread is kept after its last turn; 30 by default. */
  keepDays?: number;
  /** Turns of a thread that are kept; 200 by default. */
  keepTurns?: number;
  now?: () => Date;
}

/** What may be said of one completion. */
export interface CompletionOptions {
  /** Who asks: the tools are those that it may call, the thread is its own. Somebody who may do everything by default. */
  caller?: Caller;
  /** Whom provenance names; the caller, by way of `agent`, by default. */
  askedBy?: AskedBy;
  signal?: AbortSignal;
  onEvent?: OnAgentEvent;
  /** What was said before, where somebody else keeps it: there is no thread then, and nothing is kept. */
  history?: readonly Turn[];
}

/** An agent as callers see it. */
export interface AgentSummary {
  name: string;
  description: string;
  /** The chat model; absent while none is configured. */
  model?: string;
  /** The workflows that it may call for this caller. */
  tools: string[];
  /** The agents that it may ask. */
  agents: string[];
}
