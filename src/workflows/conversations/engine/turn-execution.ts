import { GraphwrightError } from '../../../errors.ts';
import type { ConversationKey, ConversationStatus, Session } from '../conversation.ts';
import {
  endStep,
  type CompiledFlow,
  type CompiledStep,
  type StepInput,
  type StepResult,
} from '../flow.ts';
import type { ConversationEvent, ConversationState } from '../log.ts';
import type { AcceptedEvent, AwaitedEvent, Reply } from '../message.ts';
import { settle } from './settle.ts';
import { attemptStep } from './step-attempt.ts';
import { fallbackReply, merged, repliesOf } from './step-results.ts';
import { visitOf, type Turning, type TurnOf, type TurnServices } from './turning.ts';

/** So many steps without a question in between are taken for a loop. */
const mostSteps = 100;

/** One turn: executes steps until one of them waits for somebody, and keeps what is to be committed. */
export class TurnExecution implements Turning {
  readonly key: ConversationKey;
  readonly session: Session;
  readonly version: number;
  readonly cause: string;
  readonly steps: number;
  readonly events: ConversationEvent[] = [];
  readonly replies: Reply[] = [];
  state: ConversationState;
  /** How many steps were executed. */
  executed = 0;
  /** The event that it takes out of the inbox. */
  takes?: AcceptedEvent;
  /** Why the last step could not do its part. */
  error?: GraphwrightError;
  readonly #services: TurnServices;

  constructor(of: TurnOf, state: ConversationState, services: TurnServices) {
    ({ key: this.key, session: this.session, version: this.version } = of);
    ({ cause: this.cause, steps: this.steps } = of);
    this.state = state;
    this.#services = services;
  }

  /** Goes on with the current step, and with those that it leads to. */
  async go(first: StepInput): Promise<void> {
    let input: StepInput | undefined = first;
    while (input) {
      if (this.executed > 0) await this.#services.yield();
      this.#assertRoom();
      input = await this.#step(input);
    }
  }

  /** Arrives at the first step of a flow; the message is the one it starts with. */
  begin(flow: CompiledFlow): StepInput | undefined {
    return this.#arriveAt(flow, flow.start);
  }

  /** Leaves the current step without an answer. */
  skip(): StepInput | undefined {
    const { flow, step } = this.#services.registry.step(this.state.flow, this.state.step);
    const next = this.#nextOf(flow, step);
    if (next !== undefined) return this.#arriveAt(flow, next);
    throw new GraphwrightError(
      'conflict',
      `Step ${step.name} is the last one; answer it or cancel`,
    );
  }

  say(reply: Reply): void {
    const settled = settle(reply) as unknown as Reply;
    this.replies.push(settled);
    this.events.push({ type: 'reply', reply: settled });
  }

