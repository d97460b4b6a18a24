/** What the connections to one state file, in several threads, know of its commits together. */
export class CommitLedger {
  /** To be handed to another thread. */
  readonly memory: SharedArrayBuffer;
  readonly #entries: BigInt64Array;

  constructor(memory = new SharedArrayBuffer(16)) {
    this.memory = memory;
    this.#entries = new BigInt64Array(memory);
  }

  /** The number of the newest commit. */
  get newest(): number {
    return Number(Atomics.load(this.#entries, 0));
  }

  set newest(commit: number) {
    Atomics.store(this.#entries, 0, BigInt(commit));
  }

  /** Whether the disk failed to sync a commit, of which nobody knows now whether it was kept. */
  get unsynced(): boolean {
    return Atomics.load(this.#entries, 1) !== 0n;
  }

  markUnsynced(): void {
    Atomics.store(this.#entries, 1, 1n);
  }
}
