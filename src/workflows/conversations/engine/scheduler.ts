import { setImmediate as nextRound } from 'node:timers/promises';

/** How long turns may go on, in milliseconds, before everything else has its turn. */
const slice = 4;

/**
 * Lets conversations go on one after the other, and stops again and again for whatever else the process has to
 * do: with thousands of them ready at once, a request still waits for no more than a few of them.
 */
export class Scheduler {
  #waiting: (() => void)[] = [];
  /** Whether somebody went on at once in this round of the event loop. */
  #taken = false;

  /** Resolves when it is the caller's turn: at once for the first of a round. */
  turn(): Promise<void> {
    if (!this.#taken && this.#waiting.length === 0) return this.#take();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) void this.#go();
    });
  }

  async #take(): Promise<void> {
    this.#taken = true;
    setImmediate(() => {
      this.#taken = false;
    });
  }

  async #go(): Promise<void> {
    await nextRound();
    let began = performance.now();
    for (let index = 0; index < this.#waiting.length; index += 1) {
      this.#waiting[index]!();
      // What was let go on does its part in the microtasks before this one.
      await Promise.resolve();
      if (performance.now() - began < slice) continue;
      await nextRound();
      began = performance.now();
    }
    this.#waiting = [];
  }
}
