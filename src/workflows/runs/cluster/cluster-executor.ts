import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { GraphwrightError } from '../../../errors.ts';
import type { AnyWorkflow } from '../../workflow.ts';
import { carryOut, notOffered } from '../carry-out.ts';
import { Recording } from '../recording.ts';
import type { RunKeeper } from '../run-keeper.ts';
import { RunFollowers } from '../run-followers.ts';
import { RunLog } from '../run-log.ts';
import { RunRecorder } from '../run-recorder.ts';
import type { StoredRun } from '../run-rows.ts';
import { hasEnded, type RunRecord, type RunStatus } from '../runs.ts';
import { ClusterExecution, noSharedState } from './cluster-execution.ts';
import type { ClusterReader } from './cluster-reader.ts';
import { crashFailure } from './cluster-crashes.ts';
import { cancellation, type ClusterRun } from './cluster-rows.ts';
import { parkStatement, stepStatement, updateGivenBack } from './cluster-statements.ts';
import type { Database } from './database.ts';
import { Presence, published, stateOf, type Standing } from './presence.ts';

/** What an executor works with. */
export interface ExecutorConfiguration {
  database: Database;
  reader: ClusterReader;
  /** The name of this process among the others. */
  executor: string;
  /** Where a run goes that came from no queue. */
  queue: string;
  now: () => Date;
  /** How long a run that waits stays in memory, in milliseconds, as things are. */
  patience: () => number;
  /** After how many crashes in a row a run fails. */
  crashLimit: number;
  workflow: (name: string) => AnyWorkflow | undefined;
  startChild: RunKeeper['startChild'];
  onEnd: RunKeeper['onEnd'];
  /** Told when a run is about to end. */
  onEnding: () => void;
  /** Told when a run is let go of without an end. */
  onLetGo: (id: string) => void;
  onError: (error: GraphwrightError, run: RunRecord) => void;
}

/** A run that is executed here. */
interface Live extends Omit<Standing, 'stored'> {
  execution?: ClusterExecution;
  /** Resolves when it is executed no more. */
  over: Promise<unknown>;
  /** A signal came, or somebody cancelled it, before it was read. */
  late?: boolean;
  cancelled?: boolean;
}

/** Executes the runs that DBOS gives to this process. */
export class ClusterExecutor {
  readonly followers = new RunFollowers();
  readonly #configuration: ExecutorConfiguration;
  readonly #log: RunLog;
  readonly #live = new Map<string, Live>();
  /** The run that begins in this call, of which there is nothing to read. */
  readonly #fresh = new AsyncLocalStorage<ClusterRun>();
  #beginning = 0;
  readonly #keeper: RunKeeper;
  readonly #apart = new AsyncResource('Runs');
  readonly #presence: Presence;
  #closed = false;

