import { randomUUID } from 'node:crypto';
import { GraphwrightError } from '../../../errors.ts';
import { currentPlace, observed } from '../../../telemetry.ts';
import { derivedUuid } from '../../derived.ts';
import { startWork } from '../../work.ts';
import type { AnyWorkflow } from '../../workflow.ts';
import type { KnownWorkflows } from '../known-workflows.ts';
import type { StoredRun } from '../run-rows.ts';
import { approvalOf, assertSameStart, starting, type Starting } from '../run-starts.ts';
import { startChild } from '../start-child.ts';
import type { RunRecord, StartOptions } from '../runs.ts';
import type { Carriers } from './carriers.ts';
import type { ClusterExecutor } from './cluster-executor.ts';
import { assertStorable, isStorable, numbers } from './cluster-list.ts';
import type { ClusterReader } from './cluster-reader.ts';
import { jsonText, type RunAttributes } from './cluster-rows.ts';
import type { DbosEngine } from './dbos.ts';
import type { EndWatch } from './end-watch.ts';

/** What starting works with. */
export interface StarterParts {
  workflows: KnownWorkflows;
  maxParallel: number;
  now: () => Date;
  dbos: () => DbosEngine;
  reader: ClusterReader;
  executor: ClusterExecutor;
  carriers: Carriers;
  ends: EndWatch;
  get: (id: string) => Promise<RunRecord | undefined>;
  onStarted?: (run: RunRecord) => void;
}

/** The queue of all workflows without a limit of their own. */
export const sharedQueue = 'graphwright';

/** Starts runs, here or by way of a queue. */
export class ClusterStarter {
  readonly #parts: StarterParts;
  readonly #queues = new Map<string, Promise<string>>();
  readonly #nextNumber: () => number;

  constructor(parts: StarterParts) {
    this.#parts = parts;
    this.#nextNumber = numbers(() => parts.now().getTime());
  }

  async start(
    workflow: AnyWorkflow,
    input: unknown,
    options: StartOptions,
    retryOf?: string,
  ): Promise<RunRecord> {
    const accepted = starting(workflow, input, options);
    assertStorable('/owner', options.owner ?? '');
    const { idempotencyKey } = options;
    const key = idempotencyKey === undefined ? undefined : derivedUuid('key', idempotencyKey);
    const before = key && (await this.#byKey(key, options, workflow, input));
    if (before) return before;
    const { id = randomUUID() } = options;
    return observed(
      () => startWork(workflow, id),
      () => this.#begin(workflow, input, { ...accepted, id }, key, retryOf),
    );
  }

  async #begin(
    workflow: AnyWorkflow,
    input: unknown,
    options: Starting & { id: string },
    key: string | undefined,
    retryOf: string | undefined,
  ): Promise<RunRecord> {
    const { id, parent, delay = 0, owner, agent } = options;
    const { executor, carriers, ends, maxParallel, dbos } = this.#parts;
    // A process that carries out runs asks nobody, so that runs begin in the order in which they are started.
    const left = carriers.here ? false : await carriers.onlyElsewhere();
    const parameters = JSON.parse(JSON.stringify(input)) as unknown;
    const time = this.#parts.now().getTime();
    const attributes: RunAttributes = {
      number: this.#nextNumber(),
      workflow: workflow.name,
      startedAt: new Date(time).toISOString(),
      delayedUntil: delay > 0 ? new Date(Date.now() + delay).toISOString() : undefined,
      parent,
      retryOf,
      owner,
      agent: agent && (JSON.parse(jsonText(agent)) as typeof agent),
      place: currentPlace(),
      approval: approvalOf(id, input, options),
      key,
      values: shortTexts(parameters),
    };
    const { maxParallel: limit } = workflow.policy;
    this.#parts.workflows.add(workflow);
    const queued = left || delay > 0 || limit !== undefined || executor.busy >= maxParallel;
    const stored = freshRun(id, input, attributes, queued);
    const accepted = structuredClone(stored.record);
    stored.record.parameters = parameters;
    const queue = queued ? await this.queueOf(workflow) : undefined;
    const beginning = { id, parameters, attributes, queue, delay };
    const begin = () => dbos().begin(beginning, () => ends.tell(id));
    const begun = await dbos().outside(() => (queued ? begin() : executor.begin(stored, begin)));
    if (begun !== 'begun') {
      const before = key && (await this.#byKey(key, options, workflow, input));
      if (before) return before;
      throw new GraphwrightError('conflict', `There is a run ${id} already`);
    }
    this.#parts.onStarted?.(accepted);
    if (queued && !left) await carriers.tellIfNone(accepted);
    return accepted;
  }

  async #byKey(
    key: string,
    { idempotencyKey }: StartOptions,
    workflow: AnyWorkflow,
    input: unknown,
  ): Promise<RunRecord | undefined> {
    const [found] = await this.#parts.reader.bare(
      `w.attributes ? 'key' AND w.attributes->>'key' = $1`,
      [key],
    );
    if (!found) return undefined;
    assertSameStart(found.record, workflow, input, idempotencyKey!);
    return this.#parts.get(found.record.id);
  }

  startChild(
    parent: StoredRun,
    workflow: AnyWorkflow,
    parameters: unknown,
    id: string,
  ): Promise<RunRecord | undefined> {
    return startChild(parent, id, {
      get: this.#parts.get,
      // Another execution of the parent may have started it at the same moment.
      start: (options) => this.start(workflow, parameters, options).catch(ifConflict),
    });
  }

  /** Makes the queues that workflows have of their own. */
  async prepareQueues(workflows: readonly AnyWorkflow[]): Promise<void> {
    const limited = workflows.filter(({ policy }) => policy.maxParallel);
    await Promise.all(limited.map((workflow) => this.queueOf(workflow)));
  }

  /** The queue of a workflow: one of its own, when not every number of its runs may be under way at once. */
  queueOf(workflow: AnyWorkflow | undefined): Promise<string> {
    const all = workflow?.policy.maxParallel;
    const name = all === undefined ? sharedQueue : `${sharedQueue}-${workflow!.name}`;
    const each = all === undefined ? this.#parts.maxParallel : undefined;
    let queue = this.#queues.get(name);
    if (!queue) {
      queue = this.#parts
        .dbos()
        .queue(name, { all, each })
        .then(() => name);
      this.#queues.set(name, queue);
      queue.catch(() => this.#queues.delete(name));
    }
    return queue;
  }
}

/** A run of which nothing is known but how it was started. */
const freshRun = (
  id: string,
  parameters: unknown,
  {
    number,
    workflow,
    startedAt,
    delayedUntil,
    parent,
    retryOf,
    owner,
    agent,
    place,
    approval,
  }: RunAttributes,
  queued: boolean,
): StoredRun => ({
  number,
  record: {
    id,
    workflow,
    status: 'started',
    parameters,
    stepsCompleted: [],
    attempts: queued ? 0 : 1,
    parent,
    retryOf,
    approval,
    owner,
    startedAt,
    delayedUntil,
  },
  agent,
  place,
  sequence: 0,
});

/** The parameters by which a run can be found. */
function shortTexts(parameters: unknown): Record<string, string> {
  const found = Object.entries(parameters as Record<string, unknown>).filter(
    ([name, value]) =>
      typeof value === 'string' && value.length <= 255 && isStorable(name) && isStorable(value),
  );
  return Object.fromEntries(found) as Record<string, string>;
}

/** What somebody else has brought about meanwhile is no failure. */
export const ifConflict = (thrown: unknown) => {
  if (!(thrown instanceof GraphwrightError && thrown.code === 'conflict')) throw thrown;
};
