import { z } from 'zod';
import { GraphwrightError } from '../../errors.ts';
import { attempts, type StepEnd } from '../attempts.ts';
import { inStep } from '../step-scope.ts';
import type { EffectAction, EffectPolicy, StepContext, StepPolicy } from '../workflow.ts';
import type { RunExecution } from './run-execution.ts';

const Decision = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('done'), result: z.unknown().optional() }),
  z.object({ outcome: z.literal('repeat') }),
  z.object({ outcome: z.literal('failed') }),
]);

/** One effect outside that must not be repeated, and what is known of it. */
export class Effect<T> {
  readonly #execution: RunExecution;
  readonly #name: string;
  readonly #hold: () => Promise<unknown>;
  /** How often it was begun, and of how many beginnings the end is known or decided on. */
  #begun: number;
  #decided = 0;

  /** @param hold Waits for the next decision of a person. */
  constructor(execution: RunExecution, name: string, hold: () => Promise<unknown>) {
    this.#execution = execution;
    this.#name = name;
    this.#hold = hold;
    this.#begun = execution.recording.intents(name);
  }

  async carryOut(
    action: EffectAction<T>,
    { onUnknown, ...policy }: EffectPolicy,
  ): Promise<StepEnd<T>> {
    for (;;) {
      const known = onUnknown === 'hold' ? await this.#decisions() : undefined;
      if (known) return known;
      const end = await this.#attempt(action, onUnknown === 'repeat' ? insistent(policy) : policy);
      if (onUnknown !== 'hold' || end.error?.code !== 'delivery_unknown') return end;
      this.#execution.pauseStep(this.#name);
    }
  }

  /** Waits until somebody has decided on each beginning without an end. */
  async #decisions(): Promise<StepEnd<T> | undefined> {
    while (this.#decided < this.#begun) {
      const decision = Decision.safeParse(await this.#hold());
      if (!decision.success) continue;
      this.#decided += 1;
      const { data } = decision;
      const attempt = { attempts: this.#begun, duration: 0 };
      if (data.outcome === 'done') return { ...attempt, value: data.result as T };
      if (data.outcome === 'failed')
        return { ...attempt, error: new GraphwrightError('delivery_unknown', unknown(this.#name)) };
    }
    return undefined;
  }

  async #attempt(action: EffectAction<T>, policy: StepPolicy): Promise<StepEnd<T>> {
    const { recorder, signal, id } = this.#execution;
    const repeated = this.#begun > 0;
    const key = `${id}:${this.#name}`;
    recorder.add({ kind: 'intent', name: this.#name, asked: 0 });
    await recorder.flush();
    this.#begun += 1;
    this.#execution.begin(this.#name);
    const carryOut = (context: StepContext) =>
      this.#execution.track(
        inStep(this.#name, () =>
          action({ ...context, key, repeated: repeated || context.attempt > 1 }),
        ),
      );
    return attempts(carryOut, policy, {
      step: this.#name,
      signal,
      onFailedAttempt: (failed) => this.#execution.failedAttempt(this.#name, failed),
    });
  }
}

/** The receiver does nothing twice, so that it can be tried again when its answer was lost. */
const insistent = (policy: StepPolicy): StepPolicy => ({
  retriable: ({ retriable, code }) => retriable || code === 'delivery_unknown',
  ...policy,
});

const unknown = (name: string) =>
  `Whether ${name} took place was not known, and a person decided that it failed`;
