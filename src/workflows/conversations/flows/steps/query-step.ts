import { execute } from '../../../execute.ts';
import type { AnyWorkflow } from '../../../workflow.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { StepOf } from '../definition.ts';
import { fillIn } from '../templates.ts';
import { found, promptIn, scopeOf, type Execute, type StepParts } from './step-parts.ts';

/** `database_query`: a query's answer is kept, and shown where the step has a prompt. */
export function queryStep(
  { step }: StepParts<StepOf<'database_query'>>,
  query: AnyWorkflow,
): Execute {
  return async (_, context) => {
    const parameters = fillIn(step.parameters as JsonObject, scopeOf(context));
    const options = { signal: context.signal, now: () => context.now() };
    const result = (await execute(query, parameters as never, options)) as Json;
    const { id, storeAs = id } = step;
    const response = step.prompt && promptIn(step, context, { [storeAs]: result });
    return found(step, context, result, { response: response || undefined });
  };
}
