import { z } from 'zod';
import { GraphwrightError } from '../../errors.ts';
import { currentAttribution } from '../../ontology/attribution.ts';
import { Workflow, type AnyWorkflow, type Run } from '../workflow.ts';
import type { RunRecord, Runs } from './runs.ts';

const longestWait = 60;

/** A run as whoever started it follows it; of an unexpected error nothing but that it happened. */
export const RunView = z.object({
  id: z.string().describe('The id to ask get_run for'),
  status: z.enum(['started', 'processing', 'waiting', 'completed', 'failed', 'cancelled']),
  currentStep: z.string().optional(),
  stepsCompleted: z.array(z.string()),
  result: z.unknown().optional().describe('Set once it is completed'),
  error: z
    .object({ code: z.string(), message: z.string() })
    .optional()
    .describe('Set once it failed'),
});
export type RunView = z.output<typeof RunView>;

/**
 * Makes workflows that take long into tools that do not: `start_<name>` for each, which answers at once
 * with a run, and `get_run`, which tells how far it is.
 * @example
 * const tools = asTools(runWorkflows([new ImportCatalogue({ store })], runs));
 */
export const runWorkflows = (
  workflows: readonly AnyWorkflow[],
  runs: Pick<Runs, 'start' | 'get' | 'wait'>,
): AnyWorkflow[] => [
  ...workflows.map((workflow) => new StartRun({ workflow, runs })),
  new GetRun({ runs }),
];

class StartRun extends Workflow<{ workflow: AnyWorkflow; runs: Pick<Runs, 'start'> }> {
  readonly name = `start_${this.configuration.workflow.name}`;
  readonly description = `${this.configuration.workflow.description} Goes on in the background: answers at once with a run, which get_run follows.`;
  readonly parameters = this.configuration.workflow.parameters;
  readonly result = RunView;
  override readonly hints = { ...this.configuration.workflow.hints, readOnly: false };

  async run(parameters: z.output<typeof this.parameters>): Promise<RunView> {
    const { workflow, runs } = this.configuration;
    return runView(await runs.start(workflow, parameters, { agent: currentAttribution()?.agent }));
  }
}

const Parameters = z.object({
  id: z.string().describe('The id of the run'),
  waitSeconds: z
    .number()
    .min(0)
    .max(longestWait)
    .default(0)
    .describe('How long to wait for its end, in seconds'),
});

class GetRun extends Workflow<{ runs: Pick<Runs, 'get' | 'wait'> }> {
  readonly name = 'get_run';
  readonly description = 'Tell how far a run is, and its result once it has ended.';
  readonly parameters = Parameters;
  readonly result = RunView;
  override readonly hints = { readOnly: true, idempotent: true };

  async run({ id, waitSeconds }: z.output<typeof Parameters>, run: Run): Promise<RunView> {
    return runView(await this.configuration.runs.wait(id, waitSeconds * 1_000, run.signal));
  }
}

/** Shows a run as {@link RunView} has it. */
export function runView({
  id,
  status,
  currentStep,
  stepsCompleted,
  result,
  error,
}: RunRecord): RunView {
  const failure = error && GraphwrightError.fromJSON(error).toPublic();
  return {
    id,
    status,
    currentStep,
    stepsCompleted: stepsCompleted.map(({ step }) => step),
    result,
    error: failure && { code: failure.code, message: failure.message },
  };
}
