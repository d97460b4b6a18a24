import { GraphwrightError, type SerializedError } from '../../errors.ts';
import { approvedParameters } from '../approval/await-approval.ts';
import { execute } from '../execute.ts';
import type { AnyWorkflow, ParametersOf } from '../workflow.ts';
import { DurableRun } from './durable-run.ts';
import type { RunExecution } from './run-execution.ts';
import type { StoredRun } from './run-rows.ts';

/** How an execution of a workflow came out. */
export type RunOutcome = { result: unknown } | { error: SerializedError };

/** Executes a run's workflow as its caller asked for it; never rejects. */
export async function carryOut(
  workflow: AnyWorkflow,
  execution: RunExecution,
  stored: StoredRun,
): Promise<RunOutcome> {
  const { record, agent, place } = stored;
  const { signal, halted } = execution;
  const startedAt = new Date(record.startedAt);
  const origin = { place, executions: record.attempts - 1 };
  const run = new DurableRun(execution);
  const options = { run, signal, halted, agent, startedAt, origin, approved: true };
  try {
    const parameters = record.approval
      ? await Promise.race([approvedParameters(workflow, run, stored), halted])
      : record.parameters;
    const asked = parameters as ParametersOf<typeof workflow>;
    return { result: await execute(workflow, asked, options) };
  } catch (thrown) {
    return { error: GraphwrightError.from(thrown).toJSON() };
  }
}

/** The outcome of a run whose workflow is in no list. */
export const notOffered = (name: string): RunOutcome => ({
  error: new GraphwrightError('not_found', `No workflow ${name} is offered any more`).toJSON(),
});
