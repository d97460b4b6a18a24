import { randomUUID } from 'node:crypto';
import { GraphwrightError } from '../errors.ts';
import { parse } from '../parse.ts';
import { Semaphore } from './semaphore.ts';
import type { AnyWorkflow, ParametersOf, ResultOf, Run } from './workflow.ts';

/** How far a run is. */
export interface Progress {
  done: number;
  total?: number;
  message?: string;
}

/** A step that has begun or ended, told to whoever follows the run. */
export interface StepEvent {
  step: string;
  status: 'started' | 'completed' | 'failed';
  /** Milliseconds; absent at the start. */
  duration?: number;
}

/** What may be said of one execution; each has a plain default. */
export interface ExecuteOptions {
  runId?: string;
  signal?: AbortSignal;
  /** The run's clock. */
  now?: () => Date;
  onProgress?: (progress: Progress) => void;
  onStep?: (event: StepEvent) => void;
}

/**
 * Runs a workflow: parses the parameters, calls `run()`, checks the result. Every surface goes
 * through here, and nothing else calls `run()`.
 * @throws GraphwrightError `invalid_parameters`, `invalid_result`, `cancelled`, or what the workflow threw.
 */
export async function execute<W extends AnyWorkflow>(
  workflow: W,
  input: ParametersOf<W>,
  options: ExecuteOptions = {},
): Promise<ResultOf<W>> {
  try {
    const parameters = parse(workflow.parameters, input, 'invalid_parameters', workflow.name);
    const result = await within(
      workflow,
      () => workflow.run(parameters, openRun(options)),
      options.signal,
    );
    return parse(workflow.result, result, 'invalid_result', workflow.name);
  } catch (thrown) {
    throw GraphwrightError.from(thrown);
  }
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

function openRun({
  runId = randomUUID(),
  signal = new AbortController().signal,
  now = () => new Date(),
  onProgress,
  onStep,
}: ExecuteOptions): Run {
  return {
    id: runId,
    signal,
    now,
    progress: (done, total, message) => onProgress?.({ done, total, message }),
    async step(name, action) {
      if (signal.aborted)
        throw new GraphwrightError('cancelled', `The run was cancelled before ${name}`);
      const start = performance.now();
      const tell = (status: StepEvent['status']) => {
        const duration = status === 'started' ? undefined : performance.now() - start;
        onStep?.({ step: name, status, duration });
      };
      tell('started');
      try {
        const value = await action();
        tell('completed');
        return value;
      } catch (thrown) {
        tell('failed');
        throw thrown;
      }
    },
  };
}
