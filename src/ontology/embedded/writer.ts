import { GraphwrightError } from '../../errors.ts';
import type { EngineLink, EngineRequest, Outcome, WriteRequest, Written } from './engine-worker.ts';
import type { Change } from './engine.ts';
import { beginLoad, runLoad, type BegunLoad, type Load, type LoadCommit } from './bulk-load.ts';
import { beginning, rowsAfter, type Head, type JournalRow } from './journal.ts';
import { readAhead } from './read-ahead.ts';
import { startEngine, type EngineSource } from './start-engine.ts';
import type { StateLink } from './state-file.ts';
import type { Commit } from '../store.ts';
import { cancelled, type Limits, type Thread } from './thread.ts';
import { mayRunLong, WriteQueue, type Write, type WriteLimits } from './write-queue.ts';

/** Pages of a load that are read before the engine wants them; the first ones while it starts. */
const pagesRead = 3;

/** A load that waits, whose pages are being read. */
interface WaitingLoad extends Pick<Write, 'resolve' | 'reject'> {
  load: BegunLoad;
}

/** Told of what is on disk, in order, before its writers are. */
export interface WriterOwner {
  /** Told of rows, and of what each changed as far as that is known. */
  committed: (rows: readonly JournalRow[], changes?: readonly Change[]) => void;
  /**
   * Given the engine that made a large load, to read from. Resolves with another that has followed it and
   * takes its place, or with none; nothing is written before.
   */
  loaded: (engine: Thread, load: LoadCommit) => Promise<Thread | undefined>;
}

/** Writes whose changes the engine has made and committed together, on their way to the disk. */
interface Computed {
  made: { write: Write; change: Change }[];
  /** Resolves once these and all before them are on disk. */
  stored: Promise<void>;
}

/** The engine that makes the changes, and how it reaches the disk. */
interface WritingEngine extends Pick<EngineLink, 'claim'> {
  thread: Thread;
  link: StateLink;
}

/**
 * The order of all writes. The engine takes what waits as one batch and commits it itself; while one
 * batch goes to the disk the next is made, so that many share a sync. A change that could not be
 * stored is taken back, and every change made after it too.
 */
export class Writer {
  readonly #source: EngineSource;
  readonly #owner: WriterOwner;
  #engine?: WritingEngine;
  /** A fresh engine that is about to take the place of the present one, and how far it goes. */
  #successor?: { thread: Thread; position: number };
  /** Comes in the place of the engine that has gone to the readers. */
  #substitute?: Promise<Thread | undefined>;
  #head: Head = beginning;
  readonly #waiting = new WriteQueue();
  #loads: WaitingLoad[] = [];
  #underWay: Computed[] = [];
  #failed: { computed: Computed; reason: GraphwrightError }[] = [];
  #working?: Promise<void>;
  #closed = false;

  constructor(source: EngineSource, owner: WriterOwner) {
    this.#source = source;
    this.#owner = owner;
  }

  /** The newest place in the journal that was acknowledged. */
  get head(): Head {
    return this.#head;
  }

  /** The newest position that was acknowledged. */
  get position(): number {
    return this.#head.position;
  }

  /** Goes on from where the journal ends; the engine comes with the first write, or by {@link prepare}. */
  begin(head: Head): void {
    this.#head = head;
  }

