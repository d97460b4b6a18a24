import { GraphwrightError } from '../../errors.ts';
import type { EngineRequest } from './engine-worker.ts';
import type { JournalRow } from './journal.ts';
import { startEngine, type EngineSource } from './start-engine.ts';
import { cancelled, type Limits, type Thread } from './thread.ts';

interface Job {
  request: EngineRequest;
  limits: Limits;
  resolve: (bytes: Uint8Array) => void;
  reject: (reason: unknown) => void;
}

/** One reader's copy of the graph, and how far it goes. */
interface Reader {
  thread: Thread;
  position: number;
}

/** A place for one reader, which is replaced when a query had to be ended. */
interface Slot {
  reader?: Reader;
  /** A fresh one that takes over once the present query is answered. */
  next?: Reader;
  busy: boolean;
}

/** The threads that answer queries, each with a full copy of the graph; further queries wait in line. */
export class Readers {
  readonly #source: EngineSource;
  readonly #slots: Slot[];
  #waiting: Job[] = [];
  #position = 0;
  #closed = false;

  constructor(source: EngineSource, count: number) {
    this.#source = source;
    this.#slots = Array.from({ length: count }, () => ({ busy: true }));
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
    for (const slot of this.#slots)
      for (const reader of [slot.reader, slot.next]) if (reader) this.#pass(slot, reader, row);
  }

  /** Puts fresh readers in, one after the other, while queries are answered as before. */
  async renew(): Promise<void> {
    for (const slot of this.#slots)
      await startEngine(this.#source, {
        committed: () => this.#position,
        ready: (thread, { position }) => {
          slot.next = { thread, position };
          if (!slot.busy) this.#takeOver(slot);
        },
      });
  }

  async close(reason: GraphwrightError): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(reason);
    const readers = this.#slots.flatMap(({ reader, next }) => [reader, next]);
    await Promise.all(readers.map((reader) => reader?.thread.end(reason)));
  }

  #pass(slot: Slot, reader: Reader, row: JournalRow): void {
    // A copy that was made meanwhile may have read the row from the journal already.
    if (row.position <= reader.position) return;
    reader.position = row.position;
    const { thread } = reader;
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
      if (slot.reader?.thread.alive)
        void this.#run(slot, slot.reader.thread, this.#waiting.shift()!);
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
    if (slot.reader?.thread !== thread) return;
    slot.busy = false;
    if (slot.next?.thread.alive) this.#takeOver(slot);
    else if (thread.alive) this.#dispatch();
    else this.#replace(slot, thread);
  }

  #takeOver(slot: Slot): void {
    const old = slot.reader;
    slot.reader = slot.next;
    slot.next = undefined;
    if (this.#closed) void slot.reader?.thread.end(cancelled());
    void old?.thread.end(cancelled());
    this.#dispatch();
  }

  #replace(slot: Slot, thread: Thread): void {
    if (slot.reader?.thread === thread && !this.#closed) void this.#refill(slot);
  }

  /** Puts a fresh reader in; when that fails, those who wait learn why, and the next query tries again. */
  async #refill(slot: Slot): Promise<void> {
    try {
      await this.#fill(slot);
    } catch (thrown) {
      slot.busy = false;
      const otherwise = this.#slots.some(({ reader }) => reader?.thread.alive);
      if (!otherwise) for (const { reject } of this.#waiting.splice(0)) reject(thrown);
    }
  }

  async #fill(slot: Slot): Promise<void> {
    slot.busy = true;
    slot.reader = undefined;
    await startEngine(this.#source, {
      committed: () => this.#position,
      ready: (thread, { position }) => {
        slot.reader = { thread, position };
        slot.busy = false;
        if (this.#closed) void thread.end(cancelled());
        else this.#dispatch();
      },
    });
  }
}
