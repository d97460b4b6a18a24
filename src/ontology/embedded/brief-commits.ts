import type { DirectAccess } from './direct-access.ts';
import type { Statement } from './state-file.ts';

/** Makes one commit in the thread of the state file. */
type ByThread = () => Promise<void>;

/**
 * The order of brief commits. One is made in the calling thread at once; one that follows in the same turn
 * of the event loop waits for the next turn, and is made there too if it is still the only one: those that
 * come together go to the other thread, where they share a sync.
 */
export class BriefCommits {
  readonly #direct: DirectAccess;
  readonly #idle: () => boolean;
  /** Hands the one that waits to the other thread. */
  #handOver?: () => void;

  /** @param idle Whether the other thread owes nothing; what it owes may be a commit, and comes first. */
  constructor(direct: DirectAccess, idle: () => boolean) {
    this.#direct = direct;
    this.#idle = idle;
  }

  /** @throws GraphwrightError as the state file rejects. */
  async commit(statements: readonly Statement[], byThread: ByThread): Promise<void> {
    this.release();
    const waits = this.#idle() && !this.#direct.free && this.#direct.takes(statements);
    return waits ? this.#wait(statements, byThread) : this.#make(statements, byThread);
  }

  /** Has the one that waits made by the other thread, before whatever that is asked next. */
  release(): void {
    const handOver = this.#handOver;
    this.#handOver = undefined;
    handOver?.();
  }

  #wait(statements: readonly Statement[], byThread: ByThread): Promise<void> {
    return new Promise((resolve) => {
      const handOver = () => resolve(byThread());
      this.#handOver = handOver;
      setImmediate(() => {
        if (this.#handOver !== handOver) return;
        this.#handOver = undefined;
        resolve(this.#make(statements, byThread));
      });
    });
  }

  async #make(statements: readonly Statement[], byThread: ByThread): Promise<void> {
    if (!this.#idle() || !this.#direct.commit(statements)) await byThread();
  }
}
