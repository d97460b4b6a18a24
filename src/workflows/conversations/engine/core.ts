import { randomUUID } from 'node:crypto';
import type { GraphwrightError } from '../../../errors.ts';
import { RunFollowers } from '../../runs/run-followers.ts';
import type { ConversationsConfiguration, Followed } from '../api.ts';
import type { ConversationKey, Session } from '../conversation.ts';
import type { CompiledFlow } from '../flow.ts';
import { defaultEngineSettings, type EngineSettings } from '../flow-settings.ts';
import type { ConversationFacts, ConversationState, LogEntry } from '../log.ts';
import type { AcceptedEvent, AwaitedEvent } from '../message.ts';
import type { ConversationStorage, RecordTreatment } from '../storage/storage.ts';
import { VolatileFlows } from '../storage/volatile-flows.ts';
import { Conductor } from './conductor.ts';
import { deadline, type Deadline } from './deadlines.ts';
import { FlowRegistry } from './flow-registry.ts';
import { ConversationLog, nameOf, type Change } from './log.ts';
import { Records, type Loaded } from './records.ts';
import { Scheduler } from './scheduler.ts';
import { StepServices } from './step-services.ts';
import { TurnExecution } from './turn-execution.ts';

/** What the parts of the engine share. */
export class Core {
  readonly configuration: ConversationsConfiguration;
  readonly settings: EngineSettings;
  readonly storage: ConversationStorage;
  readonly registry = new FlowRegistry();
  readonly records: Records;
  readonly log: ConversationLog;
  readonly conductor: Conductor;
  readonly services: StepServices;
  readonly followers = new RunFollowers<Followed>();
  readonly closing = new AbortController();
  readonly #scheduler = new Scheduler();
  readonly #listeners: ((loaded: Loaded, entry: LogEntry) => void)[] = [];

  constructor(configuration: ConversationsConfiguration) {
    this.configuration = configuration;
    this.settings = { ...defaultEngineSettings, ...configuration.settings };
    this.storage = new VolatileFlows(
      configuration.storage,
      (flow) => this.registry.settings(flow).persistState,
    );
    this.records = new Records(configuration.codec, (flow) => this.registry.settings(flow));
    this.log = new ConversationLog(this.storage, this.records);
    const { signal } = this.closing;
    this.conductor = new Conductor({
      log: this.log,
      scheduler: this.#scheduler,
      signal,
      parallel: this.settings.parallelExecution,
      shared: !this.storage.exclusive,
      onCommitted: (loaded, entry) => this.#committed(loaded, entry),
    });
    this.services = new StepServices({
      configuration,
      storage: this.storage,
      records: this.records,
      signal,
      onSay: ({ key }, step, text) => this.#tell(key, { type: 'saying', step, text }),
    });
  }

  readonly now = (): Date => this.configuration.now?.() ?? new Date();

  readonly newId = (): string => this.configuration.id?.() ?? randomUUID();

  warn(warning: GraphwrightError): void {
    this.configuration.onWarning?.(warning);
  }

  /** @throws GraphwrightError as `Conversations.register`. */
  register(flows: readonly CompiledFlow[]): void {
    this.registry.register(...flows);
    if (flows.some(({ settings }) => !settings.lazyLoadAgents)) this.services.loadAgents();
  }

  /** Has a part of the engine told of every commit. */
  onCommitted(listener: (loaded: Loaded, entry: LogEntry) => void): void {
    this.#listeners.push(listener);
  }

  /** The beginning of a turn. */
  execution(
    { key, session, version = 0, steps = 0 }: ExecutionOf,
    state: ConversationState,
    cause: string,
  ): TurnExecution {
    const { quota, stepTimeout, fallbackResponses } = this.settings;
    const left = quota.steps === undefined ? Infinity : quota.steps - steps;
    return new TurnExecution({ key, session, version, cause, steps: left }, state, {
      registry: this.registry,
      stepTimeout,
      fallbackResponses,
      now: this.now,
      signal: this.closing.signal,
      yield: () => this.#scheduler.turn(),
      services: (turning, own, step) => this.services.of(turning, own, step.name),
      inbox: (awaited) => this.inbox(key.tenant, awaited),
      onError: (error) => this.warn(error),
    });
  }

  /** The oldest event that lies in the inbox for whoever awaits it. */
  async inbox(tenant: string, awaited: AwaitedEvent): Promise<AcceptedEvent | undefined> {
    const [oldest] = await this.storage.inbox(tenant, awaited);
    return oldest && this.records.readEvent(oldest);
  }

  /** How an event of the inbox is kept: as the most careful of all flows asks. */
  get eventTreatment(): RecordTreatment {
    const all = this.registry.all.map(({ settings }) => settings);
    return {
      compress: all.some(({ compressState }) => compressState),
      encrypt: all.some(({ encryptSensitiveData }) => encryptSensitiveData),
    };
  }

  /** The change that an operation on a conversation makes, with all that follows from it. */
  change(
    { head, facts: before }: Loaded,
    given: Omit<Change, 'facts' | 'at' | 'dueAt'> & { facts?: Partial<ConversationFacts> },
  ): Change {
    const at = this.now().getTime();
    const settings = this.registry.settings(head.flow);
    let facts: ConversationFacts = { ...before, ...given.facts };
    const due = settings.autoCheckpoint && at - facts.checkpointAt >= settings.checkpointInterval;
    const checkpoint = given.checkpoint ?? (due ? '' : undefined);
    if (checkpoint !== undefined) facts = { ...facts, checkpointAt: at };
    const dueAt = this.deadline(given.state, facts, head)?.at;
    return { ...given, facts, at, checkpoint, dueAt };
  }

  /** What time does to a conversation next. */
  deadline(
    state: ConversationState,
    facts: ConversationFacts,
    { flow, createdAt }: Loaded['head'],
  ): Deadline | undefined {
    const settings = this.registry.settings(flow);
    const step = this.registry.find(state.flow, state.step);
    return deadline({ state, facts, createdAt, settings, step, engine: this.settings });
  }

  #committed(loaded: Loaded, entry: LogEntry): void {
    this.#tell(loaded.head, { type: 'entry', ...entry });
    for (const listener of this.#listeners) listener(loaded, entry);
  }

  #tell(key: ConversationKey, followed: Followed): void {
    this.followers.tell(nameOf(key), followed);
  }
}

/** Whose turn begins, and on what. */
export interface ExecutionOf {
  readonly key: ConversationKey;
  readonly session: Session;
  readonly version?: number;
  /** How many steps were executed before. */
  readonly steps?: number;
}
