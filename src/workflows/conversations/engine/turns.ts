import { GraphwrightError } from '../../../errors.ts';
import type { StartConversation } from '../api.ts';
import { hasEnded, type ConversationKey, type Turn } from '../conversation.ts';
import type { CompiledFlow, StepInput } from '../flow.ts';
import type { ConversationFacts, ConversationState, LogEntry } from '../log.ts';
import type { AcceptedMessage, Message } from '../message.ts';
import type { CommitLimits } from '../storage/storage.ts';
import { acceptMessage, acceptNewKey, acceptSession, acceptState } from './accepted.ts';
import type { Outcome } from './conductor.ts';
import type { Core } from './core.ts';
import type { Loaded } from './records.ts';
import { settleObject } from './settle.ts';
import type { TurnExecution } from './turn-execution.ts';

/** Begins conversations and carries out their turns. */
export class Turns {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /** @throws GraphwrightError as `Conversations.start`. */
  async start(options: StartConversation): Promise<Turn> {
    const { tenant, id = this.#core.newId() } = options;
    const flow = this.#core.registry.existing(options.flow);
    const session = acceptSession(options.session);
    const state = options.state && acceptState(options.state);
    const key = acceptNewKey({ tenant, id });
    const message = options.message && acceptMessage(options.message, this.#core.newId);
    return this.#core.conductor.exclusively(key, async () => {
      // What steps do cannot be undone: that the conversation exists has to be known before.
      if (options.id !== undefined && (await this.#core.storage.load(key)))
        return this.#begun(key, flow, message);
      const begun = await this.#begin(key, { ...options, session, state }, flow, message);
      return begun ?? this.#begun(key, flow, message);
    });
  }

  /** @throws GraphwrightError as `Conversations.send`. */
  async send(key: ConversationKey, given: Message): Promise<Turn> {
    const { conductor } = this.#core;
    return conductor.exclusively(key, () => {
      const message = acceptMessage(given, this.#core.newId);
      const operation = async (loaded: Loaded, answered?: LogEntry) => {
        if (answered) return this.repeat(key, answered);
        const overdue = await this.overdue(loaded);
        if (overdue) return { ...overdue, again: true };
        return this.#answer(this.#woken(loaded), message);
      };
      return conductor.perform(key, operation, message);
    });
  }

  /** Goes on without an answer. */
  skip(key: ConversationKey): Promise<Turn> {
    return this.#core.conductor.operate(key, async (loaded) => {
      this.assertTaking(loaded);
      if (!this.#core.registry.settings(loaded.head.flow).allowStepSkipping)
        throw forbidden(loaded.head.flow, 'skipping of steps');
      const turn = this.#execution(loaded, `skip ${loaded.head.version}`);
      const input = turn.skip();
      if (input) await turn.go(input);
      return this.#outcome(loaded, turn);
    });
  }

  /** Gives a conversation that waits for it an event of the inbox, or one that it kept; undefined when it does not wait. */
  happen(key: ConversationKey): Promise<Turn | undefined> {
    return this.#core.conductor.operate<Turn | undefined>(key, async (loaded) => {
      const none = { answer: () => undefined };
      if (loaded.state.status !== 'waiting' || !loaded.state.waiting) return none;
      const { waiting } = loaded.state;
      const found = await this.#core.inbox(key.tenant, waiting);
      const turn = this.#execution(loaded, `event ${found?.correlationId} ${found?.id}`);
      const event = turn.keptEvent() ?? found;
      if (!event) return none;
      if (event === found) turn.take(event);
      await turn.go({ kind: 'event', event });
      return this.#outcome(loaded, turn, { active: true });
    });
  }

  /** Does to a conversation what time has done to it; undefined when its time has not come. */
  async overdue(loaded: Loaded): Promise<Outcome<Turn> | undefined> {
    const { state, facts, head } = loaded;
    const now = this.#core.now().getTime();
    const deadline = this.#core.deadline(state, facts, head);
    if (!deadline || deadline.at > now) return undefined;
    const turn = this.#execution(loaded, `${deadline.kind} ${head.version}`);
    if (deadline.kind === 'timeout') {
      await turn.go({ kind: 'timeout' });
      return this.#outcome(loaded, turn, { active: true });
    }
    if (deadline.kind === 'expired') turn.stop('expired', deadline.reason);
    else turn.stop('paused', deadline.reason);
    const paused = { from: state.status, lapsed: true } as const;
    return this.#outcome(loaded, turn, { facts: deadline.kind === 'lapsed' ? { paused } : {} });
  }

  /** The stored answer to a message. */
  async repeat(key: ConversationKey, entry: LogEntry): Promise<Outcome<Turn>> {
    const { status, step } = await this.#core.log.stateAt(key, entry.version);
    const turn: Turn = {
      ...key,
      messageId: entry.messageId,
      version: entry.version,
      replies: entry.events.flatMap((event) => (event.type === 'reply' ? [event.reply] : [])),
      status,
      step,
      error: entry.events.flatMap((event) => (event.type === 'step' && event.error) || [])[0],
      repeated: true,
    };
    return { answer: () => turn };
  }

  /** @throws GraphwrightError `conflict` when it takes no messages now. */
  assertTaking({ head, state }: Loaded): void {
    if (state.status === 'active' || state.status === 'waiting') return;
    const what = hasEnded(state.status)
      ? `has ended (${state.status}); begin a new one or roll it back`
      : 'is paused; resume it first';
    throw new GraphwrightError('conflict', `Conversation ${head.id} ${what}`);
  }

