import { AsyncResource } from 'node:async_hooks';
import { GraphwrightError } from '../../errors.ts';
import type { StateFile } from '../../ontology/embedded/state-file.ts';
import { carryOut, notOffered } from './carry-out.ts';
import { Recording } from './recording.ts';
import { RunExecution } from './run-execution.ts';
import type { RunKeeper } from './run-keeper.ts';
import { standing, type ExecutorConfiguration, type Live } from './run-live.ts';
import { RunFollowers } from './run-followers.ts';
import { RunLog } from './run-log.ts';
import { RunQueue, type Queued } from './run-queue.ts';
import { RunRecorder } from './run-recorder.ts';
import {
  isCompleted,
  completedStep,
  selectRuns,
  updateRun,
  type StoredRun,
  type StoredSignal,
} from './run-rows.ts';
import { selectDue, selectIfReady, selectNextDue, selectReady } from './run-statements.ts';
import type { Opening } from './run-tables.ts';
import { RunTimer } from './run-timer.ts';
import { hasEnded, type RunStatus } from './runs.ts';

/** How many runs may stay in memory without haste. */
const crowd = 64;

/** Gives runs their turn, and keeps those that are under way. */
export class RunExecutor {
  readonly log: RunLog;
  readonly followers = new RunFollowers();
  readonly #configuration: ExecutorConfiguration;
  readonly #live = new Map<string, Live>();
  readonly #queue: RunQueue<Live>;
  readonly #ends = new Map<string, Set<(ended: StoredRun) => void>>();
  readonly #timer = new RunTimer(() => void this.#wakeDue());
  readonly #keeper: RunKeeper;
  readonly #apart = new AsyncResource('Runs');
  /** Runs up to this number are left alone until they are resumed. */
  #before: number;
  #closed?: GraphwrightError;

