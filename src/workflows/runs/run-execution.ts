import { setTimeout as sleep } from 'node:timers/promises';
import { GraphwrightError, type SerializedError } from '../../errors.ts';
import type { Statement } from '../../ontology/embedded/state-file.ts';
import type { FailedAttempt, StepEnd } from '../attempts.ts';
import type { AnyWorkflow } from '../workflow.ts';
import { Halted, type RunKeeper } from './run-keeper.ts';
import { changed, type Asked, type Recording } from './recording.ts';
import type { RunRecorder } from './run-recorder.ts';
import type { StoredSignal } from './run-rows.ts';
import { RunWaits } from './run-waits.ts';
import type { RunRecord, Waiting } from './runs.ts';
import { written } from './step-value.ts';
import { StepWrites, type WrittenBefore } from './step-writes.ts';

/** What is known of a run when it is executed. */
export interface ExecutionOf {
  recorder: RunRecorder;
  recording: Recording;
  /** What its steps wrote to the graph before they were interrupted. */
  writes?: ReadonlyMap<string, Map<number, WrittenBefore>>;
}

// Where these come from nobody ever sees, and an error for each of many runs would cost memory and time.
const halted = new Halted('The run waits, and goes on later');
const letGoOf = new GraphwrightError('cancelled', halted.message);

/** One execution of a durable run: what it has behind it, what is under way, what it waits for. */
export class RunExecution {
  readonly recording: Recording;
  readonly recorder: RunRecorder;
  /** Rejects when the execution is let go of. */
  readonly halted: Promise<never>;
  readonly #keeper: RunKeeper;
  readonly #writes: ReadonlyMap<string, Map<number, WrittenBefore>>;
  readonly #abort = new AbortController();
  readonly #underWay = new Set<string>();
  readonly #actions = new Set<Promise<unknown>>();
  readonly #waits = new RunWaits(() => this.#look());
  #halt!: (reason: Error) => void;
  #over = false;
  #suspended = false;
  #patience?: NodeJS.Timeout;