  constructor(configuration: ExecutorConfiguration) {
    const { database, now, patience, startChild, onEnd } = configuration;
    this.#configuration = configuration;
    this.#log = new RunLog(database);
    this.#keeper = {
      state: noSharedState,
      now,
      startChild,
      onEnd,
      suspend: () => undefined,
      get patience() {
        return patience();
      },
    };
    this.#presence = new Presence(database, configuration.executor, () => this.#standing());
  }

  /** How many runs are busy here, those that wait not counted. */
  get busy(): number {
    let count = this.#beginning;
    for (const { execution } of this.#live.values())
      if (execution?.recorder.stored.record.status !== 'waiting') count += 1;
    return count;
  }

  /** A run as it stands in memory, which is newer than what is on disk. */
  present(id: string): StoredRun | undefined {
    const execution = this.#live.get(id)?.execution;
    const stored = execution?.recorder.stored;
    // Its end counts once DBOS has written it down; until then those who wait for it go on waiting.
    if (stored && hasEnded(stored.record)) return undefined;
    // One that is being let go of waits, and lies on disk in a moment.
    return execution?.over && stored?.record.status !== 'waiting' ? undefined : stored;
  }

  /** How the runs in memory stand. */
  statuses(): Map<string, RunStatus> {
    const found = new Map<string, RunStatus>();
    for (const id of this.#live.keys()) {
      const status = this.present(id)?.record.status;
      if (status) found.set(id, status);
    }
    return found;
  }

  /** Has a run begin, here and at once. */
  async begin<Result>(stored: StoredRun, action: () => Promise<Result>): Promise<Result> {
    this.#beginning += 1;
    try {
      return await this.#fresh.run(stored, action);
    } finally {
      this.#beginning -= 1;
    }
  }

  /** Executes a run; resolves with how it ended, or with undefined when it was let go of before. */
  carryOut(id: string): Promise<RunRecord | undefined> {
    const fresh = this.#fresh.getStore();
    return this.#apart.runInAsyncScope(async () => {
      const before = this.#live.get(id);
      before?.execution?.halt(new GraphwrightError('cancelled', 'It is executed anew'));
      await before?.over;
      const live: Live = { over: Promise.resolve(), published: '' };
      this.#live.set(id, live);
      const over = this.#execute(id, live, fresh).catch((thrown: unknown) =>
        this.#failed(id, live, thrown),
      );
      live.over = over;
      const ended = await over;
      if (this.#live.get(id) === live) this.#live.delete(id);
      if (ended) this.#configuration.onEnding();
      else this.#configuration.onLetGo(id);
      return ended;
    });
  }

  /** Ends the execution of a run that is cancelled in the database. */
  async cancel(id: string): Promise<void> {
    const live = this.#live.get(id);
    if (!live) return;
    live.cancelled = true;
    await live.execution?.cancel(cancellation());
    await live.over;
  }

  /** Hands over signals that have come. */
  async deliver(id: string): Promise<void> {
    const live = this.#live.get(id);
    if (!live) return;
    live.late = true;
    const { execution } = live;
    if (!execution || execution.over) return;
    for (const signal of await this.#configuration.reader.signals(id)) execution.deliver(signal);
  }

  /** Lets go of runs whose rows were not taken: somebody else has them, or the answer was lost. */
  lose(ids: readonly string[]): void {
    for (const id of ids) {
      const live = this.#live.get(id);
      live?.execution?.halt(new GraphwrightError('cancelled', 'Another process has taken it over'));
      if (live) void this.#giveBack(id, live);
    }
  }

  /** Stops what is under way and waits for it. */
  async close(reason: GraphwrightError): Promise<void> {
    this.#closed = true;
    this.#presence.close();
    const live = [...this.#live.values()];
    for (const { execution } of live) execution?.halt(reason);
    await Promise.all(live.map(({ over }) => over));
    await Promise.all(live.map(({ execution }) => execution?.quiet()));
  }

  async #execute(id: string, live: Live, fresh?: ClusterRun): Promise<RunRecord | undefined> {
    const { reader, crashLimit, workflow: find } = this.#configuration;
    if (this.#closed) return undefined;
    const [stored] = fresh ? [fresh] : await reader.bare('w.workflow_uuid = $1', [id]);
    if (!stored || hasEnded(stored.record)) return undefined;
    const rows = fresh ? [] : await reader.steps(id);
    const signals = fresh ? [] : await reader.signals(id);
    if (this.#closed || live.cancelled) return undefined;
    const { record } = stored;
    record.stepsCompleted = reader.completed(rows);
    record.status = 'processing';
    record.waiting = undefined;
    record.currentStep = undefined;
    if (fresh) live.published = stateOf(stored.record);
    stored.sequence = record.attempts * 2 ** 32;
    const place = rows.reduce((most, row) => Math.max(most, row.place), 0);
    const recorder = this.#recorder(stored, live, place);
    const execution = new ClusterExecution(
      { recorder, recording: new Recording(rows, signals) },
      this.#keeper,
    );
    live.execution = execution;
    if (live.late) await this.deliver(id);
    const workflow = find(record.workflow);
    const failure = crashFailure(stored, crashLimit);
    if (failure || !workflow) {
      await execution.finish(failure ? { error: failure.toJSON() } : notOffered(record.workflow));
      return record;
    }
    const outcome = await carryOut(workflow, execution, stored);
    if (execution.over) {
      // What had ended by then is written down before anybody else goes on.
      await execution.recorder.unwritten?.catch(() => undefined);
      return undefined;
    }
    await execution.finish(outcome);
    return record;
  }

  #recorder(stored: StoredRun, live: Live, last: number): RunRecorder {
    const { executor, queue, now } = this.#configuration;
    const { record } = stored;
    let place = last;
    return new RunRecorder(stored, {
      log: this.#log,
      statements: {
        step: (row) => stepStatement(record.id, executor, (place += 1), row),
        // DBOS itself writes down the end.
        status: () =>
          hasEnded(record) ? undefined : parkStatement(stored, executor, published(stored), queue),
      },
      now,
      followed: () => this.followers.has(record.id),
      onEvent: (event) => this.followers.tell(record.id, event),
      onFailure: (error) => {
        live.execution?.halt(error);
        if (this.#closed) return;
        this.#configuration.onError(error, record);
        // What cannot be written now cannot be written a moment later either.
        if (error.retriable) void this.#giveBack(record.id, live);
      },
    });
  }

  async #failed(id: string, live: Live, thrown: unknown): Promise<undefined> {
    if (this.#closed) return undefined;
    const error = GraphwrightError.from(thrown);
    const record = live.execution?.recorder.stored.record;
    if (record) this.#configuration.onError(error, record);
    else process.emitWarning(`The run ${id} could not be read: ${error.message}`);
    if (error.retriable) await this.#giveBack(id, live);
    return undefined;
  }

  /** Puts a run into its queue again, as soon as the database can be reached. */
  async #giveBack(id: string, live: Live): Promise<void> {
    const { database, executor, queue } = this.#configuration;
    while (!this.#closed && this.#live.get(id) === live) {
      try {
        await database.rows(updateGivenBack, [[id], executor, queue]);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 200).unref());
      }
    }
  }

  /** Puts all runs of this process into their queues again, for the others to take. */
  async giveBackAll(): Promise<void> {
    const { database, executor, queue } = this.#configuration;
    await database.rows(updateGivenBack, [null, executor, queue]);
  }

  #standing(): Standing[] {
    return [...this.#live].flatMap(([id, live]) => {
      const stored = this.present(id);
      return stored ? [Object.assign(live, { stored })] : [];
    });
  }
}
