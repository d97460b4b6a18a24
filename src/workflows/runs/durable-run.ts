import type { z } from 'zod';
import { GraphwrightError } from '../../errors.ts';
import { attempts, type StepEnd } from '../attempts.ts';
import { batch, type Outcome } from '../batch.ts';
import { derivedUuid } from '../derived.ts';
import { ApprovalDecision, decisionSignal, type RunApproval } from '../approval/run-approval.ts';
import { assertOutsideStep, Chance, currentStep, inStep } from '../step-scope.ts';
import type {
  AnyWorkflow,
  EffectAction,
  EffectPolicy,
  ParametersOf,
  ResultOf,
  Run,
  RunBatchOptions,
  StepAction,
  StepContext,
  StepPolicy,
  WaitOptions,
} from '../workflow.ts';
import { Effect } from './effect.ts';
import type { Asked } from './recording.ts';
import { json, parsed, type StepRow } from './run-rows.ts';
import type { RunExecution } from './run-execution.ts';
import type { Waiting } from './runs.ts';
import type { StepWrites } from './step-writes.ts';

/** A run whose steps are recorded, as its workflow sees it. */
export class DurableRun implements Run {
  readonly id: string;
  readonly signal: AbortSignal;
  readonly #execution: RunExecution;
  readonly #chance: Chance;

  constructor(execution: RunExecution) {
    this.#execution = execution;
    this.id = execution.id;
    this.signal = execution.signal;
    this.#chance = new Chance(this.id);
  }

  now(): Date {
    const { recording, recorder } = this.#execution;
    if (currentStep() !== undefined) return this.#execution.now();
    const name = recording.occurrence('now', 'now');
    const recorded = recording.find('now', name);
    if (recorded) return new Date(Number(recorded.value));
    const time = this.#execution.now();
    recorder.add({ kind: 'now', name, asked: 0, value: String(time.getTime()) });
    return time;
  }

  random(): number {
    return this.#chance.random();
  }

  uuid(): string {
    return this.#chance.uuid();
  }

  progress(done: number, total?: number, message?: string): void {
    this.#execution.recorder.tell({ type: 'progress', done, total, message });
  }

  step<T>(name: string, action: StepAction<T>, policy: StepPolicy = {}): Promise<T> {
    const isPart = currentStep() !== undefined;
    return isPart ? this.#part(name, action, policy) : this.#step(name, action, policy);
  }

