import { GraphwrightError, type Problem } from '../../../errors.ts';
import { compileSteps } from '../compile-steps.ts';
import type { CompiledFlow } from '../flow.ts';
import { compileFlow, type CompileFlowOptions } from '../flows/compile-flow.ts';
import { readFlow } from '../flows/read-flow.ts';
import { ConversationStep, type FlowOfSteps } from '../step.ts';

/** A flow in any form: a YAML file by its path, data, step classes, or compiled already. */
export type FlowSource = string | CompiledFlow | FlowOfSteps | Readonly<Record<string, unknown>>;

/**
 * Compiles flows in whatever form they are.
 * @throws GraphwrightError `invalid_configuration` with all that is wrong, of all flows.
 */
export async function compileFlows(
  sources: readonly FlowSource[],
  options: CompileFlowOptions,
): Promise<CompiledFlow[]> {
  const settled = await Promise.allSettled(sources.map((each) => compileAny(each, options)));
  const errors = settled.flatMap((each) =>
    each.status === 'rejected' ? [GraphwrightError.from(each.reason)] : [],
  );
  const [first] = errors;
  if (first && errors.length === 1) throw first;
  if (first)
    throw new GraphwrightError(
      'invalid_configuration',
      errors.map(({ message }) => message).join('. '),
      { problems: errors.flatMap(({ problems = [] }): readonly Problem[] => problems) },
    );
  return settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

async function compileAny(source: FlowSource, options: CompileFlowOptions): Promise<CompiledFlow> {
  if (typeof source === 'string') return readFlow(source, options);
  if (isOfSteps(source))
    return compileSteps({ ...source, settings: { ...options.settings, ...source.settings } });
  return isCompiled(source) ? source : compileFlow(source, options);
}

const stepsOf = ({ steps }: { readonly steps?: unknown }): readonly unknown[] =>
  Array.isArray(steps) ? steps : [];

const isOfSteps = (source: Exclude<FlowSource, string>): source is FlowOfSteps =>
  stepsOf(source)[0] instanceof ConversationStep;

const isCompiled = (source: Exclude<FlowSource, string>): source is CompiledFlow =>
  typeof (stepsOf(source)[0] as { execute?: unknown } | undefined)?.execute === 'function';
