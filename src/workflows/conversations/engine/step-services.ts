import { GraphwrightError } from '../../../errors.ts';
import { suggest } from '../../../nearest.ts';
import { derivedUuid } from '../../derived.ts';
import { hasEnded as runHasEnded, type RunRecord } from '../../runs/runs.ts';
import type { AnyWorkflow } from '../../workflow.ts';
import type { ConversationAgent, Utterance } from '../agent.ts';
import type { ConversationsConfiguration } from '../api.ts';
import type { RunEnd, StepContext } from '../flow.ts';
import type { Json } from '../json.ts';
import type { AwaitedEvent } from '../message.ts';
import type { ConversationStorage } from '../storage/storage.ts';
import { entriesBefore, utterances } from './history.ts';
import type { Records } from './records.ts';
import type { Turning } from './turning.ts';

/** The type of the event by which a run tells its end; nobody outside may send it. */
export const runEnded = 'run_ended';

type Services = Pick<StepContext, 'history' | 'agent' | 'say' | 'run' | 'startRun'>;

/** What step services work with. */
export interface StepServicesConfiguration {
  readonly configuration: Pick<ConversationsConfiguration, 'agents' | 'runs'>;
  readonly storage: ConversationStorage;
  readonly records: Records;
  readonly signal: AbortSignal;
  readonly onSay: (turning: Turning, step: string, text: string) => void;
}

/** What steps may use besides what they are told: what was said before, agents, and durable runs. */
export class StepServices {
  readonly #with: StepServicesConfiguration;
  readonly #agents = new Map<string, ConversationAgent>();

  constructor(configuration: StepServicesConfiguration) {
    this.#with = configuration;
  }

  of(turning: Turning, key: () => string, step: string): Services {
    let runs = 0;
    const start = (workflow: AnyWorkflow, parameters: unknown) =>
      this.#start(turning, derivedUuid(key(), 'run', (runs += 1)), workflow, parameters);
    return {
      history: (limit = 50) => this.#history(turning, limit),
      agent: (name) => ({
        respond: (request, signal) =>
          this.#agent(name).respond({ ...request, conversation: turning.key }, signal),
      }),
      say: (text) => this.#with.onSay(turning, step, text),
      run: async (workflow, parameters) =>
        resultOf(await this.wait((await start(workflow, parameters)).id)),
      startRun: async (workflow, parameters) => endOf(await start(workflow, parameters)),
    };
  }

  /** Makes every agent now, not when it is first needed. */
  loadAgents(): void {
    for (const name of Object.keys(this.#with.configuration.agents ?? {})) this.#agent(name);
  }

  /** Resolves when the run has ended; rejects when the engine closes. */
  async wait(id: string): Promise<RunRecord> {
    const { signal } = this.#with;
    for (;;) {
      signal.throwIfAborted();
      const record = await this.#runs.wait(id, 60_000, signal);
      if (runHasEnded(record)) return record;
    }
  }

  async #history({ key, version, events }: Turning, limit: number): Promise<Utterance[]> {
    const { storage, records } = this.#with;
    const said = utterances(events).toReversed();
    for await (const entry of entriesBefore(storage, records, key, version)) {
      if (said.length >= limit) break;
      said.push(...utterances(entry.events).toReversed());
    }
    return said.slice(0, limit).toReversed();
  }

  #agent(name: string): ConversationAgent {
    const { agents = {} } = this.#with.configuration;
    const given = Object.hasOwn(agents, name) ? agents[name] : undefined;
    if (!given)
      throw new GraphwrightError(
        'not_found',
        `There is no agent ${name}; ${suggest(name, Object.keys(agents))}`,
      );
    const agent = this.#agents.get(name) ?? (typeof given === 'function' ? given() : given);
    this.#agents.set(name, agent);
    return agent;
  }

  #start(
    { key, session }: Turning,
    idempotencyKey: string,
    workflow: AnyWorkflow,
    parameters: unknown,
  ): Promise<RunRecord> {
    const agent = { surface: 'conversation', name: session.userId };
    return this.#runs.start(workflow, parameters as never, {
      idempotencyKey: `conversation:${idempotencyKey}`,
      owner: key.tenant,
      agent,
    });
  }

  get #runs() {
    const { runs } = this.#with.configuration;
    if (runs) return runs;
    throw new GraphwrightError(
      'unavailable',
      'The step runs a workflow, and the conversations were opened without runs',
      { retriable: false },
    );
  }
}

/** The event that a run's end is. */
const endOf = ({ id }: RunRecord): AwaitedEvent => ({ type: runEnded, correlationId: id });

/** What that event tells. */
export const runEnd = ({ status, result, error }: RunRecord): RunEnd => ({
  status: status as RunEnd['status'],
  ...(result !== undefined && { result: result as Json }),
  ...(error && { error }),
});

/** @throws What the run failed with. */
function resultOf({ status, result, error }: RunRecord): never {
  if (status === 'completed') return result as never;
  throw error
    ? GraphwrightError.fromJSON(error)
    : new GraphwrightError('cancelled', 'The run was cancelled');
}