  async effect<T>(name: string, action: EffectAction<T>, policy: EffectPolicy): Promise<T> {
    assertOutsideStep('run.effect()');
    const asked = this.#execution.recording.ask('step', name);
    if (asked.recorded) return this.#replay(asked, asked.recorded);
    await this.#execution.mayBegin(asked);
    const hold = () => this.waitFor<unknown>(`effect:${asked.name}`);
    const effect = new Effect<T>(this.#execution, asked.name, hold);
    return this.#conclude(asked, await effect.carryOut(action, policy));
  }

  async sleep(milliseconds: number): Promise<void> {
    assertOutsideStep('run.sleep()');
    const asked = this.#execution.recording.ask('sleep', 'sleep');
    const due = Number(asked.recorded?.value ?? Date.now() + milliseconds);
    await this.#execution.mayBegin(asked);
    if (!asked.recorded) this.#note('sleep', asked, { value: String(due) });
    await this.#execution.waitUntil({ for: 'sleep' }, due, () => undefined);
  }

  async waitFor<T = unknown>(signal: string, { timeout, schema }: WaitOptions<T> = {}): Promise<T> {
    assertOutsideStep('run.waitFor()');
    const asked = this.#execution.recording.ask('signal', signal);
    if (asked.recorded) return this.#replay(asked, asked.recorded);
    await this.#execution.mayBegin(asked);
    const due = timeout === undefined ? undefined : this.#deadline(asked, timeout);
    const waiting = { for: 'signal', name: signal } as const;
    const late = new GraphwrightError('timeout', `No signal ${signal} came within ${timeout} ms`);
    return this.#await<T>(asked, { signal, schema, waiting, due, late });
  }

  /**
   * Waits for what a person decides on this run.
   * @throws GraphwrightError `timeout`.
   */
  async approval({ expiresAt }: RunApproval): Promise<ApprovalDecision> {
    const asked = this.#execution.recording.ask('signal', decisionSignal);
    if (asked.recorded) return this.#replay(asked, asked.recorded);
    await this.#execution.mayBegin(asked);
    // A decision that was taken in at the last moment still comes through.
    const due = expiresAt === undefined ? undefined : Date.parse(expiresAt) + 1000;
    const waiting = { for: 'approval', ...(expiresAt && { until: expiresAt }) } as const;
    const message = `Nobody decided on it until ${expiresAt}`;
    const late = new GraphwrightError('timeout', message, { retriable: false });
    const schema = ApprovalDecision;
    return this.#await<ApprovalDecision>(asked, {
      signal: decisionSignal,
      schema,
      waiting,
      due,
      late,
    });
  }

  async child<W extends AnyWorkflow>(
    workflow: W,
    parameters: ParametersOf<W>,
  ): Promise<ResultOf<W>> {
    assertOutsideStep('run.child()');
    const asked = this.#execution.recording.ask('child', workflow.name);
    if (asked.recorded) return this.#replay(asked, asked.recorded);
    await this.#execution.mayBegin(asked);
    const id = childId(this.id, asked.name);
    const { result, error } = await this.#execution.child(workflow, parameters, id);
    this.#note('child', asked, { value: json(result), error });
    if (error) throw GraphwrightError.fromJSON(error);
    return result as ResultOf<W>;
  }

  async batch<I, T>(
    items: readonly I[],
    { maxParallel, name = 'batch', ...policy }: RunBatchOptions,
    action: (item: I, context: StepContext & { index: number }) => T | Promise<T>,
  ): Promise<Outcome<T>[]> {
    assertOutsideStep('run.batch()');
    const whole = this.#execution.recording.occurrence('batch', name);
    const one = (item: I, index: number) =>
      this.#step(`${whole}[${index}]`, (context) => action(item, { ...context, index }), policy);
    const outcomes = await batch(items, one, { maxParallel, signal: this.signal });
    this.#execution.assertGoing(name);
    return outcomes;
  }

  async #step<T>(name: string, action: StepAction<T>, policy: StepPolicy): Promise<T> {
    const asked = this.#execution.recording.ask('step', name);
    if (asked.recorded) return this.#replay(asked, asked.recorded);
    await this.#execution.mayBegin(asked);
    const unit = this.#execution.unitOfWork(asked.name);
    const carryOut = (context: StepContext) =>
      this.#execution.track(unit.run(() => inStep(asked.name, () => action(context))));
    this.#execution.begin(asked.name);
    const end = await attempts(carryOut, policy, {
      step: asked.name,
      signal: this.signal,
      onFailedAttempt: (failed) => {
        unit.drop();
        this.#execution.failedAttempt(asked.name, failed);
      },
    });
    return this.#conclude(asked, end, unit);
  }

  /** A step within a step: tried as its policy says, and recorded as a part of the other. */
  async #part<T>(name: string, action: StepAction<T>, policy: StepPolicy): Promise<T> {
    this.#execution.assertGoing(name);
    const end = await attempts(action, policy, { step: name, signal: this.signal });
    if (end.error) throw end.error;
    return end.value;
  }

  /** Records how a step ended; gives back or throws what it did. */
  async #conclude<T>(asked: Asked, end: StepEnd<T>, unit?: StepWrites): Promise<T> {
    const ended = await this.#execution.end(asked, end, unit);
    if (ended.error) throw ended.error;
    return ended.value;
  }

  /** Gives again what was given once. */
  async #replay<T>(asked: Asked, { value, error }: StepRow): Promise<T> {
    await this.#execution.mayBegin(asked);
    if (error) throw GraphwrightError.fromJSON(error);
    return parsed(value) as T;
  }

  #note(
    kind: StepRow['kind'],
    { name, asked }: Asked,
    end: Pick<StepRow, 'value' | 'error'>,
    taken?: string,
  ): void {
    const statements = taken === undefined ? [] : [this.#execution.taken(taken)];
    this.#execution.recorder.add({ kind, name, asked, ...end }, ...statements);
  }

  /** Waits for a signal, and records which it was, or that none came. */
  async #await<T>(
    asked: Asked,
    { signal, schema, waiting, due, late }: AwaitedSignal<T>,
  ): Promise<T> {
    const found = await this.#execution.waitUntil(waiting, due, () => this.#take(signal, schema));
    if (found) {
      this.#note('signal', asked, { value: found.payload }, found.id);
      return found.value as T;
    }
    this.#note('signal', asked, { error: late.toJSON() });
    throw late;
  }

  /** Until when a signal is waited for, the same when the run is executed again. */
  #deadline(asked: Asked, timeout: number): number {
    const recorded = this.#execution.recording.find('deadline', asked.name);
    if (recorded) return Number(recorded.value);
    const due = Date.now() + timeout;
    this.#note('deadline', asked, { value: String(due) });
    return due;
  }

  /** The oldest signal by a name whose payload fits. */
  #take(name: string, schema: z.ZodType | undefined) {
    for (;;) {
      const signal = this.#execution.recording.take(name);
      if (!signal) return undefined;
      const payload = parsed(signal.payload);
      const fits = schema?.safeParse(payload) ?? { success: true as const, data: payload };
      if (fits.success) return { id: signal.id, payload: json(fits.data), value: fits.data };
      this.#execution.drop(signal);
    }
  }
}

/** A signal to wait for, until when, and with which error if none comes. */
interface AwaitedSignal<T> {
  signal: string;
  schema?: z.ZodType<T>;
  waiting: Waiting;
  due?: number;
  late: GraphwrightError;
}

/** The id of a child, the same when its parent is executed again. */
export const childId = (parent: string, name: string): string => derivedUuid(parent, 'child', name);
