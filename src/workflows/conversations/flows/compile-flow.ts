import { z } from 'zod';
import { GraphwrightError, type Problem } from '../../../errors.ts';
import { jsonPointer } from '../../../parse.ts';
import { endStep, type CompiledFlow, type CompiledStep } from '../flow.ts';
import { defaultFlowSettings, type FlowSettings } from '../flow-settings.ts';
import type { FormReader } from '../forms/understanding.ts';
import type { JsonObject } from '../json.ts';
import { checkDefinition, type FlowSurroundings } from './check-definition.ts';
import { FlowDefinition, type SettingsDefinition, type StepDefinition } from './definition.ts';
import { nearestKey } from './known-keys.ts';
import { waysOut } from './routes.ts';
import { ownSpelling } from './spelling.ts';
import { agentStep } from './steps/agent-step.ts';
import { approvalStep } from './steps/approval-step.ts';
import { inputStep } from './steps/input-step.ts';
import { queryStep } from './steps/query-step.ts';
import type { Execute } from './steps/step-parts.ts';
import { eventStep, workflowStep } from './steps/workflow-step.ts';

/** What a flow as data is made ready with. */
export interface CompileFlowOptions extends FlowSurroundings {
  /** What holds for the flow when it says nothing itself. */
  readonly settings?: Partial<FlowSettings>;
  /** Reads what users write; by rules by default. */
  readonly reader?: FormReader;
}

/**
 * Makes a flow that is written as data ready for the engine (rows V3 to V9). Keys may be spelled `step_id` or `id`,
 * `input_schema`, `inputSchema` or `input`; times are in seconds.
 * @example
 * const flow = compileFlow({
 *   id: 'survey',
 *   name: 'Survey',
 *   steps: [
 *     { id: 'rating', type: 'user_input', prompt: 'How was it?', input: { type: 'choice', options: ['Good', 'Bad'] } },
 *     { id: 'thanks', type: 'agent_response', prompt: 'Thank you for saying: {rating}.' },
 *   ],
 * });
 * @throws GraphwrightError `invalid_configuration` with all that is wrong, each by JSON Pointer and by its step's name.
 */
export function compileFlow(value: unknown, options: CompileFlowOptions = {}): CompiledFlow {
  const definition = readDefinition(value);
  const problems = checkDefinition(definition, options);
  if (problems.length > 0) throw refused(definition.id, problems);
  const { id, name, description, pattern, steps, variables, settings } = definition;
  return {
    id,
    name,
    description,
    pattern,
    steps: steps.map((step, at) => compileStep(definition, step, steps[at + 1]?.id, options)),
    start: definition.startStep ?? steps[0]!.id,
    ends: definition.endSteps ?? [steps.at(-1)!.id],
    settings: { ...defaultFlowSettings, ...options.settings, ...flowSettings(settings) },
    variables: variables as JsonObject,
    events: [
      ...new Set(steps.flatMap((step) => (step.type === 'wait_for_event' ? [step.event] : []))),
    ],
  };
}

/** The settings of a flow, in milliseconds. */
export function flowSettings(definition: SettingsDefinition): Partial<FlowSettings> {
  const times = new Set(['checkpointInterval', 'interactionTimeout', 'retryDelay']);
  return Object.fromEntries(
    Object.entries(definition).flatMap(([key, value]) => {
      if (value === undefined) return [];
      return [[key, times.has(key) && typeof value === 'number' ? value * 1000 : value]];
    }),
  );
}

function readDefinition(value: unknown): FlowDefinition {
  const problems: Problem[] = [];
  const own = ownSpelling(value, problems);
  const parsed = FlowDefinition.safeParse(own);
  if (!parsed.success)
    problems.push(...parsed.error.issues.flatMap((issue) => describe(issue, own)));
  if (parsed.success && problems.length === 0) return parsed.data;
  const id = (own as { id?: unknown } | null)?.id;
  throw refused(typeof id === 'string' ? id : '', problems);
}

const refused = (id: string, problems: readonly Problem[]) => {
  const list = problems.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; ');
  return new GraphwrightError('invalid_configuration', `Flow ${id}: ${list}`, { problems });
};

function describe(issue: z.core.$ZodIssue, flow: unknown): Problem[] {
  const [first, index] = issue.path;
  const step = first === 'steps' && typeof index === 'number' ? stepName(flow, index) : '';
  if (issue.code !== 'unrecognized_keys')
    return [{ pointer: jsonPointer(issue.path), detail: `${step}${issue.message}` }];
  return issue.keys.map((key) => ({
    pointer: jsonPointer([...issue.path, key]),
    detail: `${step}unknown key ${key}; ${nearestKey(issue.path, key, flow)}`,
  }));
}

function stepName(flow: unknown, index: number): string {
  const steps = (flow as { steps?: unknown }).steps as { id?: unknown }[] | undefined;
  const id = steps?.[index]?.id;
  return typeof id === 'string' ? `Step ${id}: ` : `Step ${index + 1}: `;
}

function compileStep(
  flow: FlowDefinition,
  step: StepDefinition,
  following: string | undefined,
  options: CompileFlowOptions,
): CompiledStep {
  const { id: name, description, metadata } = step;
  const { timeout, requiredContext, maxIterations, allowsMultipleIterations, ...carried } =
    metadata;
  const asks = step.type === 'user_input' || step.type === 'approval';
  const waits = step.type === 'wait_for_event';
  const milliseconds = timeout === undefined || waits ? undefined : timeout * 1000;
  const once = allowsMultipleIterations === false ? 1 : undefined;
  return {
    name,
    ...(description !== undefined && { description }),
    kind: step.type,
    onArrival: true,
    transitions: waysOut(step, following ?? endStep),
    ...(milliseconds !== undefined &&
      (asks ? { answerTimeout: milliseconds } : { timeout: milliseconds })),
    ...((maxIterations ?? once) !== undefined && { maxVisits: maxIterations ?? once }),
    requiredContext,
    metadata: z.json().parse(carried) as JsonObject,
    execute: executeOf(flow, step, options),
  };
}

function executeOf(
  flow: FlowDefinition,
  step: StepDefinition,
  { workflows = [], reader }: CompileFlowOptions,
): Execute {
  // Checked before: what a step names is there.
  const named = (name: string) => workflows.find((workflow) => workflow.name === name)!;
  switch (step.type) {
    case 'agent_response':
    case 'decision':
      return agentStep({ flow, step });
    case 'user_input':
      return inputStep({ flow, step }, reader);
    case 'approval':
      return approvalStep({ flow, step });
    case 'database_query':
      return queryStep({ flow, step }, named(step.query));
    case 'workflow':
      return workflowStep({ flow, step }, named(step.workflow));
    case 'wait_for_event':
      return eventStep({ flow, step });
  }
}
