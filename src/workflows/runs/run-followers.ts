import type { RunEvent } from './runs.ts';

/** Those who follow runs, or something else of which things are told, and what each has not read yet. */
export class RunFollowers<E = RunEvent> {
  readonly #followers = new Map<string, Set<(event: E) => void>>();

  /** Whether anybody follows this run. */
  has(id: string): boolean {
    return this.#followers.has(id);
  }

  tell(id: string, event: E): void {
    for (const told of this.#followers.get(id) ?? []) told(event);
  }

  /** Keeps the events of a run from now on, until {@link Following.end}. */
  follow(id: string): Following<E> {
    const following = new Following<E>(() => {
      const others = this.#followers.get(id);
      others?.delete(following.told);
      if (others?.size === 0) this.#followers.delete(id);
    });
    const followers = this.#followers.get(id) ?? new Set();
    this.#followers.set(id, followers.add(following.told));
    return following;
  }
}

/** One reader of a run's events. */
export class Following<E = RunEvent> {
  readonly #events: E[] = [];
  readonly #onEnd: () => void;
  #wake?: () => void;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  readonly told = (event: E): void => {
    this.#events.push(event);
    this.#wake?.();
  };

  /** The next event; rejects with the signal's reason when that aborts first. */
  async next(signal: AbortSignal | undefined): Promise<E> {
    for (;;) {
      signal?.throwIfAborted();
      const event = this.#events.shift();
      if (event) return event;
      await new Promise<void>((resolve) => {
        this.#wake = () => {
          signal?.removeEventListener('abort', this.#wake!);
          resolve();
        };
        signal?.addEventListener('abort', this.#wake, { once: true });
      });
    }
  }

  end(): void {
    this.#onEnd();
  }
}
