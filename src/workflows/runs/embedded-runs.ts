import { randomUUID } from 'node:crypto';
import { GraphwrightError } from '../../errors.ts';
import type { StateFile } from '../../ontology/embedded/state-file.ts';
import type { ApprovalDecision } from '../approval/run-approval.ts';
import type { AnyWorkflow, ParametersOf } from '../workflow.ts';
import { Closing } from './closing.ts';
import { decideRun } from './decide-run.ts';
import { childId } from './durable-run.ts';
import { inTime } from './in-time.ts';
import { KnownWorkflows } from './known-workflows.ts';
import { assertSignal, ended } from './refusals.ts';
import { removeInTurns } from './remove-in-turns.ts';
import { RunExecutor } from './run-executor.ts';
import { cursorOf, parseFilter, selectPage } from './run-list.ts';
import { RunLookup } from './run-lookup.ts';
import { copy, RunReader } from './run-reader.ts';
import { json, selectRuns, type StoredRun } from './run-rows.ts';
import { deleteRuns, insertSignal, reopen, selectExpired } from './run-statements.ts';
import { forgetCrashes, noteClosing, Suspects } from './run-crashes.ts';
import { prepareTables, type Opening } from './run-tables.ts';
import { RunStarter } from './run-starter.ts';
import { Turns } from './run-starts.ts';
import { startChild } from './start-child.ts';
import {
  hasEnded,
  type FollowOptions,
  type Retention,
  type RunEvent,
  type RunFilter,
  type RunPage,
  type RunRecord,
  type Runs,
  type Signal,
  type StartOptions,
} from './runs.ts';

/** What the embedded runs work with. */
export interface EmbeddedRunsConfiguration {
  /** Where the runs are kept; the caller closes it, after the runs. */
  state: StateFile;
  /** What {@link Runs.resume} can take up again. */
  workflows: readonly AnyWorkflow[];
  now?: () => Date;
  /** How many runs are executed at once, those that wait not counted; the others queue. 256 by default. */
  maxParallel?: number;
  /** Milliseconds that a waiting run stays in memory, ready to go on; 1,000 by default. */
  patience?: number;
  /**
   * How often a run may be under way when the process dies, in a row and without getting further, until
   * it fails instead of being taken up again; 100 by default, at least 2 to be sure that it is at fault.
   */
  crashLimit?: number;
  /** Told of every run that was accepted. */
  onStarted?: (run: RunRecord) => void;
  /** Told when a run could not be recorded; it is taken up again at the next start. */
  onError?: (error: GraphwrightError, run: RunRecord) => void;
}

/** Runs in this process, kept in the SQLite state file. */
export class EmbeddedRuns implements Runs {
  readonly #configuration: EmbeddedRunsConfiguration;
  readonly #opening: Opening;
  readonly #reader: RunReader;
  readonly #executor: RunExecutor;
  readonly #turns = new Turns();
  readonly #workflows: KnownWorkflows;
  readonly #closing = new Closing();
  readonly #lookup: RunLookup;
  readonly #starter: RunStarter;