  constructor({ recorder, recording, writes = new Map() }: ExecutionOf, keeper: RunKeeper) {
    this.recorder = recorder;
    this.recording = recording;
    this.#writes = writes;
    this.#keeper = keeper;
    this.halted = new Promise((_, reject) => (this.#halt = reject));
    this.halted.catch(() => undefined);
  }

  get id(): string {
    return this.recorder.stored.record.id;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether nothing more of it is recorded. */
  get over(): boolean {
    return this.#over;
  }

  get #record(): RunRecord {
    return this.recorder.stored.record;
  }

  now(): Date {
    return this.#keeper.now();
  }

  /** @throws GraphwrightError `cancelled` */
  assertGoing(what: string): void {
    if (this.#suspended) throw letGoOf;
    if (this.#over || this.signal.aborted)
      throw new GraphwrightError('cancelled', `The run was cancelled before ${what}`);
  }

  /**
   * Resolves once all that was recorded is on disk; undefined when it is already.
   * @throws GraphwrightError `cancelled`; `workflow_changed` when something was recorded in its place.
   */
  mayBegin(asked: Asked): Promise<void> | undefined {
    this.assertGoing(asked.name);
    const inOrder = !this.recording.skipped(asked);
    if (inOrder && (asked.recorded || !this.recorder.unwritten)) return undefined;
    return this.#mayBegin(asked, inOrder);
  }

  async #mayBegin(asked: Asked, inOrder: boolean): Promise<void> {
    if (!inOrder) await this.#assertInOrder(asked);
    if (asked.recorded || !this.recorder.unwritten) return;
    await this.recorder.unwritten;
    this.assertGoing(asked.name);
  }

  begin(step: string): void {
    this.#underWay.add(step);
    this.#look();
    this.recorder.tell({ type: 'step', step, status: 'started' });
  }

  /** A step that has to wait for a person is not under way. */
  pauseStep(step: string): void {
    this.#underWay.delete(step);
    this.#look();
  }

  failedAttempt(step: string, { attempt, delay, error }: FailedAttempt): void {
    this.recorder.tell({ type: 'attempt', step, attempt, delay, error: error.toJSON() });
  }

  /** Records how a step ended, and what it wrote along with it. */
  async end<T>(asked: Asked, end: StepEnd<T>, writes?: StepWrites): Promise<StepEnd<T>> {
    this.#underWay.delete(asked.name);
    this.#look();
    const staging = writes?.end();
    if (staging) await staging;
    // What was interrupted has not ended: it is done again when the run goes on.
    if (this.#over || (end.error && this.signal.aborted))
      this.assertGoing(`the end of ${asked.name}`);
    const { name, asked: place } = asked;
    const { attempts, duration } = end;
    const row = { name, asked: place, attempts, duration };
    const recorded = written(asked, end);
    const { value } = recorded;
    const together = !recorded.error && writes?.pending;
    const failure = together ? await this.#commit({ ...row, value }, writes) : undefined;
    if (together && !failure) return end;
    const error = recorded.error ?? failure;
    this.recorder.addEnd({ ...row, value: error ? undefined : value, error: error?.toJSON() });
    void this.recorder.flush().catch(() => undefined);
    return error ? { attempts, duration, error } : end;
  }

  /** Commits what a step wrote along with its record; gives the reason why that could not be. */
  async #commit(
    row: Parameters<RunRecorder['addEnd']>[0],
    writes: StepWrites,
  ): Promise<GraphwrightError | undefined> {
    try {
      await this.recorder.writeEnd(row, (rows) => writes.commit(rows));
      return undefined;
    } catch (thrown) {
      return GraphwrightError.from(thrown);
    }
  }

  /** The writes of a step to the store that shares the state file. */
  unitOfWork(step: string): StepWrites {
    const before = this.#writes.get(step) ?? new Map<number, WrittenBefore>();
    const { state } = this.#keeper;
    return new StepWrites({ state, run: this.recorder.stored.number, step, before });
  }

  /** Waits until `ready` gives something, or the time has come: then undefined. */
  async waitUntil<T>(
    waiting: Waiting,
    due: number | undefined,
    ready: () => T | undefined,
  ): Promise<T | undefined> {
    const until = due === undefined ? undefined : new Date(due).toISOString();
    for (;;) {
      this.assertGoing(`the end of a wait for ${'name' in waiting ? waiting.name : 'time'}`);
      const found = ready();
      if (found !== undefined) return found;
      if (due !== undefined && due <= Date.now()) return undefined;
      await this.#waits.wait({ ...(until && { until }), ...waiting }, due);
    }
  }

  /** Starts a child and waits for its end. */
  async child(workflow: AnyWorkflow, parameters: unknown, id: string): Promise<RunRecord> {
    let ended: RunRecord | undefined;
    const find = async () => {
      ended = await this.#keeper.startChild(this.recorder.stored, workflow, parameters, id);
      if (ended) this.#waits.wake();
    };
    // Told before it is asked for, so that no end falls in between.
    const forget = this.#keeper.onEnd(id, () => void find());
    try {
      await find();
      await this.waitUntil({ for: 'child', name: id }, undefined, () => ended);
      return ended!;
    } finally {
      forget();
    }
  }

  /** Hands over a signal that has just come. */
  deliver(signal: StoredSignal): void {
    this.recording.deliver(signal);
    this.#waits.wake();
  }

  /** Marks a signal as asked for, along with what is written of it. */
  taken(id: string): Statement {
    const sql = 'UPDATE run_signals SET taken = 1 WHERE run = ? AND id = ?';
    return { sql, values: [this.recorder.stored.number, id] };
  }

  /** Lets go of a signal that nobody can use. */
  drop({ id }: StoredSignal): void {
    this.recorder.addStatement(this.taken(id));
  }

  /** Records how the run ended; resolves once that is on disk. */
  async finish(outcome: { result: unknown } | { error: SerializedError }): Promise<void> {
    if (this.#over) return;
    const ahead = this.recording.ahead;
    const { workflow } = this.#record;
    const end =
      'result' in outcome && ahead ? { error: changed(workflow, ahead).toJSON() } : outcome;
    // What its code has left behind is told; an error for nobody would only cost time.
    const left = this.#underWay.size + this.#actions.size + this.#waits.size > 0;
    this.#stop(left ? new GraphwrightError('cancelled', 'The run has ended') : undefined);
    const status = 'error' in end ? 'failed' : 'completed';
    const endedAt = this.now().toISOString();
    const none = { currentStep: undefined, waiting: undefined };
    Object.assign(this.#record, { status, ...end, ...none, endedAt });
    this.recorder.stored.due = undefined;
    this.recorder.addStatus();
    await this.recorder.flush();
  }

  /** Ends the run before its end; resolves once that is on disk, or something else ended it before. */
  async cancel(reason: GraphwrightError): Promise<void> {
    if (this.#over) return;
    this.#stop(reason);
    const endedAt = this.now().toISOString();
    const none = { currentStep: undefined, waiting: undefined };
    Object.assign(this.#record, { status: 'cancelled', error: reason.toJSON(), ...none, endedAt });
    this.recorder.stored.due = undefined;
    this.recorder.addStatus();
    await this.recorder.flush();
    this.#halt(reason);
  }

  /** Resolves when no action goes on that was interrupted, or after two seconds. */
  async quiet(): Promise<void> {
    await Promise.race([Promise.allSettled(this.#actions), sleep(2000, undefined, { ref: false })]);
  }

  /** Keeps track of an action that may go on after it was interrupted. */
  track<T>(action: T | Promise<T>): T | Promise<T> {
    if (!(action instanceof Promise)) return action;
    this.#actions.add(action);
    const forget = () => this.#actions.delete(action);
    action.then(forget, forget);
    return action;
  }

  /** Stops what is under way and forgets the rest; what is recorded stays. */
  halt(reason: GraphwrightError): void {
    this.#stop(reason);
    this.#halt(reason);
  }

  #stop(reason: GraphwrightError | undefined): void {
    this.#over = true;
    clearTimeout(this.#patience);
    if (reason) this.#abort.abort(reason);
    this.#waits.forget();
  }

  /** Decides anew, after each change, how the run stands. */
  #look(): void {
    if (this.#over) return;
    const current = [...this.#underWay].at(-1);
    const only = this.#waits.only;
    const waits = this.#waits.size > 0 && current === undefined;
    this.#record.status = waits ? 'waiting' : 'processing';
    this.#record.waiting = waits ? only?.waiting : undefined;
    this.#record.currentStep = current;
    clearTimeout(this.#patience);
    if (!waits || !only) return;
    const { patience } = this.#keeper;
    if (only.due !== undefined && only.due - Date.now() < 2 * patience) return;
    this.#patience = setTimeout(() => void this.#suspend(), patience);
  }

  /** Writes down what the run waits for, and lets go of it. */
  async #suspend(): Promise<void> {
    const only = this.#waits.only;
    if (!only || this.#over) return;
    this.#over = true;
    this.#suspended = true;
    this.#waits.forget();
    this.recorder.stored.due = only.due;
    this.recorder.addStatus();
    try {
      await this.recorder.flush();
    } catch {
      return; // Not silent: the recorder has told its owner.
    }
    this.#keeper.suspend(this.recorder.stored);
    this.#halt(halted);
  }

  /** Branches side by side ask in no certain order, so what is missing gets some time to come. */
  async #assertInOrder(asked: Asked): Promise<void> {
    for (let turn = 0; turn < 50; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, turn < 10 ? 0 : 10));
      this.assertGoing(asked.name);
      if (!this.recording.skipped(asked)) return;
    }
    throw changed(this.#record.workflow, this.recording.skipped(asked)!, asked);
  }
}
