/** Carries out what concerns one conversation in the order in which it was asked for; others go on beside it. */
export class Queues {
  readonly #tails = new Map<string, Promise<unknown>>();

  run<T>(name: string, action: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(name);
    const result = before ? before.then(action) : action();
    const over = () => {
      if (this.#tails.get(name) === tail) this.#tails.delete(name);
    };
    const tail: Promise<unknown> = result.then(over, over);
    this.#tails.set(name, tail);
    return result;
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values());
  }
}
