import { GraphwrightError } from '../../errors.ts';
import { AnswerCache } from './answer-cache.ts';
import type { EngineRequest } from './engine-worker.ts';
import { beginning, type Head, type JournalRow } from './journal.ts';
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
  /** When its present query was begun, in milliseconds of the process. */
  since?: number;
  /** Put in beside the others for as long as all of them are held up. */
  spare?: boolean;
}

/** Milliseconds after which a query holds its reader up. */
const patience = 250;

/**
 * The threads that answer queries, each with a full copy of the graph; further queries wait in line. When
 * long ones hold all readers up, spare ones come in, at most as many again and only into free memory.
 */
export class Readers {
  readonly #source: EngineSource;
  readonly #slots: Slot[];
  readonly #mostSlots: number;
  readonly #answers = new AnswerCache();
  #watch?: NodeJS.Timeout;
  #waiting: Job[] = [];
  #position = 0;
  #closed = false;

  constructor(source: EngineSource, count: number) {
    this.#source = source;
    this.#slots = Array.from({ length: count }, () => ({ busy: true }));
    this.#mostSlots = 2 * count;
  }

  /**
   * Waits for the first reader only, and tells how far the journal goes; the others come one by one while
   * it answers.
   * @throws GraphwrightError `store_damaged`
   */
  async start(): Promise<Head> {
    const [first, ...others] = this.#slots as [Slot, ...Slot[]];
    const head = await this.#fill(first);
    void this.#fillEach(others);
    return head;
  }

  async #fillEach(slots: readonly Slot[]): Promise<void> {
    for (const slot of slots) if (!this.#closed) await this.#refill(slot);
  }

  /** Runs one query; a thread that takes too long over it, or whose caller has gone, is ended. */
  query(request: EngineRequest, limits: Limits): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const { signal } = limits;
      if (signal?.aborted) return reject(cancelled());
      const known = this.#answers.get(request);
      // In a turn of its own: who asks again and again must not keep everybody else waiting.
      if (known) return void setImmediate(resolve, known);
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

  /** Gives committed writes to every reader; queries asked from now on see them. */
  follow(rows: readonly JournalRow[]): void {
    this.#position = rows.at(-1)!.position;
    this.#answers.clear();
    for (const slot of this.#slots)
      for (const reader of [slot.reader, slot.next]) if (reader) this.#pass(slot, reader, rows);
  }

  /** Puts fresh readers in, one after the other, while queries are answered as before. */
  async renew(): Promise<void> {
    for (const slot of this.#slots.slice())
      await startEngine(this.#source, {
        committed: () => this.#position,
        ready: (thread, { position }) => {
          // A spare one may have been let go of meanwhile.
          if (!this.#slots.includes(slot)) return void thread.end(cancelled());
          slot.next = { thread, position };
          if (!slot.busy) this.#takeOver(slot);
        },
      });
  }

  async close(reason: GraphwrightError): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#watch);
    for (const { reject } of this.#waiting.splice(0)) reject(reason);
    const readers = this.#slots.flatMap(({ reader, next }) => [reader, next]);
    await Promise.all(readers.map((reader) => reader?.thread.end(reason)));
  }

  #pass(slot: Slot, reader: Reader, all: readonly JournalRow[]): void {
    // A copy that was made meanwhile may have read the row from the journal already.
    const rows = all.filter(({ position }) => position > reader.position);
    if (rows.length === 0) return;
    reader.position = rows.at(-1)!.position;
    const { thread } = reader;
    const request: EngineRequest = { type: 'follow', rows };
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
    if (this.#waiting.length > 0) this.#watch ??= setTimeout(() => this.#relieve(), patience / 5);
  }

  /** Puts a spare reader in when those who wait would wait for long queries only. */
  #relieve(): void {
    this.#watch = undefined;
    if (this.#closed || this.#waiting.length === 0) return;
    const begun = performance.now() - patience;
    const heldUp = this.#slots.every(({ since = Infinity }) => since < begun);
    if (heldUp && this.#slots.length < this.#mostSlots && roomForOneMore(this.#slots.length)) {
      const slot: Slot = { busy: true, spare: true };
      this.#slots.push(slot);
      void this.#refill(slot);
    }
    this.#dispatch();
  }

  /** Lets go of a spare reader once one of the others is free again. */
  #dismiss(slot: Slot): void {
    const needed = this.#waiting.length > 0 || this.#slots.every((each) => each.spare || each.busy);
    if (!slot.spare || needed) return;
    this.#slots.splice(this.#slots.indexOf(slot), 1);
    for (const reader of [slot.reader, slot.next]) void reader?.thread.end(cancelled());
  }

  async #run(slot: Slot, thread: Thread, job: Job): Promise<void> {
    const { request, limits } = job;
    const position = this.#position;
    const begun = performance.now();
    slot.busy = true;
    slot.since = begun;
    try {
      const bytes = await thread.callWithin<Uint8Array>(request, limits);
      if (position === this.#position)
        this.#answers.keep(request, bytes, performance.now() - begun);
      job.resolve(bytes);
    } catch (thrown) {
      job.reject(thrown);
    }
    if (slot.reader?.thread !== thread) return;
    slot.busy = false;
    slot.since = undefined;
    for (const spare of this.#slots.filter((each) => !each.busy)) this.#dismiss(spare);
    if (!this.#slots.includes(slot)) return;
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

  async #fill(slot: Slot): Promise<Head> {
    let head = beginning;
    slot.busy = true;
    slot.since = undefined;
    slot.reader = undefined;
    await startEngine(this.#source, {
      committed: () => this.#position,
      ready: (thread, reached) => {
        head = reached;
        slot.reader = { thread, position: head.position };
        slot.busy = false;
        if (this.#closed) void thread.end(cancelled());
        else this.#dispatch();
      },
    });
    return head;
  }
}

/** Whether another copy of the graph fits, as far as the present ones, those of the writer and of each reader, tell. */
const roomForOneMore = (readers: number): boolean =>
  process.availableMemory() > (2 * process.memoryUsage.rss()) / (readers + 1);
