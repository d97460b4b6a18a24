import { AsyncLocalStorage } from 'node:async_hooks';
import { GraphwrightError } from '../errors.ts';
import { derivedRandom, derivedUuid } from './derived.ts';

/** The step that the calling code is a part of. */
interface StepScope {
  name: string;
  chances: number;
}

const current = new AsyncLocalStorage<StepScope>();

/** Runs a step's action so that what it calls knows of the step. */
export const inStep = <T>(name: string, action: () => T): T =>
  current.run({ name, chances: 0 }, action);

/** The name of the step that the calling code is a part of, if it is of one. */
export const currentStep = (): string | undefined => current.getStore()?.name;

/** @throws GraphwrightError `internal` inside a step, which has to end before the run can wait. */
export function assertOutsideStep(what: string): void {
  const step = currentStep();
  if (step !== undefined)
    throw new GraphwrightError(
      'internal',
      `${what} was called inside the step ${step}; call it between steps`,
    );
}

/** Tells the occurrences of a name apart: `name`, `name#2`. */
export class Occurrences {
  readonly #counts = new Map<string, number>();

  next(name: string): string {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count === 1 ? name : `${name}#${count}`;
  }
}

/** Numbers and ids that look like chance and are the same whenever a run is executed. */
export class Chance {
  readonly #runId: string;
  readonly #outside: StepScope = { name: '', chances: 0 };

  constructor(runId: string) {
    this.#runId = runId;
  }

  random(): number {
    return derivedRandom(...this.#next());
  }

  uuid(): string {
    return derivedUuid(...this.#next());
  }

  // Counted for each step by itself: steps side by side take turns in no certain order.
  #next(): (string | number)[] {
    const scope = current.getStore() ?? this.#outside;
    scope.chances += 1;
    return [this.#runId, scope.name, scope.chances];
  }
}
