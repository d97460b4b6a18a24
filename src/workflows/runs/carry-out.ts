import { GraphwrightError, type SerializedError } from '../../errors.ts';
import { execute } from '../execute.ts';
import type { AnyWorkflow, ParametersOf } from '../workflow.ts';
import { DurableRun } from './durable-run.ts';
import type { RunExecution } from './run-execution.ts';
import type { StoredRun } from './run-rows.ts';

/** How an execution of a workflow came out. */
export type RunOutcome = { result: unknown } | { error: SerializedError };

/** Executes a run's workflow as its caller asked for it; never rejects. */
export function carryOut(
  workflow: AnyWorkflow,
  execution: RunExecution,
  { record, agent }: StoredRun,
): Promise<RunOutcome> {
  const { signal, halted } = execution;
  const startedAt = new Date(record.startedAt);
  const options = { run: new DurableRun(execution), signal, halted, agent, startedAt };
  return execute(workflow, record.parameters as ParametersOf<typeof workflow>, options).then(
    (result: unknown) => ({ result }),
    (error: GraphwrightError) => ({ error: error.toJSON() }),
  );
}

/** The outcome of a run whose workflow is in no list. */
export const notOffered = (name: string): RunOutcome => ({
  error: new GraphwrightError('not_found', `No workflow ${name} is offered any more`).toJSON(),
});
