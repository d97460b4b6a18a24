import type { StateOptions, StateFile, Statement } from '../../ontology/embedded/state-file.ts';

interface Source {
  take: () => readonly Statement[];
  brief: boolean;
  resolve: () => void;
  reject: (reason: unknown) => void;
}

/** Gathers what all runs write in one turn of the event loop into one transaction. */
export class RunLog {
  readonly #state: Pick<StateFile, 'commit'>;
  #waiting: Source[] = [];

  constructor(state: Pick<StateFile, 'commit'>) {
    this.#state = state;
  }

  /**
   * Resolves once the statements are on disk.
   * @param take Called at the end of this turn of the event loop: what was added until then goes along.
   * @param options Brief by default.
   */
  write(take: () => readonly Statement[], { brief = true }: StateOptions = {}): Promise<void> {
    if (this.#waiting.length === 0) setImmediate(() => void this.#flush());
    return new Promise((resolve, reject) => this.#waiting.push({ take, brief, resolve, reject }));
  }

  async #flush(): Promise<void> {
    const sources = this.#waiting;
    this.#waiting = [];
    const all = sources.map((source) => ({ ...source, statements: source.take() }));
    try {
      const statements = all.flatMap((each) => each.statements);
      const brief = all.every((each) => each.brief);
      if (statements.length > 0) await this.#state.commit(statements, { brief });
      for (const { resolve } of all) resolve();
    } catch (thrown) {
      if (all.length === 1) return all[0]!.reject(thrown);
      // Not silent: each learns what became of its own, so that one that cannot be written spoils no other.
      for (const { statements, resolve, reject } of all)
        this.#state.commit(statements).then(resolve, reject);
    }
  }
}
