import { randomUUID } from 'node:crypto';
import { GraphwrightError } from '../errors.ts';
import { attributed, currentAttribution, type Agent } from '../ontology/attribution.ts';
import { parse } from '../parse.ts';
import { assertApproved } from './approval/gate.ts';
import { observed, type Observation } from '../telemetry.ts';
import { PlainRun, type PlainRunOptions } from './plain-run.ts';
import type { Progress, StepEvent } from './progress.ts';
import { Halted } from './runs/run-keeper.ts';
import { Semaphore } from './semaphore.ts';
import { runWork, type RunOrigin } from './work.ts';
import type { AnyWorkflow, ParametersOf, ResultOf, Run } from './workflow.ts';

export type { Progress, StepEvent } from './progress.ts';

/** What may be said of one execution; each has a plain default. */
export interface ExecuteOptions {
  runId?: string;
  signal?: AbortSignal;
  /** The run's clock. */
  now?: () => Date;
  /** Who asked for it, for the provenance of what it writes; by default whoever asked for the run that calls this. */
  agent?: Agent;
  onProgress?: (progress: Progress) => void;
  onStep?: (event: StepEvent) => void;
  /** What keeps track of a durable run; by default one that lives as long as the call. */
  run?: Run;
  /** When a durable run began, which is not when it is executed again; now by default. */
  startedAt?: Date;
  /** Rejects when a durable run is let go of, to be executed again later. */
  halted?: Promise<never>;
  /** Where a durable run comes from. */
  origin?: RunOrigin;
  /** Whose the run is that waits, when a person has to approve the call. */
  owner?: string;
  /** Whether a person has approved the call, or need not, as whoever calls has made sure. */
  approved?: boolean;
  /** Whether it is a part of another execution, which ends with it. */
  isChild?: boolean;
}

/**
 * Runs a workflow: parses the parameters, calls `run()`, checks the result. Every surface goes
 * through here, and nothing else calls `run()`.
 * @throws GraphwrightError `invalid_parameters`, `invalid_result`, `cancelled`, or what the workflow threw;
 * `approval_required` for a call that waits for a person from now on, with the run as `details.run`.
 */
export function execute<W extends AnyWorkflow>(
  workflow: W,
  input: ParametersOf<W>,
  options: ExecuteOptions = {},
): Promise<ResultOf<W>> {
  const { runId = options.run?.id ?? randomUUID() } = options;
  const asked = { ...options, runId };
  return observed(
    () => runWork(workflow, input, asked),
    (seen) => carryOut(workflow, input, asked, seen),
  );
}

async function carryOut<W extends AnyWorkflow>(
  workflow: W,
  input: ParametersOf<W>,
  options: ExecuteOptions & { runId: string },
  seen: Observation | undefined,
): Promise<ResultOf<W>> {
  const { runId, signal = new AbortController().signal, halted } = options;
  try {
    const parameters = parse(workflow.parameters, input, 'invalid_parameters', workflow.name);
    const agent = options.agent ?? currentAttribution()?.agent ?? { surface: 'program' };
    const { owner, approved = false, isChild = false } = options;
    if (!approved)
      await assertApproved(workflow, { parameters, input, caller: agent, owner, isChild });
    const run = options.run ?? plainRun({ ...options, runId, signal });
    const attribution = { id: run.id, workflow: workflow.name, agent, parameters: input };
    const begin = () => {
      const startedAt = options.startedAt ?? run.now();
      const ended = attributed({ ...attribution, startedAt }, () => workflow.run(parameters, run));
      return halted ? Promise.race([ended, halted]) : ended;
    };
    const result = await within(workflow, begin, options.signal);
    return parse(workflow.result, result, 'invalid_result', workflow.name);
  } catch (thrown) {
    if (thrown instanceof Halted) {
      seen?.set({ 'graphwright.run.status': 'waiting' });
      seen?.end();
    }
    throw GraphwrightError.from(thrown);
  }
}

function plainRun(options: ExecuteOptions & { runId: string; signal: AbortSignal }): Run {
  const { runId, signal, now = () => new Date(), agent, onProgress, onStep } = options;
  const child: PlainRunOptions['child'] = (workflow, parameters) =>
    execute(workflow, parameters, { signal, now, agent, isChild: true });
  return new PlainRun({ id: runId, signal, now, onProgress, onStep, child });
}

const limits = new WeakMap<AnyWorkflow, Semaphore>();

/** Holds every surface to the workflow's own limit of parallel executions. */
function within<T>(
  workflow: AnyWorkflow,
  action: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const { maxParallel } = workflow.policy;
  if (maxParallel === undefined) return action();
  let limit = limits.get(workflow);
  if (!limit) limits.set(workflow, (limit = new Semaphore(maxParallel)));
  return limit.run(action, signal);
}