  private constructor(
    configuration: EmbeddedRunsConfiguration,
    opening: Opening,
    suspects: Suspects,
  ) {
    const { state, maxParallel = 256, patience = 1000 } = configuration;
    const { onStarted = () => undefined, onError = () => undefined } = configuration;
    this.#configuration = configuration;
    this.#opening = opening;
    this.#workflows = new KnownWorkflows(configuration.workflows);
    this.#reader = new RunReader(state);
    this.#executor = new RunExecutor({
      state,
      reader: this.#reader,
      opening,
      suspects,
      now: () => this.#now(),
      maxParallel,
      patience,
      workflow: (name) => this.#workflows.find(name),
      startChild: (parent, workflow, parameters, id) =>
        startChild(parent, id, {
          get: (child) => this.get(child),
          start: (options) => this.#start(workflow, parameters, options),
        }),
      onError,
    });
    this.#lookup = new RunLookup({ executor: this.#executor, reader: this.#reader });
    this.#starter = new RunStarter({
      executor: this.#executor,
      reader: this.#reader,
      now: () => this.#now(),
      newest: opening.newest,
      get: (id) => this.get(id),
      onStarted,
    });
  }

  /** Opens the runs of a state file; nothing is taken up before {@link resume}. */
  static async open(configuration: EmbeddedRunsConfiguration): Promise<EmbeddedRuns> {
    const { state, crashLimit = 100 } = configuration;
    const opening = await prepareTables(state);
    return new EmbeddedRuns(configuration, opening, await Suspects.find(state, crashLimit));
  }

  async start<W extends AnyWorkflow>(
    workflow: W,
    input: ParametersOf<W>,
    options: StartOptions = {},
  ): Promise<RunRecord> {
    return this.#start(workflow, input, options);
  }

  get(id: string): Promise<RunRecord | undefined> {
    return this.#lookup.get(id);
  }

  async list(filter: RunFilter = {}): Promise<RunPage> {
    const wanted = parseFilter(filter);
    const found = await this.#reader.runs(selectPage(wanted, this.#executor.statuses()));
    return this.#lookup.page(found, wanted.limit, cursorOf);
  }

  async latest(workflow: string, name: string, value: string): Promise<RunRecord | undefined> {
    const newest = `workflow = ? AND json_extract(parameters, '$.' || ?) = ? ORDER BY number DESC LIMIT 1`;
    const [stored] = await this.#reader.bare(selectRuns(newest, workflow, name, value));
    return stored && (await this.get(stored.record.id));
  }

  async wait(id: string, milliseconds: number, signal?: AbortSignal): Promise<RunRecord> {
    let forget: () => void;
    const end = new Promise<StoredRun>((resolve) => {
      forget = this.#executor.onEnd(id, resolve);
    });
    try {
      const { record } = await this.#lookup.stored(id);
      if (hasEnded(record)) return await this.#lookup.existing(id);
      const found = await inTime(end, milliseconds, this.#closing.or(signal));
      return copy(found) ?? (await this.#lookup.existing(id));
    } finally {
      forget!();
    }
  }

  async cancel(id: string): Promise<RunRecord> {
    const stored = await this.#lookup.stored(id);
    if (!hasEnded(stored.record))
      await this.#executor.cancel(stored, new GraphwrightError('cancelled', 'It was cancelled'));
    const record = await this.#lookup.existing(id);
    if (record.status !== 'cancelled') throw ended(record, 'be cancelled');
    const children = selectRuns('parent = ? AND ended_at IS NULL', id);
    for (const child of await this.#reader.bare(children)) await this.cancel(child.record.id);
    return record;
  }

  async signal(id: string, signal: Signal): Promise<void> {
    this.#closing.assertOpen();
    assertSignal(signal);
    await this.#deliver(await this.#lookup.unended(id, 'take a signal'), signal);
  }

  async decide(id: string, decision: ApprovalDecision): Promise<ApprovalDecision> {
    this.#closing.assertOpen();
    return decideRun(decision, {
      read: async () => (await this.#reader.existing(id)).record,
      send: async (signal) => this.#deliver(await this.#lookup.stored(id), signal),
    });
  }

  /** Keeps a signal for a run, and hands it over when the run waits for it. */
  async #deliver(
    { number, record: { id } }: StoredRun,
    { name, payload, id: signalId }: Signal,
  ): Promise<void> {
    const signal = { id: signalId ?? randomUUID(), name, payload: json(payload) };
    await this.#turns.take(`signal ${id} ${signal.id}`, async () => {
      if (signalId !== undefined && (await this.#reader.hasSignal(number, signalId))) return;
      await this.#executor.log.write(() => [insertSignal(number, signal)]);
      await this.#executor.deliver(id, number, signal);
    });
  }

  resume(): Promise<number>;
  resume(id: string): Promise<RunRecord>;
  resume(id?: string): Promise<number | RunRecord> {
    return id === undefined ? this.#executor.resume(this.#opening) : this.#reopen(id);
  }

  async retry(id: string): Promise<RunRecord> {
    const { record, agent } = await this.#lookup.ended(id);
    const { owner, parameters } = record;
    const workflow = this.#workflows.offered(record.workflow);
    return this.#start(workflow, parameters, { owner, agent }, id);
  }

  async delete(id: string): Promise<void> {
    const { number } = await this.#lookup.ended(id);
    await this.#executor.log.write(() => deleteRuns([number]), { brief: false });
  }

  async *follow(id: string, { after = 0, signal }: FollowOptions = {}): AsyncGenerator<RunEvent> {
    // From now on, so that nothing falls between what is read and what is told.
    const following = this.#executor.followers.follow(id);
    const stop = this.#closing.or(signal);
    try {
      const stored = await this.#reader.existing(id);
      let last = after;
      for (const event of await this.#reader.events(stored, after)) {
        yield event;
        last = event.sequence;
      }
      let over = hasEnded(stored.record);
      while (!over) {
        const event = await following.next(stop);
        if (event.sequence <= last) continue;
        yield event;
        last = event.sequence;
        over = event.type === 'status' && hasEnded(event);
      }
    } catch (thrown) {
      if (!this.#closing.signal.aborted) throw GraphwrightError.from(thrown);
    } finally {
      following.end();
    }
  }

  async sweep({
    maxAge = Infinity,
    maxCount = Number.MAX_SAFE_INTEGER,
  }: Retention): Promise<number> {
    const before = maxAge === Infinity ? '' : new Date(this.#now().getTime() - maxAge);
    const oldest = before === '' ? '' : before.toISOString();
    const expired = selectExpired(oldest, maxCount, 100);
    return removeInTurns(
      () => this.#configuration.state.read<{ number: number }>(expired),
      (some) =>
        this.#executor.log.write(() => deleteRuns(some.map(({ number }) => number)), {
          brief: false,
        }),
    );
  }

  async close(): Promise<void> {
    await this.#executor.close(this.#closing.begin());
    // When it cannot be noted, this merely counts as a crash.
    const closing = noteClosing(this.#opening.opening);
    await this.#configuration.state.commit([closing]).catch(() => undefined);
  }

  #start(
    workflow: AnyWorkflow,
    input: unknown,
    options: StartOptions,
    retryOf?: string,
  ): Promise<RunRecord> {
    this.#closing.assertOpen();
    this.#workflows.add(workflow);
    return this.#starter.start(workflow, input, options, retryOf);
  }

  /** Lets a run that has ended without a result go on, and before it the children that it failed with. */
  async #reopen(id: string): Promise<RunRecord> {
    const { number, record } = await this.#lookup.resumable(id);
    if (!hasEnded(record)) return structuredClone(record);
    await this.#executor.quiet(id);
    for (const { kind, name, error } of await this.#reader.steps([number])) {
      const child = kind === 'child' && error && (await this.get(childId(id, name)));
      if (child && child.status !== 'completed') await this.#reopen(child.id);
    }
    await this.#executor.log.write(() => [...reopen(number), forgetCrashes(number)]);
    this.#executor.enqueue({ number, id, workflow: record.workflow });
    return this.#lookup.existing(id);
  }

  #now(): Date {
    return this.#configuration.now?.() ?? new Date();
  }
}
