import { longestTimer } from '../../time-limit.ts';

/** Calls back when the earliest of some times has come. */
export class RunTimer {
  readonly #onTime: () => void;
  #due = Infinity;
  #timer?: NodeJS.Timeout;

  constructor(onTime: () => void) {
    this.#onTime = onTime;
  }

  /** @param due Milliseconds since 1970. */
  set(due: number): void {
    if (due >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    const time = Math.max(0, Math.min(due - Date.now(), longestTimer));
    this.#timer = setTimeout(() => {
      this.#due = Infinity;
      this.#onTime();
    }, time);
    // Runs that wait on disk are no reason to stay alive: the next process wakes them.
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#due = -Infinity;
  }
}
