import { GraphwrightError } from '../../errors.ts';
import { parse } from '../../parse.ts';
import { defaultFlowSettings } from './flow-settings.ts';
import type { CompiledFlow, CompiledStep, StepContext, StepInput, StepTransition } from './flow.ts';
import { Id } from './message.ts';
import type { ConversationStep, FlowOfSteps } from './step.ts';

/**
 * Makes a flow of step classes ready for the engine.
 * @example
 * conversations.register(
 *   compileSteps({ id: 'greeting', name: 'Greeting', description: 'Says hello.', steps: [new AskName()] }),
 * );
 * @throws GraphwrightError `invalid_parameters` for an id that is none; `invalid_configuration` without steps.
 */
export function compileSteps(flow: FlowOfSteps): CompiledFlow {
  const { id, name, description, steps, pattern = 'step_by_step_process' } = flow;
  parse(Id, id, 'invalid_parameters', `The id of flow ${id}`);
  const [first] = steps;
  const last = steps.at(-1);
  if (!first || !last)
    throw new GraphwrightError('invalid_configuration', `Flow ${id} has no steps; give it one`);
  return {
    id,
    name,
    description,
    pattern,
    steps: steps.map((step, index) => compileStep(step, steps[index + 1])),
    start: flow.start ?? first.name,
    ends: flow.ends ?? [last.name],
    settings: { ...defaultFlowSettings, ...flow.settings },
    variables: flow.variables ?? {},
    events: [...new Set(steps.flatMap(({ events }) => events))],
  };
}

function compileStep(step: ConversationStep, next?: ConversationStep): CompiledStep {
  const named = step.leadsTo.map((way): StepTransition =>
    typeof way === 'string' ? { to: way } : way,
  );
  return {
    name: step.name,
    description: step.description,
    kind: 'code',
    onArrival: step.arrive !== undefined,
    transitions:
      next && named.every(({ to }) => to !== next.name) ? [{ to: next.name }, ...named] : named,
    requiredContext: step.requiredContext,
    execute: (input, context) => dispatch(step, input, context),
  };
}

function dispatch(step: ConversationStep, input: StepInput, context: StepContext) {
  const { session } = context;
  switch (input.kind) {
    case 'message':
      return step.execute(input.message, session, context);
    case 'arrival':
      if (step.arrive) return step.arrive(session, context);
      break;
    case 'event':
      if (step.handleEvent) return step.handleEvent(input.event, session, context);
      break;
    case 'timeout':
      if (step.handleTimeout) return step.handleTimeout(session, context);
      return { action: 'repeat' } as const;
  }
  throw new GraphwrightError(
    'internal',
    `Step ${step.name} of flow ${context.flow.id} waits for an event and has no handleEvent`,
  );
}
