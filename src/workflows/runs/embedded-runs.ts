import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GraphwrightError } from '../../errors.ts';
import type { StateFile, Statement } from '../../ontology/embedded/state-file.ts';
import { parse } from '../../parse.ts';
import { execute, type StepEvent } from '../execute.ts';
import type { AnyWorkflow, ParametersOf } from '../workflow.ts';
import { createTable, readRecord, selectRuns, writeRecord } from './run-rows.ts';
import { type RunRecord, type Runs } from './runs.ts';

/** What the embedded runs work with. */
export interface EmbeddedRunsConfiguration {
  /** Where the runs are kept; the caller closes it, after the runs. */
  state: StateFile;
  /** What {@link Runs.resume} can take up again. */
  workflows: readonly AnyWorkflow[];
  now?: () => Date;
  /** Told when a run could not be recorded; it is taken up again at the next start. */
  onError?: (error: GraphwrightError, run: RunRecord) => void;
}

/** Runs in this process, kept in the SQLite state file. */
export class EmbeddedRuns implements Runs {
  readonly #configuration: EmbeddedRunsConfiguration;
  readonly #underWay = new Map<string, { record: RunRecord; ended: Promise<void> }>();
  readonly #stop = new AbortController();

  private constructor(configuration: EmbeddedRunsConfiguration) {
    this.#configuration = configuration;
  }

  /** Opens the runs of a state file; nothing is taken up before {@link resume}. */
  static async open(configuration: EmbeddedRunsConfiguration): Promise<EmbeddedRuns> {
    await configuration.state.commit([createTable]);
    return new EmbeddedRuns(configuration);
  }

  async start<W extends AnyWorkflow>(workflow: W, input: ParametersOf<W>): Promise<RunRecord> {
    if (this.#stop.signal.aborted) throw new GraphwrightError('unavailable', 'Closing down');
    parse(workflow.parameters, input, 'invalid_parameters', workflow.name);
    const record: RunRecord = {
      id: randomUUID(),
      workflow: workflow.name,
      status: 'started',
      parameters: input,
      stepsCompleted: [],
      startedAt: this.#now(),
    };
    await this.#save(record);
    const acknowledged = structuredClone(record);
    this.#carryOut(workflow, record);
    return acknowledged;
  }

  async get(id: string): Promise<RunRecord | undefined> {
    const active = this.#underWay.get(id);
    if (active) return structuredClone(active.record);
    return (await this.#read(selectRuns('id = ?', id)))[0];
  }

  async latest(workflow: string, name: string, value: string): Promise<RunRecord | undefined> {
    const newest = `workflow = ? AND json_extract(parameters, '$.' || ?) = ? ORDER BY rowid DESC LIMIT 1`;
    const [stored] = await this.#read(selectRuns(newest, workflow, name, value));
    return stored && (await this.get(stored.id));
  }

  async wait(id: string, milliseconds: number, signal?: AbortSignal): Promise<RunRecord> {
    const active = this.#underWay.get(id);
    if (active) await this.#patience(active.ended, milliseconds, signal);
    const record = await this.get(id);
    if (!record) throw new GraphwrightError('not_found', `No run ${id}`);
    return record;
  }

  async resume(): Promise<number> {
    const unfinished = (await this.#read(selectRuns(`ended_at IS NULL ORDER BY rowid`))).filter(
      ({ id }) => !this.#underWay.has(id),
    );
    for (const record of unfinished) await this.#takeUp(record);
    return unfinished.length;
  }

  async close(): Promise<void> {
    this.#stop.abort(new GraphwrightError('cancelled', 'Closing down'));
    await Promise.all([...this.#underWay.values()].map(({ ended }) => ended));
  }

  async #takeUp(record: RunRecord): Promise<void> {
    const workflow = this.#configuration.workflows.find(({ name }) => name === record.workflow);
    if (workflow) return this.#carryOut(workflow, record);
    const message = `No workflow ${record.workflow} is offered any more`;
    await this.#end(record, { error: new GraphwrightError('not_found', message) });
  }

  #carryOut(workflow: AnyWorkflow, record: RunRecord): void {
    record.status = 'processing';
    record.stepsCompleted = [];
    const ended = this.#execute(workflow, record).finally(() => this.#underWay.delete(record.id));
    this.#underWay.set(record.id, { record, ended });
  }

  async #execute(workflow: AnyWorkflow, record: RunRecord): Promise<void> {
    const { signal } = this.#stop;
    const onStep = (event: StepEvent) => follow(record, event);
    const options = { runId: record.id, signal, now: this.#configuration.now, onStep };
    const outcome = await execute(
      workflow,
      record.parameters as ParametersOf<typeof workflow>,
      options,
    ).then(
      (result: unknown) => ({ result }),
      (error: GraphwrightError) => ({ error }),
    );
    // A run that was stopped from outside has not ended: it goes on at the next start.
    if (signal.aborted && 'error' in outcome) return;
    await this.#end(record, outcome).catch((thrown: unknown) =>
      this.#configuration.onError?.(GraphwrightError.from(thrown), record),
    );
  }

  async #end(
    record: RunRecord,
    outcome: { result: unknown } | { error: GraphwrightError },
  ): Promise<void> {
    const end =
      'error' in outcome
        ? { status: 'failed', error: outcome.error.toJSON() }
        : { status: 'completed', ...outcome };
    Object.assign(record, end, { currentStep: undefined, endedAt: this.#now() });
    await this.#save(record);
  }

  /** Waits for the end or the time, whichever comes first. */
  async #patience(ended: Promise<void>, milliseconds: number, signal?: AbortSignal): Promise<void> {
    const enough = new AbortController();
    const either = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal;
    const time = sleep(milliseconds, undefined, { signal: either }).catch(() => undefined);
    await Promise.race([ended, time]);
    enough.abort();
  }

  #save(record: RunRecord): Promise<void> {
    return this.#configuration.state.commit([writeRecord(record)]);
  }

  async #read(statement: Statement): Promise<RunRecord[]> {
    return (await this.#configuration.state.read(statement)).map(readRecord);
  }

  #now(): string {
    return (this.#configuration.now?.() ?? new Date()).toISOString();
  }
}

function follow(record: RunRecord, { step, status, duration = 0 }: StepEvent): void {
  record.currentStep = status === 'started' ? step : undefined;
  if (status === 'completed') record.stepsCompleted.push({ step, duration });
}
