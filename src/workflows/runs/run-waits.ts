import type { Waiting } from './runs.ts';
import { longestTimer } from '../../time-limit.ts';

/** One thing that a run waits for. */
interface Wait {
  waiting: Waiting;
  due?: number;
  wake: () => void;
}

/** What a run waits for at the moment. */
export class RunWaits {
  readonly #waits = new Set<Wait>();
  readonly #onChange: () => void;

  /** @param onChange Told when a wait begins or ends. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get size(): number {
    return this.#waits.size;
  }

  /** What the run waits for, when that is one thing; with its time in milliseconds since 1970. */
  get only(): { waiting: Waiting; due?: number } | undefined {
    const [first] = this.#waits;
    return this.#waits.size === 1 ? first : undefined;
  }

  /** Resolves when the time has come, or somebody wakes the run. */
  wait(waiting: Waiting, due: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wait: Wait = { waiting, due, wake: () => end() };
      const time = due === undefined ? undefined : Math.min(due - Date.now(), longestTimer);
      const timer = time === undefined ? undefined : setTimeout(() => end(), time);
      const end = () => {
        clearTimeout(timer);
        if (!this.#waits.delete(wait)) return;
        this.#onChange();
        resolve();
      };
      this.#waits.add(wait);
      this.#onChange();
    });
  }

  /** Wakes whatever waits; each looks for itself whether it has what it waits for. */
  wake(): void {
    for (const { wake } of this.#waits) wake();
  }

  /** Forgets them all, so that none ever goes on. */
  forget(): void {
    const waits = [...this.#waits];
    this.#waits.clear();
    for (const { wake } of waits) wake();
  }
}
