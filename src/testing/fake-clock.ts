/** A clock that stands still until a test moves it. */
export class FakeClock {
  #time: number;

  constructor(start: Date | string = '2026-01-01T00:00:00.000Z') {
    this.#time = new Date(start).getTime();
  }

  /** The time; pass it where a `now` is asked for. */
  readonly now = (): Date => new Date(this.#time);

  /** Moves the clock on. */
  advance(milliseconds: number): void {
    this.#time += milliseconds;
  }
}
