import { randomUUID } from 'node:crypto';
import { GraphwrightError } from '../errors.ts';
import { suggest } from '../nearest.ts';
import type { Agent as AskedBy } from '../ontology/attribution.ts';
import type { StateFile } from '../ontology/embedded/state-file.ts';
import { withRights } from '../ontology/rights/current-rights.ts';
import { parse } from '../parse.ts';
import { timeLimit } from '../time-limit.ts';
import { agentOf, mayAsk, mayCall, type Caller } from '../workflows/expose/caller.ts';
import type { AnyWorkflow } from '../workflows/workflow.ts';
import { Budget } from './budget.ts';
import {
  CompletionRequest,
  type Completion,
  type OnAgentEvent,
  type ToolUse,
} from './completion.ts';
import {
  defaultLimits,
  type Agent,
  type AgentDefinition,
  type AgentLimits,
  type ModelPrice,
} from './definition.ts';
import { remembered } from './history.ts';
import { abortion, knownIn } from './model-failure.ts';
import { configuredModels, Models, type LoadModel } from './models.ts';
import { roster, workflowsOf } from './roster.ts';
import type { Session } from './session.ts';
import type { StoredMessage } from './stored-messages.ts';
import { Threads, type Turn } from './threads.ts';

/** What {@link Agents} work with. */
export interface AgentsConfiguration {
  /** Where conversations are kept. */
  state: StateFile;
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

const day = 24 * 60 * 60 * 1_000;

/**
 * Assistants over workflows: chat models with a role, tools and a memory.
 *
 * Nothing is loaded, and no table made, before the first completion; what belongs to one completion is gone
 * with it.
 * @throws GraphwrightError `invalid_configuration` for definitions that do not hold.
 * @example
 * const agents = new Agents({ state, workflows, model: 'openai:gpt-5-mini' });
 * const { text, threadId } = await agents.complete('graph_analyst', { message: 'How many customers have complained?' });
 */
export class Agents {
  /** The conversations. */
  readonly threads: Threads;
  readonly #configuration: AgentsConfiguration;
  readonly #agents: ReadonlyMap<string, Agent>;
  readonly #models: Models;
  readonly #busy = new Map<string, Promise<unknown>>();
  readonly #closing = new AbortController();

  constructor(configuration: AgentsConfiguration) {
    const { state, workflows, definitions = [], model, loadModel } = configuration;
    const { keepDays = 30, keepTurns = 200 } = configuration;
    this.#configuration = configuration;
    this.#agents = roster(definitions, workflows);
    this.#models = new Models(model, loadModel ?? configuredModels({ model }));
    this.threads = new Threads(state, { maxAge: keepDays * day, maxTurns: keepTurns });
  }

  /** The agents that a caller may ask. */
  list(caller: Caller = {}): AgentSummary[] {
    const model = this.#configuration.model;
    return [...this.#agents.values()]
      .filter(({ name }) => mayAsk(caller, name))
      .map((agent) => ({
        name: agent.name,
        description: agent.description,
        ...((agent.model ?? model) !== undefined && { model: agent.model ?? model! }),
        tools: this.#workflows(agent, caller).map(({ name }) => name),
        agents: agent.agents,
      }));
  }

  /**
   * Asks an agent, and remembers question and answer in the thread. A completion that fails leaves the thread
   * as it was; what its tools have done stays done.
   * @throws GraphwrightError `not_found` for an unknown agent or thread, `forbidden`, `invalid_parameters`,
   * `invalid_configuration` without a model, `conflict` while the thread waits for an answer, `limit_reached`,
   * `timeout`, `cancelled`, or what the model failed with.
   */
  async complete(
    name: string,
    request: CompletionRequest,
    options: CompletionOptions = {},
  ): Promise<Completion> {
    const agent = this.#known(name, options.caller);
    const wanted = parse(CompletionRequest, request, 'invalid_parameters', name);
    const model = this.#models.nameFor(agent);
    const { threadId = randomUUID() } = wanted;
    const answering = this.#alone(threadId, async () => {
      const owner = options.caller?.name;
      const kept = wanted.threadId === undefined ? [] : this.threads.turns(threadId, owner);
      const turns = options.history ?? (await kept);
      return this.#answer(agent, { ...wanted, threadId, model, turns }, options);
    });
    return answering;
  }

