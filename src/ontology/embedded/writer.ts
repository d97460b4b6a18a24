import { GraphwrightError } from '../../errors.ts';
import type { EngineRequest, WriteRequest } from './engine-worker.ts';
import type { Change } from './engine.ts';
import { appendRow, beginning, type Head, type JournalRow } from './journal.ts';
import { startEngine, type EngineSource } from './start-engine.ts';
import type { Commit } from '../store.ts';
import { cancelled, type Limits, type Thread } from './thread.ts';

interface Write {
  request: WriteRequest;
  limits: Limits;
  resolve: (commit: Commit) => void;
  reject: (reason: unknown) => void;
}

/** A write whose change the engine has made, on its way to the disk. */
interface Computed {
  write: Write;
  change: Change;
  /** Resolves once this and all before it are on disk. */
  stored: Promise<void>;
}

/**
 * The order of all writes. The engine makes one change after the other; while one goes to the disk
 * the next is made, so that many share a sync. A change that could not be stored is taken back, and
 * every change made after it too.
 */
export class Writer {
  readonly #source: EngineSource;
  readonly #onCommit: (row: JournalRow, change: Change) => void;
  #thread?: Thread;
  /** A fresh engine that is about to take the thread's place, and how far it goes. */
  #successor?: { thread: Thread; position: number };
  #head: Head = beginning;
  #waiting: Write[] = [];
  #underWay: Computed[] = [];
  #failed: { computed: Computed; reason: GraphwrightError }[] = [];
  #working?: Promise<void>;

  /** @param onCommit Told of each row that is on disk, in order, before its writer is. */
  constructor(source: EngineSource, onCommit: (row: JournalRow, change: Change) => void) {
    this.#source = source;
    this.#onCommit = onCommit;
  }

  /** The newest position that was acknowledged. */
  get position(): number {
    return this.#head.position;
  }

  /** @throws GraphwrightError `store_damaged` */
  async start(): Promise<void> {
    await startEngine(this.#source, {
      committed: () => this.#head.position,
      ready: (thread, head) => {
        this.#thread = thread;
        this.#head = head;
      },
    });
  }

  /**
   * Puts a fresh engine in the place of the present one, in which removed statements still cost time
   * and memory; writes go on meanwhile.
   */
  async renew(): Promise<void> {
    await startEngine(this.#source, {
      committed: () => this.#head.position,
      ready: (thread, { position }) => {
        this.#successor = { thread, position };
        this.#work();
      },
    });
    await this.#working;
  }

  write(request: WriteRequest, limits: Limits): Promise<Commit> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, limits, resolve, reject });
      this.#work();
    });
  }

  /** Waits for all writes and ends the thread. */
  async close(reason: GraphwrightError): Promise<void> {
    while (this.#working || this.#underWay.length > 0) {
      await this.#working;
      await this.#quiet();
    }
    await this.#thread?.end(reason);
    await this.#successor?.thread.end(reason);
  }

  #work(): void {
    this.#working ??= this.#drain().finally(() => {
      this.#working = undefined;
      if (this.#pending) this.#work();
    });
  }

  get #pending(): boolean {
    return this.#waiting.length > 0 || this.#failed.length > 0 || this.#successor !== undefined;
  }

  async #drain(): Promise<void> {
    while (this.#pending) {
      if (this.#failed.length > 0 || !this.#thread?.alive) await this.#recover();
      else if (this.#successor) await this.#succeed(this.#successor);
      const next = this.#waiting.shift();
      if (next) await this.#compute(next);
    }
  }

  async #compute(write: Write): Promise<void> {
    const { request, limits } = write;
    if (limits.signal?.aborted) return write.reject(cancelled());
    try {
      // Only an update can run long without end; other writes are bounded by what was sent.
      const change = await this.#thread!.callWithin<Change>(
        request,
        request.type === 'update' ? limits : {},
      );
      this.#store(write, change);
    } catch (thrown) {
      write.reject(thrown);
    }
  }

  #store(write: Write, change: Change): void {
    const { row } = change;
    const before = this.#underWay.at(-1)?.stored ?? this.#lastFailure();
    // A write that changed nothing relies on those before it, and is not true until they are.
    const stored = row ? this.#source.state.commit([appendRow(row)]) : before;
    const computed = { write, change, stored };
    this.#underWay.push(computed);
    stored.then(
      () => this.#settle(computed),
      (thrown: unknown) => this.#fail(computed, GraphwrightError.from(thrown)),
    );
  }

  /** The change of engines, at a moment in which nothing is under way. */
  async #succeed(successor: { thread: Thread }): Promise<void> {
    await this.#quiet();
    if (this.#failed.length > 0) return;
    this.#successor = undefined;
    if (!successor.thread.alive) return;
    const old = this.#thread;
    this.#thread = successor.thread;
    await old?.end(new GraphwrightError('unavailable', 'The engine was replaced by a fresh one'));
  }

  #passOn(row: JournalRow): void {
    const successor = this.#successor;
    // A copy that was made meanwhile may have read the row from the journal already.
    if (!successor || row.position <= successor.position) return;
    successor.position = row.position;
    const request: EngineRequest = { type: 'follow', row };
    // One that could not follow is let go of; the present engine stays.
    successor.thread
      .call(request)
      .catch((thrown: unknown) => successor.thread.end(GraphwrightError.from(thrown)));
  }

  #lastFailure(): Promise<void> {
    const failure = this.#failed.at(-1);
    return failure ? failure.computed.stored : Promise.resolve();
  }

  #settle(computed: Computed): void {
    this.#forget(computed);
    const { row, inserted, removed } = computed.change;
    if (row) {
      this.#head = { position: row.position, checksum: row.checksum };
      this.#passOn(row);
      this.#onCommit(row, computed.change);
    }
    computed.write.resolve({ position: this.#head.position, inserted, removed });
  }

  #fail(computed: Computed, reason: GraphwrightError): void {
    this.#forget(computed);
    this.#failed.push({ computed, reason });
    this.#work();
  }

  #forget(computed: Computed): void {
    this.#underWay.splice(this.#underWay.indexOf(computed), 1);
  }

  async #quiet(): Promise<void> {
    await Promise.allSettled(this.#underWay.map(({ stored }) => stored));
  }

  /** Brings the engine back to what is on disk, and decides on the writes that did not get there. */
  async #recover(): Promise<void> {
    await this.#quiet();
    const failed = this.#failed.splice(0);
    try {
      await this.#restore(failed.map(({ computed }) => computed.change));
    } catch (thrown) {
      for (const { computed } of failed) computed.write.reject(thrown);
      for (const write of this.#waiting.splice(0)) write.reject(thrown);
      return;
    }
    const [first, ...later] = failed;
    if (!first) return;
    first.computed.write.reject(first.reason);
    // What merely stood behind the failed one is made again; on a full disk it would fail as well.
    if (first.reason.code === 'store_full')
      for (const { computed } of later) computed.write.reject(first.reason);
    else this.#waiting.unshift(...later.map(({ computed }) => computed.write));
  }

  async #restore(changes: readonly Change[]): Promise<void> {
    if (!this.#thread?.alive) return this.start();
    const deltas = changes.flatMap(({ row }) => row ?? []).toReversed();
    await this.#thread.call({ type: 'undo', deltas, head: this.#head });
  }
}