  /** Starts the engine in the background, if there is none; writes wait for it. */
  prepare(): void {
    if (this.#engine || this.#closed) return;
    this.#working ??= this.#start()
      // Not silent: the next write tries again, and is told.
      .catch(() => undefined)
      .finally(() => this.#rest());
  }

  async #start(): Promise<void> {
    const coming = this.#substitute;
    this.#substitute = undefined;
    const substitute = await coming;
    if (this.#closed) return void substitute?.end(cancelled());
    if (substitute?.alive) return this.#adopt(substitute);
    await startEngine(this.#source, {
      committed: () => this.#head.position,
      ready: (thread, head) => {
        if (this.#closed) return void thread.end(cancelled());
        this.#adopt(thread);
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

  /** Adds many statements in one commit; other writes wait until all of them have been read. */
  load(load: Load): Promise<Commit> {
    return new Promise((resolve, reject) => {
      const pages = readAhead(load.pages, pagesRead);
      const fail = (reason: unknown) => {
        void pages.return();
        reject(reason);
      };
      this.#loads.push({ load: { ...load, pages }, resolve, reject: fail });
      this.#work();
    });
  }

  write(request: WriteRequest, limits: WriteLimits): Promise<Commit> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, limits, resolve, reject });
      this.#work();
    });
  }

  /** Waits for all writes and ends the thread. */
  async close(reason: GraphwrightError): Promise<void> {
    // An engine that nobody has asked for anything is not waited for.
    while (this.#engine || this.#pending) {
      if (!this.#working && this.#underWay.length === 0) break;
      await this.#working;
      await this.#quiet();
    }
    this.#closed = true;
    const substitute = await this.#substitute;
    const { thread } = this.#engine ?? {};
    await Promise.all(
      [thread, this.#successor?.thread, substitute].map((each) => each?.end(reason)),
    );
  }

  #adopt(thread: Thread): void {
    const link = this.#source.state.link();
    const claim = new Int32Array(new SharedArrayBuffer(4));
    this.#engine = { thread, link, claim };
    const request: EngineRequest = { type: 'link', port: link.port, claim };
    // Whoever asks the thread for a change learns of its end as well.
    thread.call(request, [link.port]).catch(() => undefined);
    const { shapes } = this.#source;
    const checks: EngineRequest | undefined = shapes && { type: 'checkWrites', shapes };
    if (checks) thread.call(checks).catch(() => undefined);
  }

  #work(): void {
    this.#working ??= this.#drain().finally(() => this.#rest());
  }

  #rest(): void {
    this.#working = undefined;
    if (this.#pending) this.#work();
    else if (this.#substitute) this.prepare();
  }

  get #pending(): boolean {
    return (
      this.#waiting.length > 0 ||
      this.#loads.length > 0 ||
      this.#failed.length > 0 ||
      this.#successor !== undefined
    );
  }

  async #drain(): Promise<void> {
    while (this.#pending) {
      if (this.#failed.length > 0 || !this.#engine?.thread.alive) await this.#recover();
      else if (this.#successor) await this.#succeed(this.#successor);
      await this.#load();
      if (!this.#engine) continue;
      const batch = this.#waiting.next(() => this.#pendingChanges);
      if (batch.length > 0) await this.#compute(batch);
    }
  }

  /** Makes the next load, at a moment in which nothing is under way. */
  async #load(): Promise<void> {
    if (this.#loads.length === 0) return;
    await this.#quiet();
    if (this.#failed.length > 0) return;
    const { load, resolve, reject } = this.#loads.shift()!;
    const engine = this.#engine!;
    try {
      await beginLoad(engine, load);
    } catch (thrown) {
      return reject(thrown);
    }
    try {
      const loaded = await runLoad(engine, load);
      const { rows, inserted, graphs } = loaded;
      const changes = rows.map((row) => ({ row, inserted: 0, removed: 0, graphs }));
      if (loaded.isLarge) this.#handOver(engine, loaded);
      else this.#announce(rows, changes);
      resolve({ position: this.#head.position, inserted, removed: 0 });
    } catch (thrown) {
      const reason = GraphwrightError.from(thrown);
      // It holds a part of what was to be loaded; a fresh one is quicker than taking that back.
      await engine.thread.end(reason);
      reject(reason);
    }
  }

  async #compute(batch: Write[]): Promise<void> {
    const { thread, link, claim } = this.#engine!;
    // A commit that shares its sync with no other is made here, which spares waking the thread of the disk.
    const brief = this.#underWay.length === 0 && this.#source.state.quick;
    const { id, answer } = link.expect();
    // What is wrong is seen below, once the engine has said what it made.
    answer.catch(() => undefined);
    Atomics.store(claim, 0, 0);
    const requests = batch.map(({ request }) => request);
    try {
      const { outcomes, brief: commit } = await thread.callWithin<Written>(
        { type: 'write', id, requests, brief } satisfies EngineRequest,
        this.#limitsOf(batch),
        () => Atomics.compareExchange(claim, 0, 0, 2) === 0,
      );
      if (!commit) return this.#store(batch, outcomes, { id, answer });
      link.forget(id);
      const stored = this.#source.state.commit(commit, { brief });
      this.#store(batch, outcomes, { id, answer: stored });
      // What comes next goes another way, and must not overtake it.
      await stored.catch(() => undefined);
    } catch (thrown) {
      link.forget(id);
      this.#waiting.retry(batch, thrown);
    }
  }

  /** The engine answers queries from now on: it has what others would take long to follow. */
  #handOver({ thread }: WritingEngine, load: LoadCommit): void {
    const { position, checksum } = load.rows[0]!;
    this.#head = { position, checksum };
    this.#engine = undefined;
    const successor = this.#successor;
    this.#successor = undefined;
    void successor?.thread.end(cancelled());
    this.#substitute = this.#owner.loaded(thread, load);
  }

  /** Only an update, and checks of shapes, can run long; else a write is bounded by what was sent. */
  #limitsOf(batch: readonly Write[]): Limits {
    const [{ request, limits }] = batch as [Write];
    if (mayRunLong(request)) return limits;
    if (!this.#source.shapes) return {};
    return { timeout: Math.max(...batch.map((write) => write.limits.timeout ?? 0)) || undefined };
  }

  #store(
    batch: Write[],
    outcomes: readonly Outcome[],
    { id, answer }: ReturnType<StateLink['expect']>,
  ): void {
    const made: Computed['made'] = [];
    outcomes.forEach((outcome, index) => {
      const write = batch[index]!;
      if ('error' in outcome) write.reject(GraphwrightError.fromJSON(outcome.error));
      else made.push({ write, change: outcome });
    });
    const changed = made.some(({ change, write }) => change.row || write.request.type === 'group');
    if (!changed) this.#engine!.link.forget(id);
    if (made.length === 0) return;
    // A write that changed nothing relies on those before it, and is not true until they are.
    const before = this.#underWay.at(-1)?.stored ?? this.#lastFailure();
    const computed = { made, stored: changed ? answer : before };
    this.#underWay.push(computed);
    computed.stored.then(
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
    const old = this.#engine;
    this.#adopt(successor.thread);
    await old?.thread.end(
      new GraphwrightError('unavailable', 'The engine was replaced by a fresh one'),
    );
  }

  #passOn(all: readonly JournalRow[]): void {
    const successor = this.#successor;
    if (!successor) return;
    // A copy that was made meanwhile may have read the row from the journal already.
    const rows = all.filter(({ position }) => position > successor.position);
    if (rows.length === 0) return;
    successor.position = rows.at(-1)!.position;
    const request: EngineRequest = { type: 'follow', rows };
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
    let { position } = this.#head;
    const changes = computed.made.map(({ change }) => change);
    this.#announce(
      changes.flatMap(({ row }) => row ?? []),
      changes,
    );
    for (const { write, change } of computed.made) {
      const { row, inserted, removed } = change;
      if (row) position = row.position;
      write.resolve({ position, inserted, removed });
    }
  }

  #announce(...[rows, changes]: Parameters<WriterOwner['committed']>): void {
    const last = rows.at(-1);
    if (!last) return;
    this.#head = { position: last.position, checksum: last.checksum };
    this.#passOn(rows);
    this.#owner.committed(rows, changes);
  }

  #fail(computed: Computed, reason: GraphwrightError): void {
    this.#forget(computed);
    this.#failed.push({ computed, reason });
    this.#work();
  }

