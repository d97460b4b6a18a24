import { GraphwrightError } from '../errors.ts';
import { attempts, pause } from './attempts.ts';
import { batch, type Outcome } from './batch.ts';
import type { Progress, StepEvent } from './progress.ts';
import { Chance, currentStep, inStep, Occurrences } from './step-scope.ts';
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
} from './workflow.ts';

/** What a run is made of that lives as long as the call. */
export interface PlainRunOptions {
  id: string;
  signal: AbortSignal;
  now: () => Date;
  child: Run['child'];
  onProgress?: (progress: Progress) => void;
  onStep?: (event: StepEvent) => void;
}

/** A run that lives as long as the call: nothing is recorded, and no signal can reach it. */
export class PlainRun implements Run {
  readonly id: string;
  readonly signal: AbortSignal;
  readonly #options: PlainRunOptions;
  readonly #chance: Chance;
  readonly #names = new Occurrences();

  constructor(options: PlainRunOptions) {
    this.id = options.id;
    this.signal = options.signal;
    this.#options = options;
    this.#chance = new Chance(options.id);
  }

  now(): Date {
    return this.#options.now();
  }

  random(): number {
    return this.#chance.random();
  }

  uuid(): string {
    return this.#chance.uuid();
  }

  progress(done: number, total?: number, message?: string): void {
    this.#options.onProgress?.({ done, total, message });
  }

  step<T>(name: string, action: StepAction<T>, policy: StepPolicy = {}): Promise<T> {
    return this.#step(name, action, policy);
  }

  effect<T>(name: string, action: EffectAction<T>, policy: EffectPolicy): Promise<T> {
    const carryOut = (context: StepContext, step: string) =>
      action({ ...context, key: `${this.id}:${step}`, repeated: context.attempt > 1 });
    return this.#step(name, carryOut, policy);
  }

  sleep(milliseconds: number): Promise<void> {
    return pause(milliseconds, this.signal);
  }

  async waitFor<T>(signal: string, _options?: WaitOptions<T>): Promise<T> {
    throw new GraphwrightError(
      'unavailable',
      `Only a run that was started in the background can wait for the signal ${signal}; start the workflow as a run`,
      { retriable: false },
    );
  }

  child<W extends AnyWorkflow>(workflow: W, parameters: ParametersOf<W>): Promise<ResultOf<W>> {
    return this.#options.child(workflow, parameters);
  }

  batch<I, T>(
    items: readonly I[],
    { maxParallel, name = 'batch', ...policy }: RunBatchOptions,
    action: (item: I, context: StepContext & { index: number }) => T | Promise<T>,
  ): Promise<Outcome<T>[]> {
    return batch(
      items,
      (item, index) =>
        this.step(`${name}[${index}]`, (context) => action(item, { ...context, index }), policy),
      { maxParallel, signal: this.signal },
    );
  }

  async #step<T>(
    name: string,
    action: (context: StepContext, step: string) => T | Promise<T>,
    policy: StepPolicy,
  ): Promise<T> {
    const step = this.#names.next(name);
    if (this.signal.aborted)
      throw new GraphwrightError('cancelled', `The run was cancelled before ${name}`);
    const tell = (status: StepEvent['status'], duration?: number) =>
      this.#options.onStep?.({ step: name, status, duration });
    tell('started');
    // A step within a step is a part of it, as in a durable run.
    const isPart = currentStep() !== undefined;
    const carryOut = (context: StepContext) =>
      isPart ? action(context, step) : inStep(step, () => action(context, step));
    const end = await attempts(carryOut, policy, { step, signal: this.signal });
    tell(end.error ? 'failed' : 'completed', end.duration);
    if (end.error) throw end.error;
    return end.value;
  }
}
