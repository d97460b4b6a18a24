import { randomUUID } from 'node:crypto';
import { GraphwrightError } from '../../errors.ts';
import { currentPlace, observed } from '../../telemetry.ts';
import { startWork } from '../work.ts';
import type { AnyWorkflow } from '../workflow.ts';
import type { RunExecutor } from './run-executor.ts';
import type { RunReader } from './run-reader.ts';
import { insertRun, selectRuns, type StoredRun } from './run-rows.ts';
import { approvalOf, assertSameStart, starting, Turns, type Starting } from './run-starts.ts';
import type { RunRecord, StartOptions } from './runs.ts';

/** What a starter works with. */
export interface StarterConfiguration {
  executor: RunExecutor;
  reader: RunReader;
  now: () => Date;
  /** The number of the newest run. */
  newest: number;
  get: (id: string) => Promise<RunRecord | undefined>;
  onStarted: (run: RunRecord) => void;
}

/** Accepts runs: each start is on disk before it is acknowledged, and under one key or id there is one. */
export class RunStarter {
  readonly #configuration: StarterConfiguration;
  readonly #turns = new Turns();
  #newest: number;

  constructor(configuration: StarterConfiguration) {
    this.#configuration = configuration;
    this.#newest = configuration.newest;
  }

  async start(
    workflow: AnyWorkflow,
    input: unknown,
    options: StartOptions,
    retryOf?: string,
  ): Promise<RunRecord> {
    const { idempotencyKey } = options;
    const accepted = starting(workflow, input, options);
    const insert = () => this.#begin(workflow, input, accepted, retryOf);
    if (idempotencyKey === undefined) return insert();
    return this.#turns.take(
      `key ${idempotencyKey}`,
      async () => (await this.#byKey(idempotencyKey, workflow, input)) ?? insert(),
    );
  }

  #begin(
    workflow: AnyWorkflow,
    input: unknown,
    options: Starting,
    retryOf?: string,
  ): Promise<RunRecord> {
    const { id = randomUUID() } = options;
    return observed(
      () => startWork(workflow, id),
      () => this.#insert(workflow, input, { ...options, id }, retryOf),
    );
  }

  async #insert(
    workflow: AnyWorkflow,
    input: unknown,
    options: Starting & { id: string },
    retryOf?: string,
  ): Promise<RunRecord> {
    const { id, idempotencyKey, parent, delay = 0, owner, agent } = options;
    const { executor, now, get, onStarted } = this.#configuration;
    const due = delay > 0 ? Date.now() + delay : undefined;
    const record: RunRecord = {
      id,
      workflow: workflow.name,
      status: 'started',
      parameters: input,
      stepsCompleted: [],
      attempts: due === undefined ? 1 : 0,
      parent,
      retryOf,
      approval: approvalOf(id, input, options),
      owner,
      startedAt: now().toISOString(),
      delayedUntil: due === undefined ? undefined : new Date(due).toISOString(),
    };
    const number = (this.#newest += 1);
    const text = JSON.stringify(input);
    // As it will be read when the run is executed again.
    const own = { ...record, parameters: JSON.parse(text) as unknown, stepsCompleted: [] };
    const place = currentPlace();
    const stored: StoredRun = {
      number,
      record: own,
      agent,
      place,
      idempotencyKey,
      sequence: 0,
      due,
    };
    try {
      await executor.log.write(() => [insertRun(stored, text)]);
    } catch (thrown) {
      if (GraphwrightError.from(thrown).code !== 'conflict' || !(await get(id))) throw thrown;
      throw new GraphwrightError('conflict', `There is a run ${id} already`, { cause: thrown });
    }
    if (due !== undefined) executor.delay(due);
    else executor.enqueue({ number, id, workflow: workflow.name }, stored);
    onStarted(record);
    return record;
  }

  async #byKey(key: string, workflow: AnyWorkflow, input: unknown): Promise<RunRecord | undefined> {
    const { get, reader } = this.#configuration;
    const [found] = await reader.bare(selectRuns('idempotency_key = ?', key));
    if (!found) return undefined;
    assertSameStart(found.record, workflow, input, key);
    return get(found.record.id);
  }
}