  constructor(configuration: ExecutorConfiguration) {
    const { state, opening, now, maxParallel, patience, workflow, startChild } = configuration;
    this.#configuration = configuration;
    this.#before = opening.newest;
    this.log = new RunLog(state);
    const limitOf = (name: string) => workflow(name)?.policy.maxParallel ?? Infinity;
    const queue = new RunQueue<Live>(maxParallel, limitOf);
    const live = this.#live;
    this.#queue = queue;
    this.#keeper = {
      state,
      now,
      startChild,
      onEnd: (id, told) => this.onEnd(id, told),
      suspend: (stored) => this.#suspended(stored),
      // Nobody waits longer than needed for a run that only waits itself, and many would fill the memory.
      get patience() {
        if (queue.backlog) return 0;
        return live.size > crowd ? Math.min(10, patience) : patience;
      },
    };
  }

  /** A run as it stands in memory, which is newer than what is on disk. */
  present(id: string): StoredRun | undefined {
    const live = this.#live.get(id);
    return live && standing(live);
  }

  /** How the runs in memory stand, by their numbers. */
  statuses(): Map<number, RunStatus> {
    const found = new Map<number, RunStatus>();
    for (const live of this.#live.values())
      if (live.execution) found.set(live.number, standing(live)!.record.status);
    return found;
  }

  /** Gives a run its turn, now or when there is room. */
  enqueue({ number, id, workflow }: Queued, fresh?: StoredRun): boolean {
    if (this.#closed || this.#live.has(id)) return false;
    const live: Live = { number, id, workflow, fresh, late: [] };
    this.#live.set(id, live);
    this.#queue.add(live);
    this.#dispatch();
    return true;
  }

  /** Has a run begin at a later time. */
  delay(due: number): void {
    this.#timer.set(due);
  }

  /** Takes up what an earlier process left. */
  async resume({ newest }: Opening): Promise<number> {
    const ready = await this.#queued(selectReady(Date.now(), newest));
    this.#before = 0;
    const { suspects } = this.#configuration;
    const suspected = ready.filter((queued) => suspects.has(queued));
    const isUnderWay = ({ id }: Queued) => this.#live.has(id);
    void suspects.oneByOne(suspected, (queued) => this.enqueue(queued), isUnderWay);
    const others = ready.filter((queued) => !suspected.includes(queued));
    const taken = others.filter((queued) => this.enqueue(queued));
    await this.#wakeDue();
    // What nobody offers any more ends at once, and the caller may tell.
    const orphans = taken.filter(({ workflow }) => !this.#configuration.workflow(workflow));
    await Promise.all(orphans.map(({ id }) => this.#live.get(id)?.ended));
    return taken.length + suspected.length;
  }

  /** Calls back when a run ends. */
  onEnd(id: string, told: (ended: StoredRun) => void): () => void {
    const listeners = this.#ends.get(id) ?? new Set();
    this.#ends.set(id, listeners.add(told));
    return () => {
      listeners.delete(told);
      if (listeners.size === 0) this.#ends.delete(id);
    };
  }

  /** Hands a signal that is on disk to its run. */
  async deliver(id: string, number: number, signal: StoredSignal): Promise<void> {
    const live = this.#live.get(id);
    if (!live) return this.#wakeIfReady(number);
    live.late.push(signal);
    live.called = true;
    live.execution?.deliver(signal);
  }

  /** Ends a run before its end; resolves with how it stands on disk. */
  async cancel(stored: StoredRun, reason: GraphwrightError): Promise<void> {
    const live = this.#live.get(stored.record.id);
    if (live?.execution) {
      await live.execution.cancel(reason);
      await live.ended;
      return;
    }
    if (live?.ended) {
      // It is being read; a moment later it can be told.
      await new Promise((resolve) => setTimeout(resolve, 5));
      return this.cancel(stored, reason);
    }
    if (live) this.#queue.remove(live);
    this.#live.delete(stored.record.id);
    const endedAt = this.#configuration.now().toISOString();
    const end = {
      status: 'cancelled',
      error: reason.toJSON(),
      endedAt,
      waiting: undefined,
    } as const;
    Object.assign(stored.record, end);
    const ended = { ...stored, sequence: stored.sequence + 1, due: undefined };
    await this.log.write(() => [updateRun(ended)]);
    // Something may have woken it meanwhile.
    const late = this.#live.get(stored.record.id);
    if (late) return this.cancel(stored, reason);
    this.#told(ended);
  }

  /** Resolves when a run that has ended is let go of. */
  async quiet(id: string): Promise<void> {
    await this.#live.get(id)?.ended;
  }

  /** Stops what is under way and waits for it. */
  async close(reason: GraphwrightError): Promise<void> {
    this.#closed = reason;
    this.#timer.stop();
    const live = [...this.#live.values()];
    for (const { execution } of live) execution?.halt(reason);
    await Promise.all(live.map(({ ended }) => ended));
    await Promise.all(live.map(({ execution }) => execution?.quiet()));
  }

  #dispatch(): void {
    // Whoever gave the turn may be inside a step of another run.
    this.#apart.runInAsyncScope(() => {
      for (const live of this.#queue.next()) live.ended = this.#carryThrough(live);
    });
  }

  async #carryThrough(live: Live): Promise<void> {
    try {
      await this.#takeUp(live);
    } catch (thrown) {
      this.#failed(live, GraphwrightError.from(thrown));
    } finally {
      this.#release(live);
    }
  }

  async #takeUp(live: Live): Promise<void> {
    const { fresh } = live;
    const stored = fresh ?? (await this.#read(live));
    if (!stored || hasEnded(stored.record) || this.#closed) return;
    const rows = fresh ? [] : await this.#configuration.reader.steps([live.number]);
    const signals = fresh ? [] : await this.#configuration.reader.signals(live.number);
    const writes = fresh ? undefined : await this.#configuration.reader.writes(live.number);
    if (this.#closed) return;
    const { record } = stored;
    record.stepsCompleted = rows.filter(isCompleted).map(completedStep);
    stored.sequence = Math.max(
      stored.sequence,
      rows.at(-1)?.sequence ?? 0,
      this.#configuration.opening.opening * 2 ** 32,
    );
    const recorder = this.#recorder(stored, live);
    const recording = new Recording(rows, signals);
    const execution = new RunExecution({ recorder, recording, writes }, this.#keeper);
    for (const signal of live.late) execution.deliver(signal);
    live.execution = execution;
    if (!fresh) record.attempts += 1;
    Object.assign(record, { waiting: undefined, status: 'started' });
    stored.due = undefined;
    // What it waited for is forgotten along with the first thing that it records.
    if (!fresh) recorder.addStatement(updateRun(stored));
    record.status = 'processing';
    const { suspects } = this.#configuration;
    const spent = suspects.knows(live) && (await suspects.try(live.number, record));
    if (spent) return execution.finish({ error: spent.toJSON() });
    const workflow = this.#configuration.workflow(record.workflow);
    if (!workflow) return execution.finish(notOffered(record.workflow));
    const outcome = await carryOut(workflow, execution, stored);
    if (!execution.over) await execution.finish(outcome);
    else if (execution.recorder.unwritten) await execution.recorder.unwritten;
  }

  #recorder(stored: StoredRun, live: Live): RunRecorder {
    const { record } = stored;
    return new RunRecorder(stored, {
      log: this.log,
      now: this.#configuration.now,
      followed: () => this.followers.has(record.id),
      onEvent: (event) => {
        if (event.type === 'status' && hasEnded(event)) live.endIsOnDisk = true;
        this.followers.tell(record.id, event);
      },
      onFailure: (error) => this.#live.get(record.id)?.execution?.halt(error),
    });
  }

  #failed({ id, execution }: Live, error: GraphwrightError): void {
    if (this.#closed) return;
    const record = execution?.recorder.stored.record;
    if (record) this.#configuration.onError(error, record);
    else process.emitWarning(`The run ${id} could not be read: ${error.message}`);
  }

  #release(live: Live): void {
    if (this.#live.get(live.id) === live) this.#live.delete(live.id);
    this.#queue.done(live);
    if (live.endIsOnDisk) this.#told(live.execution!.recorder.stored);
    this.#dispatch();
  }

  /** Tells those who wait for the end of a run, its parent among them. */
  #told(ended: StoredRun): void {
    const { id, parent } = ended.record;
    for (const told of this.#ends.get(id) ?? []) told(ended);
    if (parent === undefined) return;
    const waiting = this.#live.get(parent);
    if (waiting) waiting.called = true;
    else void this.#wakeParent(parent);
  }

  async #wakeParent(id: string): Promise<void> {
    const parent = await this.#configuration.reader.run(id);
    if (parent) await this.#wakeIfReady(parent.number);
  }

  /** A run is let go of; what came while it was written wakes it again. */
  #suspended({ number, record: { id }, due }: StoredRun): void {
    if (due !== undefined) this.#timer.set(due);
    const live = this.#live.get(id);
    void live?.ended?.then(() => (live.called ? this.#wakeIfReady(number) : undefined));
  }

  async #wakeIfReady(number: number): Promise<void> {
    if (this.#closed) return;
    for (const queued of await this.#queued(selectIfReady(Date.now(), number)))
      this.enqueue(queued);
  }

  async #wakeDue(): Promise<void> {
    if (this.#closed) return;
    const now = Date.now();
    for (const queued of await this.#queued(selectDue(now, this.#before))) this.enqueue(queued);
    const { state } = this.#configuration;
    const [next] = await state.read<{ due: number | null }>(selectNextDue(now, this.#before));
    if (next?.due) this.#timer.set(next.due);
  }

  async #read({ number }: Live): Promise<StoredRun | undefined> {
    const [stored] = await this.#configuration.reader.bare(selectRuns('number = ?', number));
    return stored;
  }

  async #queued(statement: Parameters<StateFile['read']>[0]): Promise<Queued[]> {
    return this.#configuration.state.read<Queued & Record<string, string | number>>(statement);
  }
}
