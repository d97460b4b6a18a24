import { randomUUID } from 'node:crypto';
import { GraphwrightError } from '../errors.ts';
import { suggest } from '../nearest.ts';
import { withRights } from '../ontology/rights/current-rights.ts';
import { parse } from '../parse.ts';
import { observed, type Observation } from '../telemetry.ts';
import { timeLimit } from '../time-limit.ts';
import { agentOf, mayAsk, mayCall, type Caller } from '../workflows/expose/caller.ts';
import type { AnyWorkflow } from '../workflows/workflow.ts';
import { agentWork, WatchedAgent } from './agent-work.ts';
import type {
  AgentsConfiguration,
  AgentSummary,
  CompletionOptions,
} from './agents-configuration.ts';
import { Budget } from './budget.ts';
import {
  CompletionRequest,
  type Completion,
  type OnAgentEvent,
  type ToolUse,
} from './completion.ts';
import { defaultLimits, type Agent, type AgentLimits } from './definition.ts';
import { remembered } from './history.ts';
import { configuredModels, Models } from './models.ts';
import { PostgresThreads } from './postgres-threads.ts';
import { roster, workflowsOf } from './roster.ts';
import type { Session } from './session.ts';
import type { StoredMessage } from './stored-messages.ts';
import { threadsInState } from './thread-store.ts';
import { Threads, type Turn } from './threads.ts';

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
  readonly #busy = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  constructor(configuration: AgentsConfiguration) {
    const { state, workflows, definitions = [], model, loadModel } = configuration;
    const { databaseUrl, keepDays = 30, keepTurns = 200 } = configuration;
    this.#configuration = configuration;
    this.#agents = roster(definitions, workflows);
    this.#models = new Models(model, loadModel ?? configuredModels({ model }));
    this.threads = new Threads(
      databaseUrl ? new PostgresThreads(databaseUrl) : threadsInState(state),
      { maxAge: keepDays * day, maxTurns: keepTurns },
    );
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
    this.#closing.signal.throwIfAborted();
    const agent = this.#known(name, options.caller);
    const wanted = parse(CompletionRequest, request, 'invalid_parameters', name);
    const model = this.#models.nameFor(agent);
    const { threadId = randomUUID() } = wanted;
    const { history, onEvent } = options;
    const asked = { ...wanted, threadId, isNew: wanted.threadId === undefined, model };
    const work = () => {
      const thread = history ? undefined : threadId;
      return agentWork({ agent: name, model, threadId: thread, question: wanted.message });
    };
    const answering = observed(work, async (seen) => {
      const completion = await this.#inThread(asked, options, (turns) =>
        this.#answer(agent, { ...asked, turns }, options, seen),
      );
      // Not before the thread takes the next question.
      await onEvent?.({ type: 'end', ...completion });
      return completion;
    });
    return this.#tracked(answering);
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
    await Promise.allSettled(this.#busy);
    await this.threads.close();
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

  /** Remembers what is under way, for as long as it is. */
  async #tracked<Value>(answering: Promise<Value>): Promise<Value> {
    this.#busy.add(answering);
    try {
      return await answering;
    } finally {
      this.#busy.delete(answering);
    }
  }

  /** Answers with what was said before, which nobody adds to meanwhile. */
  async #inThread(
    { threadId, isNew }: { threadId: string; isNew: boolean },
    { history, caller }: CompletionOptions,
    answer: (turns: readonly Turn[]) => Promise<Completion>,
  ): Promise<Completion> {
    if (history) return answer(history);
    return this.threads.alone(threadId, async () =>
      answer(isNew ? [] : await this.threads.turns(threadId, caller?.name)),
    );
  }

  async #answer(
    agent: Agent,
    asked: Asked,
    options: CompletionOptions,
    seen: Observation | undefined,
  ): Promise<Completion> {
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
    const watched = seen && new WatchedAgent(seen);
    const asking = () => ask(agent, { session, messages, waiting: 0, watched });
    const said = await withRights(caller?.rights, asking);
    const text = answerOf(said, model);
    const turn: Turn = {
      agent: agent.name,
      at: this.#now().toISOString(),
      messages: [question, ...said.flatMap((each) => storedMessage(each) ?? [])],
    };
    if (!options.history) await this.threads.append(threadId, caller?.name, turn);
    return {
      agent: agent.name,
      threadId,
      text,
      finish: session.budget.reached ? 'limited' : 'answered',
      toolCalls: session.toolUses,
      usage: session.budget.usage,
    };
  }

  async #session(
    asked: Asked,
    limits: AgentLimits,
    {
      caller = {},
      askedBy,
      signal,
      onEvent,
      history,
    }: CompletionOptions & Pick<Session, 'signal'> & { onEvent: OnAgentEvent },
  ): Promise<Session> {
    const { asTools } = await import('../workflows/expose/langchain.ts');
    const by = askedBy ?? { ...agentOf(caller), surface: 'agent' };
    const toolUses: ToolUse[] = [];
    return {
      models: this.#models,
      budget: new Budget(limits, this.#configuration.prices ?? []),
      signal,
      timeout: limits.timeout,
      threadId: history ? undefined : asked.threadId,
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
