import { jobClaim } from './claims.ts';
import type { EngineRequest, ReadRequest } from './engine-worker.ts';
import type { AnswerText } from './results.ts';
import { cancelled, tooLate, type Limits, type Thread } from './thread.ts';

/** A read that waits for its turn or is in flight. */
export interface Job {
  request: ReadRequest;
  limits: Limits;
  /** Whether nobody waits for the answer any more. */
  left?: boolean;
  resolve: (answer: AnswerText) => void;
  reject: (reason: unknown) => void;
}

/** What a reader made of a job. */
export interface Answer {
  text: AnswerText;
  /** How long it took. */
  milliseconds: number;
  /** How far the copy went that was asked. */
  position: number;
}

/** Who gives a reader its work. */
export interface ReaderOwner {
  answered: (job: Job, answer: Answer) => void;
  /** Told that there is room for another job. */
  free: () => void;
  /** Told of the reader's end, and of the jobs that are to be done elsewhere. */
  lost: (jobs: readonly Job[], reason: unknown) => void;
}

/** A job that was sent, and the place where the thread claims it. */
interface Sent {
  job: Job;
  place: number;
  withdrawn?: boolean;
}

/**
 * So many jobs are sent to a reader at once: while it works on one the next is there already, and neither
 * thread waits for the other to wake up.
 */
const depth = 8;

/** Milliseconds after which those behind a job are taken back, to be answered elsewhere. */
const patience = 4;

/** Milliseconds that a job is given whose caller has gone, as a fresh reader costs far more than most queries. */
const grace = 50;

/** One reader's copy of the graph, how far it goes, and what it was given to do. */
export class Reader {
  readonly thread: Thread;
  position: number;
  readonly #owner: ReaderOwner;
  readonly #claims = new Int32Array(
    new SharedArrayBuffer(depth * Int32Array.BYTES_PER_ELEMENT),
  ).fill(jobClaim.free);
  readonly #places = Array.from({ length: depth }, (_, place) => place);
  /** In the order in which the thread takes them. */
  #sent: Sent[] = [];
  /** Those of them that the thread does not have yet. */
  #unsent: Sent[] = [];
  /** When the first of them came to its turn, in milliseconds of the process. */
  #since = 0;
  /** What the thread was seen to work on, and since when. */
  #seen?: { sent?: Sent; since: number };

  constructor(thread: Thread, position: number, owner: ReaderOwner) {
    this.thread = thread;
    this.position = position;
    this.#owner = owner;
    // A thread that cannot take this takes no job either.
    void thread.call({ type: 'claims', claims: this.#claims }).catch(() => undefined);
  }

  /** How many jobs it has. */
  get load(): number {
    return this.#sent.length;
  }

  /** Whether a further job would be begun soon. */
  isOpen(now: number): boolean {
    return this.load === 0 || (this.load < depth && now - this.#since < patience);
  }

  /** Whether it has worked on one job for longer than so many milliseconds. */
  isHeldUp(now: number, milliseconds: number): boolean {
    return this.load > 0 && now - this.#since > milliseconds;
  }

  /** Takes a job, which goes to the thread with the next {@link send}. */
  take(job: Job): void {
    const sent: Sent = { job, place: this.#places.pop()! };
    if (this.load === 0) this.#since = performance.now();
    this.#sent.push(sent);
    this.#unsent.push(sent);
    Atomics.store(this.#claims, sent.place, jobClaim.open);
  }

  /** Sends what was taken, in one message. */
  send(): void {
    const sent = this.#unsent;
    if (sent.length === 0) return;
    this.#unsent = [];
    const requests = sent.map(({ job, place }): EngineRequest => ({
      type: 'read',
      place,
      read: job.request,
    }));
    this.thread
      .callAll<AnswerText>(requests)
      .forEach((answer, index) => void this.#answer(sent[index]!, answer));
  }

  async #answer(sent: Sent, answer: Promise<AnswerText>): Promise<void> {
    const { position } = this;
    try {
      const text = await answer;
      const milliseconds = this.#done(sent);
      if (!sent.withdrawn) this.#owner.answered(sent.job, { text, milliseconds, position });
    } catch (thrown) {
      if (!this.thread.alive) return this.#lose(thrown);
      this.#done(sent);
      if (!sent.withdrawn) sent.job.reject(thrown);
    }
    this.#owner.free();
  }

  /**
   * Ends the thread when its present job is over its time; to be called every few milliseconds.
   * @returns the jobs that would have to wait for a long one.
   */
  check(now: number): Job[] {
    const sent = this.#present;
    if (!this.#seen || this.#seen.sent !== sent) this.#seen = { sent, since: now };
    const spent = now - this.#seen.since;
    const { timeout = Infinity } = sent?.job.limits ?? {};
    if (sent && spent >= timeout) void this.thread.end(tooLate(timeout));
    else if (sent?.job.left && spent >= grace) void this.thread.end(cancelled());
    return this.isHeldUp(now, patience) ? this.#giveBack(sent) : [];
  }

  /** Takes back a job that nobody waits for any more, unless it has been begun. */
  drop(job: Job): void {
    for (const sent of this.#sent) if (sent.job === job) this.#withdraw(sent);
  }

  /** The one that the thread works on: of those it has begun the last, as others may be answered already. */
  get #present(): Sent | undefined {
    return this.#sent.findLast(({ place }) => Atomics.load(this.#claims, place) === jobClaim.begun);
  }

  /** Takes back all but the present job; of some the answer may be held until that one is done. */
  #giveBack(present: Sent | undefined): Job[] {
    const others = this.#sent.filter((sent) => sent !== present && !sent.withdrawn);
    for (const sent of others) if (!this.#withdraw(sent)) sent.withdrawn = sent !== this.#present;
    return others.flatMap(({ job, withdrawn }) => (withdrawn ? [job] : []));
  }

  /** Takes a job back that has not been begun; tells whether it could. */
  #withdraw(sent: Sent): boolean {
    const { open, withdrawn } = jobClaim;
    const found = Atomics.compareExchange(this.#claims, sent.place, open, withdrawn);
    sent.withdrawn ||= found === open;
    return found === open;
  }

  /** Takes a job off; tells how long it took. */
  #done(sent: Sent): number {
    const now = performance.now();
    const milliseconds = now - this.#since;
    this.#since = now;
    this.#sent.splice(this.#sent.indexOf(sent), 1);
    Atomics.store(this.#claims, sent.place, jobClaim.free);
    this.#places.push(sent.place);
    return milliseconds;
  }

  /** The thread has ended: over the present job, which fails with the reason, and never over those behind it. */
  #lose(reason: unknown): void {
    // Called for each job, of which the first stands for all.
    if (this.load === 0) return;
    const culprit = this.#present;
    const others = this.#sent.filter((sent) => sent !== culprit && !sent.withdrawn);
    this.#sent = [];
    culprit?.job.reject(reason);
    this.#owner.lost(
      others.map(({ job }) => job),
      reason,
    );
  }
}
