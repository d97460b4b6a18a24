import { currentAttribution } from '../ontology/attribution.ts';
import type { TraceContext, Work } from '../telemetry.ts';
import type { ExecuteOptions } from './execute.ts';
import type { AnyWorkflow } from './workflow.ts';

/** Where in a trace a durable run was started, and how often it was executed before. */
export interface RunOrigin {
  place: TraceContext | undefined;
  executions: number;
}

/** The execution of a workflow, as those who watch see it. One that goes on after a stop follows its start. */
export const runWork = (
  { name }: AnyWorkflow,
  input: unknown,
  { runId, agent, origin }: ExecuteOptions & { runId: string },
): Work => ({
  kind: 'run',
  name: `run ${name}`,
  attributes: {
    'graphwright.workflow': name,
    'graphwright.run.id': runId,
    'graphwright.surface': (agent ?? currentAttribution()?.agent)?.surface ?? 'program',
    ...(origin && { 'graphwright.run.execution': origin.executions + 1 }),
  },
  content: () => ({ 'graphwright.run.parameters': jsonOf(input) }),
  parent: origin?.executions === 0 ? origin.place : undefined,
  follows: origin?.executions ? origin.place : undefined,
});

/** The start of a run in the background. */
export const startWork = ({ name }: AnyWorkflow, runId: string): Work => ({
  kind: 'start',
  name: `start ${name}`,
  attributes: { 'graphwright.workflow': name, 'graphwright.run.id': runId },
});

/** A step of the run that the calling code is a part of. */
export function stepWork(step: string): Work {
  const { id, workflow } = currentAttribution() ?? {};
  const attributes = {
    'graphwright.step': step,
    'graphwright.run.id': id,
    'graphwright.workflow': workflow,
  };
  return { kind: 'step', name: `step ${plainName(step)}`, attributes };
}

/** A call of a tool by a model, by OpenTelemetry's conventions for generative AI. */
export const toolWork = (
  name: string,
  { surface, input, id }: { surface: string; input: unknown; id?: string | undefined },
): Work => ({
  kind: 'tool',
  name: `execute_tool ${name}`,
  attributes: {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': name,
    'gen_ai.tool.type': 'function',
    'gen_ai.tool.call.id': id,
    'graphwright.surface': surface,
  },
  content: () => ({ 'gen_ai.tool.call.arguments': jsonOf(input) }),
});

/** Without the numbers that tell a step's occurrences and items apart. */
export const plainName = (step: string): string => step.replaceAll(/\[\d+\]|#\d+/g, '');

/** What nobody has parsed yet may be anything. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
