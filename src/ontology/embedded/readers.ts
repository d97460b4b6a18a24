import { GraphwrightError } from '../../errors.ts';
import { AnswerCache } from './answer-cache.ts';
import type { EngineRequest, ReadRequest } from './engine-worker.ts';
import { beginning, type Head, type JournalRow } from './journal.ts';
import { Reader, type Job } from './reader.ts';
import type { AnswerText } from './results.ts';
import { followJournal, startEngine, type EngineOwner, type EngineSource } from './start-engine.ts';
import { cancelled, type Limits, type Thread } from './thread.ts';

/** A place for one reader, which is replaced when a query had to be ended. */
interface Slot {
  reader?: Reader;
  /** A fresh one that takes over once the present one has answered what it was asked. */
  next?: Reader;
  /** Whether a reader is being made for it. */
  filling: boolean;
  /** Put in beside the others for as long as all of them are held up. */
  spare?: boolean;
}

/** A reader that is asked nothing more, and who waits until it has answered what it was asked. */
interface Retired {
  reader: Reader;
  done: (thread?: Thread) => void;
}

/** Milliseconds after which a query holds its reader up. */
const patience = 250;

/** Every so many milliseconds the readers are looked after, while they have something to do. */
const tick = 5;

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
  #retired: Retired[] = [];
  /** Follow the journal, on their way back. */
  readonly #catchingUp = new Set<Thread>();
  #waiting: Job[] = [];
  #dispatching = false;
  #position = 0;
  #closed?: GraphwrightError;

  constructor(source: EngineSource, count: number) {
    this.#source = source;
    this.#slots = Array.from({ length: count }, () => ({ filling: true }));
    this.#mostSlots = 2 * count;
  }

  /**
   * Starts the first reader, and tells how far the journal goes.
   * @throws GraphwrightError `store_damaged`
   */
  start(): Promise<Head> {
    return this.#fill(this.#slots[0]!);
  }

  /** Starts the other readers, one by one, while the first one answers. */
  async startOthers(): Promise<void> {
    for (const slot of this.#slots.slice(1)) if (!this.#closed) await this.#refill(slot);
  }

  /** Runs one query; a thread that takes too long over it, or whose caller has gone, is ended. */
  query(request: ReadRequest, limits: Limits): Promise<AnswerText> {
    return new Promise((resolve, reject) => {
      const { signal } = limits;
      if (signal?.aborted) return reject(cancelled());
      const known = this.#answers.get(request);
      // In a turn of its own: who asks again and again must not keep everybody else waiting.
      if (known) return void setImmediate(resolve, known);
      const leave = () => this.#leave(job);
      const job: Job = {
        request,
        limits,
        resolve(answer) {
          signal?.removeEventListener('abort', leave);
          resolve(answer);
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

  /** Lets a caller go; what a reader has begun for it is ended unless it is done soon. */
  #leave(job: Job): void {
    job.left = true;
    job.reject(cancelled());
    this.#waiting = this.#waiting.filter((other) => other !== job);
    for (const reader of this.#asked) reader.drop(job);
  }

  /** Gives committed writes to every reader; queries asked from now on see them. */
  follow(rows: readonly JournalRow[]): void {
    this.#position = rows.at(-1)!.position;
    this.#answers.clear();
    for (const slot of this.#slots)
      for (const reader of [slot.reader, slot.next]) if (reader) this.#pass(slot, reader, rows);
  }

  /**
   * Has a copy answer that is ahead of the present ones, which follow the journal one after the other: the
   * first is then given away, unless it was lost over that, and the others come back.
   */
  async promote(thread: Thread, position: number): Promise<Thread | undefined> {
    if (this.#closed) return void thread.end(this.#closed);
    this.#position = position;
    this.#answers.clear();
    const [first, ...others] = this.#slots as [Slot, ...Slot[]];
    const replaced = vacate(first);
    const absent = others.flatMap((slot) => {
      const reader = vacate(slot);
      slot.filling ||= reader !== undefined;
      return reader ? [{ slot, reader }] : [];
    });
    first.filling = false;
    first.reader = this.#reader(first, thread, position);
    this.#settle(first);
    let substitute: Thread | undefined;
    if (replaced) await this.#catchUp(replaced, (caughtUp) => void (substitute = caughtUp));
    void this.#bringBack(absent);
    return substitute;
  }

  async #bringBack(absent: readonly { slot: Slot; reader: Reader }[]): Promise<void> {
    for (const { slot, reader } of absent) {
      await this.#catchUp(reader, (thread, { position }) => {
        if (this.#closed || !this.#slots.includes(slot)) return void thread.end(cancelled());
        slot.reader = this.#reader(slot, thread, position);
      });
      slot.filling = false;
      this.#settle(slot);
    }
  }

  /** Has a reader follow the journal to its end, once it has answered what it was asked. */
  async #catchUp(reader: Reader, ready: EngineOwner['ready']): Promise<void> {
    const thread = await new Promise<Thread | undefined>((done) => {
      this.#retired.push({ reader, done });
      this.#release();
      this.#dispatch();
    });
    if (!thread) return;
    this.#catchingUp.add(thread);
    const owner = { committed: () => this.#position, ready };
    try {
      await followJournal(thread, reader.position, this.#source, owner);
    } catch (thrown) {
      // Not silent: a fresh one takes its place, and tells what is wrong with the disk.
      await thread.end(GraphwrightError.from(thrown));
    } finally {
      this.#catchingUp.delete(thread);
    }
  }

  /** Those that may owe an answer. */
  get #asked(): Reader[] {
    return [...this.#slots, ...this.#retired].flatMap(({ reader }) => reader ?? []);
  }

  /** Lets those go that have answered everything. */
  #release(): void {
    if (this.#retired.length === 0) return;
    const idle = this.#retired.filter(({ reader }) => reader.load === 0);
    this.#retired = this.#retired.filter(({ reader }) => reader.load > 0);
    for (const { reader, done } of idle) done(reader.thread.alive ? reader.thread : undefined);
  }

  /** Puts fresh readers in, one after the other, while queries are answered as before. */
  async renew(): Promise<void> {
    for (const slot of this.#slots.slice())
      await startEngine(this.#source, {
        committed: () => this.#position,
        ready: (thread, { position }) => {
          // A spare one may have been let go of meanwhile.
          if (this.#closed || !this.#slots.includes(slot)) return void thread.end(cancelled());
          slot.next = this.#reader(slot, thread, position);
          this.#settle(slot);
        },
      });
  }

  async close(reason: GraphwrightError): Promise<void> {
    this.#closed = reason;
    clearTimeout(this.#watch);
    for (const { reject } of this.#waiting.splice(0)) reject(reason);
    const readers = this.#slots.flatMap(({ reader, next }) => [reader, next]);
    readers.push(...this.#retired.map(({ reader }) => reader));
    const threads = [...readers.map((reader) => reader?.thread), ...this.#catchingUp];
    await Promise.all(threads.map((thread) => thread?.end(reason)));
    this.#release();
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
      this.#settle(slot);
    });
  }

  #reader(slot: Slot, thread: Thread, position: number): Reader {
    const reader: Reader = new Reader(thread, position, {
      answered: (job, { text, milliseconds, position: asked }) => {
        if (asked === this.#position) this.#answers.keep(job.request, text, milliseconds);
        job.resolve(text);
      },
      free: () => this.#settle(slot),
      lost: (jobs, reason) => {
        if (this.#closed) for (const { reject } of jobs) reject(reason);
        else this.#waiting.unshift(...jobs.filter(({ left }) => !left));
        this.#settle(slot);
      },
    });
    return reader;
  }

  /** Goes on in a slot where something was answered, or whose reader has ended. */
  #settle(slot: Slot): void {
    const { reader, next } = slot;
    this.#release();
    if (this.#closed || !this.#slots.includes(slot)) return;
    if (reader && !reader.thread.alive && !next && !slot.filling) void this.#refill(slot);
    if (next && !slot.filling && !reader?.load) {
      slot.reader = next;
      slot.next = undefined;
      void reader?.thread.end(cancelled());
    }
    this.#dispatch();
  }

  /** At the end of this turn of the event loop, so that what was asked in it goes to a reader in one message. */
  #dispatch(): void {
    if (this.#dispatching) return;
    this.#dispatching = true;
    setImmediate(() => this.#handOut());
  }

  #handOut(): void {
    this.#dispatching = false;
    const now = this.#waiting.length > 0 ? performance.now() : 0;
    while (this.#waiting.length > 0) {
      const reader = this.#choose(now);
      if (!reader) break;
      reader.take(this.#waiting.shift()!);
    }
    for (const { reader } of this.#slots) reader?.send();
    // Who is retired owes an answer, or has been let go.
    const owed = this.#retired.length > 0 || this.#slots.some(({ reader }) => reader?.load);
    if (this.#waiting.length > 0 || owed) this.#watch ??= setTimeout(() => this.#lookAfter(), tick);
  }

  /** The reader that has the least to do. */
  #choose(now: number): Reader | undefined {
    let best: Reader | undefined;
    for (const slot of this.#slots) {
      const { reader, next, filling } = slot;
      if (filling || next) continue;
      if (!reader?.thread.alive) void this.#refill(slot);
      else if (reader.isOpen(now) && (!best || reader.load < best.load)) best = reader;
    }
    return best;
  }

  /** Ends what takes too long, and finds readers for what it would hold up. */
  #lookAfter(): void {
    this.#watch = undefined;
    if (this.#closed) return;
    const now = performance.now();
    const taken = this.#asked.flatMap((reader) => reader.check(now));
    this.#waiting.unshift(...taken);
    if (this.#waiting.length > 0) this.#relieve(now);
    else this.#dismiss();
    this.#dispatch();
  }

  /** Puts a spare reader in when those who wait would wait for long queries only. */
  #relieve(now: number): void {
    const heldUp = this.#slots.every(({ reader }) => reader?.isHeldUp(now, patience));
    if (!heldUp || this.#slots.length >= this.#mostSlots || !roomForOneMore(this.#slots.length))
      return;
    const slot: Slot = { filling: true, spare: true };
    this.#slots.push(slot);
    void this.#refill(slot);
  }

  /** Lets go of the spare readers once one of the others is free again. */
  #dismiss(): void {
    if (this.#slots.every(({ spare, filling, reader }) => spare || filling || reader?.load)) return;
    for (const slot of this.#slots.slice()) {
      const { spare, filling, reader, next } = slot;
      if (!spare || filling || reader?.load) continue;
      this.#slots.splice(this.#slots.indexOf(slot), 1);
      for (const each of [reader, next]) void each?.thread.end(cancelled());
    }
  }

  /** Puts a fresh reader in; when that fails, those who wait learn why, and the next query tries again. */
  async #refill(slot: Slot): Promise<void> {
    try {
      await this.#fill(slot);
    } catch (thrown) {
      slot.filling = false;
      const otherwise = this.#slots.some(({ reader }) => reader?.thread.alive);
      if (!otherwise) for (const { reject } of this.#waiting.splice(0)) reject(thrown);
    }
  }

  async #fill(slot: Slot): Promise<Head> {
    let head = beginning;
    slot.filling = true;
    slot.reader = undefined;
    await startEngine(this.#source, {
      committed: () => this.#position,
      ready: (thread, reached) => {
        head = reached;
        slot.filling = false;
        // Another was promoted meanwhile.
        if (slot.reader) return void thread.end(cancelled());
        slot.reader = this.#reader(slot, thread, head.position);
        if (this.#closed) void thread.end(cancelled());
        else this.#settle(slot);
      },
    });
    return head;
  }
}

/** Whether another copy of the graph fits, as far as the present ones, those of the writer and of each reader, tell. */
const roomForOneMore = (readers: number): boolean =>
  process.availableMemory() > (2 * process.memoryUsage.rss()) / (readers + 1);

/** Takes the readers out of a slot; gives back the one that may still be answering. */
function vacate(slot: Slot): Reader | undefined {
  const { reader, next } = slot;
  void next?.thread.end(cancelled());
  slot.reader = undefined;
  slot.next = undefined;
  return reader;
}
