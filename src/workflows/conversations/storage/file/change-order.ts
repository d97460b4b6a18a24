/**
 * The order of changes: those of different conversations go on side by side, those of one conversation one after the
 * other, and one that concerns all of them by itself.
 */
export class ChangeOrder {
  #alone: Promise<unknown> = Promise.resolve();
  /** The last change of each conversation since. */
  readonly #beside = new Map<string, Promise<unknown>>();

  /** Does it when the changes of this conversation before it are over. */
  beside<T>(name: string, action: () => Promise<T>): Promise<T> {
    const done = (this.#beside.get(name) ?? this.#alone).then(action);
    const over = () => {
      if (this.#beside.get(name) === last) this.#beside.delete(name);
    };
    const last: Promise<unknown> = done.then(over, over);
    this.#beside.set(name, last);
    return done;
  }

  /** Does it when all changes before it are over, and before all that come after it. */
  alone<T>(action: () => Promise<T>): Promise<T> {
    const before = Promise.all([this.#alone, ...this.#beside.values()]);
    this.#beside.clear();
    const done = before.then(action);
    this.#alone = done.catch(() => undefined);
    return done;
  }
}