  /**
   * Tells before anything is asked whether an agent could answer a caller.
   * @throws GraphwrightError `not_found`, `forbidden`; `invalid_configuration` without a model.
   */
  assertReady(name: string, caller?: Caller): void {
    this.#models.nameFor(this.#known(name, caller));
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#closing.abort(new GraphwrightError('cancelled', 'The agents were closed'));
    await Promise.allSettled(this.#busy.values());
  }

  #known(name: string, caller: Caller = {}): Agent {
    const names = [...this.#agents.keys()].filter((other) => mayAsk(caller, other));
    const agent = this.#agents.get(name);
    if (!agent)
      throw new GraphwrightError('not_found', `No agent ${name}; ${suggest(name, names)}`);
    if (!mayAsk(caller, name))
      throw new GraphwrightError('forbidden', `${caller.name} may not ask ${name}`);
    return agent;
  }

  /** One question of a thread at a time: the next one is about the answer. */
  async #alone<Value>(threadId: string, action: () => Promise<Value>): Promise<Value> {
    if (this.#busy.has(threadId))
      throw new GraphwrightError('conflict', `The thread ${threadId} waits for an answer`, {
        retriable: true,
      });
    const acting = action();
    this.#busy.set(threadId, acting);
    try {
      return await acting;
    } finally {
      this.#busy.delete(threadId);
    }
  }

  async #answer(agent: Agent, asked: Asked, options: CompletionOptions): Promise<Completion> {
    const { model, threadId, message } = asked;
    const limits = { ...defaultLimits, ...this.#configuration.limits, ...agent.limits };
    const { signal: given, onEvent = () => undefined, caller } = options;
    const signal = AbortSignal.any([
      timeLimit(limits.timeout),
      this.#closing.signal,
      ...(given ? [given] : []),
    ]);
    const session = await this.#session(asked, limits, { ...options, signal, onEvent });
    await onEvent({ type: 'start', agent: agent.name, threadId });
    const { ask, answerOf } = await import('./ask.ts');
    const { chatMessage, storedMessage } = await import('./chat-messages.ts');
    const question: StoredMessage = { role: 'user', text: message };
    const messages = [...this.#memory(agent, asked), question].map(chatMessage);
    const asking = () => ask(agent, { session, messages, waiting: 0 });
    const said = await withRights(caller?.rights, asking).catch((thrown: unknown) => {
      if (signal.aborted) throw abortion(signal, limits.timeout);
      throw knownIn(thrown) ?? GraphwrightError.from(thrown);
    });
    const text = answerOf(said, model);
    const turn: Turn = {
      agent: agent.name,
      at: this.#now().toISOString(),
      messages: [question, ...said.flatMap((each) => storedMessage(each) ?? [])],
    };
    if (!options.history) await this.threads.append(threadId, caller?.name, turn);
    const completion: Completion = {
      agent: agent.name,
      threadId,
      text,
      finish: session.budget.reached ? 'limited' : 'answered',
      toolCalls: session.toolUses,
      usage: session.budget.usage,
    };
    await onEvent({ type: 'end', ...completion });
    return completion;
  }

  async #session(
    asked: Asked,
    limits: AgentLimits,
    {
      caller = {},
      askedBy,
      signal,
      onEvent,
    }: CompletionOptions & Pick<Session, 'signal'> & { onEvent: OnAgentEvent },
  ): Promise<Session> {
    const { asTools } = await import('../workflows/expose/langchain.ts');
    const by = askedBy ?? { ...agentOf(caller), surface: 'agent' };
    const toolUses: ToolUse[] = [];
    return {
      models: this.#models,
      budget: new Budget(limits, this.#configuration.prices ?? []),
      signal,
      agent: (name) => this.#agents.get(name)!,
      tools: (agent) => asTools(this.#workflows(agent, caller), { agent: by, owner: caller.name }),
      memory: (agent) => (asked.sharedMemory ? this.#memory(agent, asked) : []),
      emit: async (event) => onEvent(event),
      toolUses,
      now: () => this.#now(),
    };
  }

  #workflows(agent: Agent, caller: Caller): AnyWorkflow[] {
    return workflowsOf(agent, this.#configuration.workflows).filter((each) =>
      mayCall(caller, each),
    );
  }

  #memory({ name }: Agent, { turns, sharedMemory }: Asked): StoredMessage[] {
    const { historyTokens: limit = 20_000 } = this.#configuration;
    return remembered(turns, { agent: name, shared: sharedMemory, limit });
  }

  #now(): Date {
    return this.#configuration.now?.() ?? new Date();
  }
}

/** A request with all that it is about. */
interface Asked {
  message: string;
  sharedMemory: boolean;
  threadId: string;
  model: string;
  turns: readonly Turn[];
}
