import type { FlowDefinition, StepDefinition } from './definition.ts';
import { ownAnswer } from './routes.ts';

/** What templates may read besides the state: `{conversation.id}`, and who talks, `{session.userId}`. */
export const ownKeys: readonly string[] = ['conversation', 'session'];

/** The keys of the state that a step sets. */
export function producedBy(step: StepDefinition): string[] {
  const { id, storeAs = id, metadata } = step;
  switch (step.type) {
    case 'agent_response':
    case 'decision':
      return [storeAs, ...metadata.dataCollection, ...decidedBy(step)];
    case 'user_input': {
      const { input } = step;
      const fields = input.type === 'structured' ? Object.keys(input.fields) : [];
      return [storeAs, ...metadata.dataCollection, ...fields];
    }
    case 'approval':
      return [storeAs, `${storeAs}_by`, ...metadata.dataCollection];
    default:
      return [storeAs, ...metadata.dataCollection];
  }
}

/** What the agent of a step has to find out: the key of its condition, unless the flow knows it already. */
function decidedBy(step: StepDefinition): string[] {
  const condition = step.conditions?.condition;
  const hasAgent = 'agent' in step && step.agent !== undefined;
  return hasAgent && condition !== undefined && condition !== ownAnswer ? [condition] : [];
}

/** The keys that variables and steps other than this one set. */
export function producedBesides(
  { steps, variables }: FlowDefinition,
  step: StepDefinition,
): Set<string> {
  const others = steps.filter((each) => each !== step).flatMap(producedWithoutAgents);
  return new Set([...ownKeys, ...Object.keys(variables), ...others]);
}

/** All keys that a flow sets. */
export const producedInAll = ({ steps, variables }: FlowDefinition): Set<string> =>
  new Set([...ownKeys, ...Object.keys(variables), ...steps.flatMap(producedBy)]);

/** The keys that a step sets whatever an agent decides. */
export function producedWithoutAgents(step: StepDefinition): string[] {
  const decided = decidedBy(step);
  return producedBy(step).filter((key) => !decided.includes(key));
}

/** The values among which the agent of a step has to choose, by the key of its condition. */
export function choicesOf(
  flow: FlowDefinition,
  step: StepDefinition,
): Readonly<Record<string, readonly string[]>> | undefined {
  const [key] = decidedBy(step);
  if (key === undefined || producedBesides(flow, step).has(key)) return undefined;
  return { [key]: Object.keys(step.conditions?.cases ?? {}) };
}