  get #pendingChanges(): Change[] {
    return this.#underWay.flatMap(({ made }) => made.map(({ change }) => change));
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
    const writes = failed.map(({ computed }) => computed.made.map(({ write }) => write));
    try {
      await this.#restore(failed.flatMap(({ computed }) => computed.made));
    } catch (thrown) {
      const waiting = [...this.#waiting.clear(), ...this.#loads.splice(0)];
      for (const write of [...writes.flat(), ...waiting]) write.reject(thrown);
      return;
    }
    const [first] = failed;
    if (!first) return;
    // For one write there was no room, so there is none for those behind it. Of several, some may fit; and
    // what merely stood behind a write that failed for itself is made again.
    if (first.reason.code === 'store_full' && writes[0]!.length === 1)
      for (const write of writes.flat()) write.reject(first.reason);
    else {
      this.#waiting.putBack(writes.slice(1).flat());
      this.#waiting.retry(writes[0]!, first.reason);
    }
  }

  async #restore(made: Computed['made']): Promise<void> {
    const engine = this.#engine;
    if (!engine?.thread.alive) return this.#restart();
    const deltas = made.flatMap(({ change }) => change.row ?? []).toReversed();
    await engine.thread.call({ type: 'undo', deltas, head: this.#head } satisfies EngineRequest);
  }

  /** A thread that broke down may have committed what it could not tell any more; the disk knows. */
  async #restart(): Promise<void> {
    const { position } = this.#head;
    const known = this.#engine !== undefined;
    await this.#start();
    if (known && this.#head.position > position)
      this.#announce(
        await this.#source.state.read<JournalRow & Record<string, string | number>>(
          rowsAfter(position),
        ),
      );
  }
}
