import { GraphwrightError } from '../../errors.ts';
import type { EngineRequest } from './engine-worker.ts';
import type { JournalRow } from './journal.ts';
import { startEngine } from './start-engine.ts';
import type { StateFile } from './state-file.ts';
import { cancelled, type Limits, type Thread } from './thread.ts';

interface Job {
  request: EngineRequest;
  limits: Limits;
  resolve: (bytes: Uint8Array) => void;
  reject: (reason: unknown) => void;
}

/** A place for one reader; its thread is replaced when a query had to be ended. */
interface Slot {
  thread?: Thread;
  /** How far this reader's copy goes. */
  position: number;
  busy: boolean;
}

/** The threads that answer queries, each with a full copy of the graph; further queries wait in line. */
export class Readers {
  readonly #state: StateFile;
  readonly #slots: Slot[];
  #waiting: Job[] = [];
  #position = 0;
  #closed = false;

  constructor(state: StateFile, count: number) {
    this.#state = state;
    this.#slots = Array.from({ length: count }, () => ({ position: 0, busy: true }));
  }

  /** @throws GraphwrightError `store_damaged` */
  async start(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => this.#fill(slot)));
  }

  /** Runs one query; a thread that takes too long over it, or whose caller has gone, is ended. */
  query(request: EngineRequest, limits: Limits): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const { signal } = limits;
      if (signal?.aborted) return reject(cancelled());
      const leave = () => {
        const queued = this.#waiting.indexOf(job);
        if (queued >= 0) this.#waiting.splice(queued, 1);
        if (queued >= 0) reject(cancelled());
      };
      const job: Job = {
        request,
        limits,
        resolve(bytes) {
          signal?.removeEventListener('abort', leave);
          resolve(bytes);
        },
        reject(reason) {
          signal?.removeEventListener('abort', leave);
          reject(reason);
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(job);
      this.#dispatch();
    });
  }

  /** Gives a committed write to every reader; queries asked from now on see it. */
  follow(row: JournalRow): void {
    this.#position = row.position;
    for (const slot of this.#slots) if (slot.thread) this.#pass(slot, slot.thread, row);
  }

  async close(reason: GraphwrightError): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(reason);
    await Promise.all(this.#slots.map(({ thread }) => thread?.end(reason)));
  }

  #pass(slot: Slot, thread: Thread, row: JournalRow): void {
    // A copy that was made meanwhile may have read the row from the journal already.
    if (row.position <= slot.position) return;
    slot.position = row.position;
    const request: EngineRequest = { type: 'follow', row };
    // A reader that could not follow must answer nothing more; it is replaced.
    thread.call(request).catch((thrown: unknown) => {
      void thread.end(GraphwrightError.from(thrown));
      this.#replace(slot, thread);
    });
  }

  #dispatch(): void {
    for (const slot of this.#slots) {
      if (slot.busy) continue;
      if (this.#waiting.length === 0) return;
      if (slot.thread?.alive) void this.#run(slot, slot.thread, this.#waiting.shift()!);
      else void this.#refill(slot);
    }
  }

  async #run(slot: Slot, thread: Thread, job: Job): Promise<void> {
    slot.busy = true;
    try {
      job.resolve(await thread.callWithin(job.request, job.limits));
    } catch (thrown) {
      job.reject(thrown);
    }
    if (slot.thread !== thread) return;
    slot.busy = false;
    if (thread.alive) this.#dispatch();
    else this.#replace(slot, thread);
  }

  #replace(slot: Slot, thread: Thread): void {
    if (slot.thread === thread && !this.#closed) void this.#refill(slot);
  }

  /** Puts a fresh reader in; when that fails, those who wait learn why, and the next query tries again. */
  async #refill(slot: Slot): Promise<void> {
    try {
      await this.#fill(slot);
    } catch (thrown) {
      slot.busy = false;
      const otherwise = this.#slots.some(({ thread }) => thread?.alive);
      if (!otherwise) for (const { reject } of this.#waiting.splice(0)) reject(thrown);
    }
  }

  async #fill(slot: Slot): Promise<void> {
    slot.busy = true;
    slot.thread = undefined;
    await startEngine(this.#state, {
      committed: () => this.#position,
      ready: (thread, { position }) => {
        Object.assign(slot, { thread, position, busy: false });
        if (this.#closed) void thread.end(cancelled());
        else this.#dispatch();
      },
    });
  }
}