  async #answer(loaded: Loaded, message: AcceptedMessage): Promise<Outcome<Turn>> {
    this.assertTaking(loaded);
    const turn = this.#execution(loaded, `message ${message.id}`);
    turn.events.push({ type: 'message', message });
    if (loaded.state.status === 'waiting') await this.#whileWaiting(turn, loaded);
    else
      await turn.go(
        loaded.state.arriving ? { kind: 'arrival', message } : { kind: 'message', message },
      );
    return this.#outcome(loaded, turn, { message, active: true });
  }

  /** Text does not wake a conversation that waits for an event; the event, if it came meanwhile, does. */
  async #whileWaiting(turn: TurnExecution, { state, head }: Loaded): Promise<void> {
    const { waiting } = state;
    const found = waiting && (await this.#core.inbox(head.tenant, waiting));
    const event = turn.keptEvent() ?? found;
    if (!event) return turn.say({ content: this.#core.settings.waitingResponse });
    if (event === found) turn.take(event);
    await turn.go({ kind: 'event', event });
  }

  /** A pause that nobody asked for ends with the next message. */
  #woken(loaded: Loaded): Loaded {
    const { paused, ...facts } = loaded.facts;
    if (loaded.state.status !== 'paused' || !paused?.lapsed) return loaded;
    return { ...loaded, facts, state: { ...loaded.state, status: paused.from } };
  }

  #execution({ head, facts, state }: Loaded, cause: string): TurnExecution {
    const { tenant, id, version } = head;
    const { session, steps } = facts;
    return this.#core.execution({ key: { tenant, id }, session, version, steps }, state, cause);
  }

  #outcome(
    loaded: Loaded,
    turn: TurnExecution,
    more: {
      message?: AcceptedMessage;
      active?: boolean;
      facts?: Partial<ConversationFacts>;
    } = {},
  ): Outcome<Turn> {
    const { message, active, facts } = more;
    const change = this.#core.change(loaded, {
      state: turn.state,
      events: turn.events,
      messageId: message?.id,
      takes: turn.takes,
      limits: message && this.#rate(),
      facts: {
        steps: loaded.facts.steps + turn.executed,
        ...(active && { activeAt: this.#core.now().getTime() }),
        ...facts,
      },
    });
    return { change, answer: (committed) => turnOf(committed, turn, message?.id) };
  }

  async #begin(
    key: ConversationKey,
    { session, state: given }: StartConversation,
    flow: CompiledFlow,
    message?: AcceptedMessage,
  ): Promise<Turn | undefined> {
    const at = this.#core.now().getTime();
    const blank: ConversationState = {
      flow: flow.id,
      step: flow.start,
      status: 'active',
      data: settleObject({ ...flow.variables, ...given }),
      visits: {},
      calls: [],
      arrivedAt: at,
    };
    const turn = this.#core.execution({ key, session }, blank, `start ${message?.id}`);
    turn.events.push({ type: 'started', flow: flow.id });
    if (message) turn.events.push({ type: 'message', message });
    const input = first(turn.begin(flow), message);
    if (input) await turn.go(input);
    const head = { ...key, flow: flow.id, sessionId: session.id, createdAt: at };
    const facts: ConversationFacts = {
      session,
      steps: turn.executed,
      activeAt: at,
      checkpointAt: 0,
      snapshot: { version: 0, size: 0 },
      logged: 0,
    };
    const { quota, maxConcurrentSessions } = this.#core.settings;
    const limits = {
      tenantSessions: quota.sessions,
      allSessions: maxConcurrentSessions,
      ...(message && this.#rate()),
    };
    const base = {
      head: { ...head, status: 'active', version: 0, updatedAt: at, data: '' },
    } as const;
    const change = this.#core.change(
      { ...base, facts, state: blank },
      {
        state: turn.state,
        events: turn.events,
        messageId: message?.id,
        takes: turn.takes,
        limits,
      },
    );
    const loaded = await this.#core.conductor.create(head, change);
    return loaded && turnOf(loaded, turn, message?.id);
  }

  /** The first turn of a conversation that exists, when it began the same way. */
  async #begun(key: ConversationKey, flow: CompiledFlow, message?: AcceptedMessage): Promise<Turn> {
    const { loaded, answered } = await this.#core.log.load(key, message);
    const [stored] = await this.#core.storage.entries(key, { limit: 1 });
    const entry = answered ?? (stored && this.#core.records.readEntry(key, stored));
    const same = entry?.version === 1 && entry.messageId === message?.id;
    if (loaded.head.flow !== flow.id || !entry || !same)
      throw new GraphwrightError(
        'conflict',
        `There is a conversation ${key.id} already, which began differently; send it a message`,
      );
    const { answer } = await this.repeat(key, entry);
    return answer(loaded);
  }

  #rate(): CommitLimits | undefined {
    const { perMinute } = this.#core.settings.quota;
    if (perMinute === undefined) return undefined;
    return { rate: { window: Math.floor(this.#core.now().getTime() / 60_000), most: perMinute } };
  }
}

/** The refusal of what a flow's settings do not allow. */
export const forbidden = (flow: string, what: string): GraphwrightError =>
  new GraphwrightError('forbidden', `The settings of flow ${flow} allow no ${what}`);

/** What the first step gets: the message itself where it waits for one, else the message along with the arrival. */
const first = (
  arrival: StepInput | undefined,
  message: AcceptedMessage | undefined,
): StepInput | undefined => {
  if (arrival) return { kind: 'arrival', message };
  return message && { kind: 'message', message };
};

/** The end of a turn, as callers see it. */
export const turnOf = (
  { head: { tenant, id, version }, state }: Loaded,
  { replies, error }: Pick<TurnExecution, 'replies' | 'error'>,
  messageId?: string,
): Turn => ({
  tenant,
  id,
  messageId,
  version,
  replies,
  status: state.status,
  step: state.step,
  error: error?.toPublic(),
  repeated: false,
});