  async #step(input: StepInput): Promise<StepInput | undefined> {
    const { flow: flowId, step: name } = this.state;
    const { flow, step } = this.#services.registry.step(flowId, name);
    const at = this.#services.now().getTime();
    const end = await attemptStep(flow, step, input, {
      turn: this,
      services: this.#services,
    });
    this.executed += 1;
    const ran = {
      type: 'step',
      flow: flowId,
      step: name,
      input: input.kind,
      at,
      duration: Math.round(end.duration * 10) / 10,
      ...(end.attempts > 1 && { attempts: end.attempts }),
    } as const;
    if (end.error) {
      this.#fail(flow, end.error, input);
      const error = end.error.toPublic();
      this.events.push({ ...ran, action: 'failed', to: this.state.step, error });
      this.say(fallbackReply(end.error, this.#services.fallbackResponses));
      return undefined;
    }
    // Before its effects, so that the log tells what the step did and then what came of it.
    const place = this.events.length;
    const next = await this.#apply(flow, step, end.value);
    const { action } = end.value;
    this.events.splice(place, 0, { ...ran, action, to: this.#where() });
    return next;
  }

  #where(): string {
    return this.state.status === 'completed' ? endStep : this.state.step;
  }

  async #apply(
    flow: CompiledFlow,
    step: CompiledStep,
    result: StepResult,
  ): Promise<StepInput | undefined> {
    const { update, memo, response } = result;
    if (update) this.#set({ data: merged(this.state.data, update) });
    if (memo !== undefined) this.#set({ memo: memo ?? undefined });
    if (this.state.arriving) this.#set({ arriving: undefined });
    for (const reply of repliesOf(response)) this.say(reply);
    if (this.state.status === 'waiting')
      this.#set({ status: 'active', waiting: undefined, until: undefined });
    switch (result.action) {
      case 'repeat':
        return undefined;
      case 'continue': {
        const next = result.nextStep ?? this.#nextOf(flow, step);
        return next === undefined ? undefined : this.#arriveAt(flow, next);
      }
      case 'jump':
        return this.#arriveAt(flow, result.nextStep);
      case 'call': {
        const called = this.#services.registry.existing(result.flow);
        const back = result.nextStep ?? this.#nextOf(flow, step) ?? endStep;
        this.#set({
          calls: [...this.state.calls, { flow: flow.id, step: back }],
          data: merged(called.variables, this.state.data),
        });
        return this.#arriveAt(called, called.start);
      }
      case 'wait':
        return this.#park(result.event, result.timeout);
      case 'complete':
        return this.#leave();
    }
  }

  /** The step after this one; none after the last, which goes on collecting. */
  #nextOf({ steps, ends }: CompiledFlow, { name }: CompiledStep): string | undefined {
    if (ends.includes(name) && steps.length > 1) return endStep;
    return steps[steps.findIndex((step) => step.name === name) + 1]?.name;
  }

  #arriveAt(flow: CompiledFlow, name: string): StepInput | undefined {
    if (name === endStep) return this.#leave();
    const { step } = this.#found(flow, name);
    const visit = visitOf(flow, name);
    const visits = (this.state.visits[visit] ?? 0) + 1;
    if (step.maxVisits !== undefined && visits > step.maxVisits) return this.#worn(step);
    this.#set({
      flow: flow.id,
      step: name,
      memo: undefined,
      visits: { ...this.state.visits, [visit]: visits },
      arrivedAt: this.#services.now().getTime(),
      arriving: step.onArrival ? true : undefined,
    });
    return step.onArrival ? { kind: 'arrival' } : undefined;
  }

  #found(flow: CompiledFlow, name: string) {
    if (flow.steps.some((step) => step.name === name))
      return this.#services.registry.step(flow.id, name);
    throw new GraphwrightError(
      'invalid_result',
      `Step ${this.state.step} of flow ${flow.id} leads to ${name}, which there is not`,
    );
  }

  #worn({ name, maxVisits }: CompiledStep): undefined {
    const reason = `Step ${name} was arrived at more than ${maxVisits} times`;
    this.error = new GraphwrightError('conflict', reason);
    this.#end('failed', reason);
    this.say(fallbackReply(this.error, this.#services.fallbackResponses));
  }

  /** Leaves the flow: for the one that called it, or for good. */
  #leave(): StepInput | undefined {
    const frame = this.state.calls.at(-1);
    if (!frame) return void this.#end('completed');
    this.#set({ calls: this.state.calls.slice(0, -1) });
    return this.#arriveAt(this.#services.registry.existing(frame.flow), frame.step);
  }

  #end(status: 'completed' | 'failed', reason?: string): void {
    this.#set({ memo: undefined, waiting: undefined, until: undefined });
    this.stop(status, reason);
  }

  /** Changes where the conversation stands, and nothing else of it. */
  stop(status: ConversationStatus, reason?: string): void {
    this.#set({ status });
    this.events.push({ type: 'status', status, ...(reason && { reason }) });
  }

  async #park(event: AwaitedEvent, timeout?: number): Promise<StepInput | undefined> {
    const { type, correlationId } = event;
    const awaited = { type, correlationId };
    const until = timeout === undefined ? undefined : this.#services.now().getTime() + timeout;
    this.#set({ status: 'waiting', waiting: settle(awaited) as unknown as AwaitedEvent, until });
    const kept = this.keptEvent();
    if (kept) return { kind: 'event', event: kept };
    // A commit takes one event; for a second one the conversation is told right after it.
    if (this.takes) return undefined;
    const early = await this.#services.inbox(awaited);
    if (early) this.take(early);
    return early && { kind: 'event', event: early };
  }

  /** Takes an event out of the inbox with this turn's commit. */
  take(event: AcceptedEvent): void {
    this.takes = event;
    this.events.push({ type: 'external', event: settle(event) as unknown as AcceptedEvent });
  }

  /** The event that it waits for, if a rollback has left one behind. */
  keptEvent(): AcceptedEvent | undefined {
    const { waiting, kept = [] } = this.state;
    const found = kept.find(
      ({ type, correlationId }) =>
        type === waiting?.type && correlationId === waiting.correlationId,
    );
    if (!found) return undefined;
    const others = kept.filter((event) => event !== found);
    this.#set({ kept: others.length > 0 ? others : undefined });
    this.events.push({ type: 'external', event: found });
    return found;
  }

  #fail(flow: CompiledFlow, error: GraphwrightError, input: StepInput): void {
    this.error = error;
    // What a step was told that it will not be told again is kept for the next time.
    if (input.kind === 'event') this.#set({ kept: [...(this.state.kept ?? []), input.event] });
    if (!flow.settings.resumeOnFailure) this.#end('failed', error.toPublic().message);
  }

  #assertRoom(): void {
    if (this.executed >= this.steps)
      throw new GraphwrightError(
        'too_many_requests',
        'The conversation has used up its quota of steps; begin a new one',
        { retriable: false },
      );
    if (this.executed < mostSteps) return;
    throw new GraphwrightError(
      'invalid_result',
      `${mostSteps} steps without a question: flow ${this.state.flow} runs in a circle at step ${this.state.step}`,
    );
  }

  #set(changes: { [K in keyof ConversationState]?: ConversationState[K] | undefined }): void {
    // What it is changed to is settled; what is undefined now is not there.
    this.state = { ...this.state, ...changes } as ConversationState;
  }
}
