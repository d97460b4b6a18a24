import { GraphwrightError } from '../../../../errors.ts';
import type { AnyWorkflow } from '../../../workflow.ts';
import type { RunEnd } from '../../flow.ts';
import type { JsonObject } from '../../json.ts';
import type { StepOf } from '../definition.ts';
import { fillIn, render } from '../templates.ts';
import { found, promptIn, scopeOf, type Execute, type StepParts } from './step-parts.ts';

/** `workflow`: a durable run is started, and the conversation waits for its end. */
export function workflowStep(
  { step }: StepParts<StepOf<'workflow'>>,
  workflow: AnyWorkflow,
): Execute {
  return async (input, context) => {
    if (input.kind !== 'event') {
      const parameters = fillIn(step.parameters as JsonObject, scopeOf(context));
      const event = await context.startRun(workflow, parameters as never);
      return { action: 'wait', event };
    }
    const { status, result, error } = input.event.payload as unknown as RunEnd;
    const failed = step.conditions?.cases['failed'];
    if (status !== 'completed' && failed === undefined)
      throw error
        ? GraphwrightError.fromJSON(error)
        : new GraphwrightError('cancelled', `The run of ${workflow.name} was cancelled`);
    if (status !== 'completed') return found(step, context, 'failed');
    const { id, storeAs = id } = step;
    const response = step.prompt && promptIn(step, context, { [storeAs]: result ?? null });
    return found(step, context, result ?? null, { response: response || undefined });
  };
}

/** `wait_for_event`: the conversation is parked until something happens outside; its payload is kept. */
export function eventStep({ step }: StepParts<StepOf<'wait_for_event'>>): Execute {
  return (input, context) => {
    if (input.kind === 'event') return found(step, context, input.event.payload ?? null);
    if (input.kind === 'timeout') return found(step, context, 'timeout');
    const correlationId = render(step.correlationId, scopeOf(context));
    const { timeout } = step.metadata;
    return {
      action: 'wait',
      event: { type: step.event, correlationId },
      response: promptIn(step, context) || undefined,
      ...(timeout !== undefined && { timeout: timeout * 1000 }),
    };
  };
}
