import type { Problem } from '../../../errors.ts';
import { nearest, suggest } from '../../../nearest.ts';
import type { AnyWorkflow } from '../../workflow.ts';
import { optionsOf } from '../forms/field.ts';
import type { FlowDefinition, StepDefinition } from './definition.ts';
import { choicesOf, producedBesides, producedInAll, producedWithoutAgents } from './produced.ts';
import { ownAnswer, valuesOf } from './routes.ts';
import { keysOf, keysOfAll } from './templates.ts';

/** What a flow as data may name. */
export interface FlowSurroundings {
  /** The agents it may call, by name; any by default. */
  readonly agents?: readonly string[];
  /** The workflows and query templates that its steps may carry out. */
  readonly workflows?: readonly AnyWorkflow[];
}

/**
 * Finds what is wrong with the words of a flow, all at once: keys that nothing sets, conditions without values, choices
 * without slugs, names of things that there are not. Where steps lead to is looked at by `lintFlow`.
 */
export function checkDefinition(flow: FlowDefinition, around: FlowSurroundings): Problem[] {
  const known = producedInAll(flow);
  return flow.steps.flatMap((step, index) => {
    const problems: Problem[] = [];
    const report: Report = (key, detail) =>
      problems.push({ pointer: `/steps/${index}/${key}`, detail: `Step ${step.id}: ${detail}` });
    checkKeys(step, [...known], report);
    checkNames(step, around, report);
    checkConditions(flow, step, report);
    checkInput(step, report);
    return problems;
  });
}

type Report = (key: string, detail: string) => void;

function checkKeys(step: StepDefinition, known: readonly string[], report: Report): void {
  const missing = (keys: readonly string[]) => keys.filter((key) => !known.includes(key));
  const { storeAs = step.id } = step;
  for (const key of missing(keysOf(step.prompt ?? '')))
    report('prompt', `nothing sets {${key}}; ${advice(key, known)}`);
  for (const key of missing(step.metadata.requiredContext))
    report('metadata/requiredContext', `nothing sets ${key}; ${advice(key, known)}`);
  if ('parameters' in step)
    for (const key of missing(keysOfAll(step.parameters)).filter((each) => each !== storeAs))
      report('parameters', `nothing sets {${key}}; ${advice(key, known)}`);
  if (step.type === 'wait_for_event')
    for (const key of missing(keysOf(step.correlationId)))
      report('correlationId', `nothing sets {${key}}; ${advice(key, known)}`);
}

const advice = (key: string, known: readonly string[]) => {
  const near = nearest(key, known);
  return near === undefined ? 'name it among the variables' : `did you mean ${near}?`;
};

function checkNames(step: StepDefinition, around: FlowSurroundings, report: Report): void {
  const { agents, workflows = [] } = around;
  if ('agent' in step && step.agent !== undefined && agents && !agents.includes(step.agent))
    report('agent', `there is no agent ${step.agent}; ${suggest(step.agent, agents)}`);
  if (step.type === 'agent_response' && step.agent === undefined && step.prompt === undefined)
    report('prompt', 'without an agent, the prompt is what is said; give one of both');
  if (step.type !== 'database_query' && step.type !== 'workflow') return;
  const name = step.type === 'workflow' ? step.workflow : step.query;
  const named = workflows.find((workflow) => workflow.name === name);
  const key = step.type === 'workflow' ? 'workflow' : 'query';
  if (!named)
    report(
      key,
      `there is no ${name}; ${suggest(
        name,
        workflows.map((workflow) => workflow.name),
      )}`,
    );
  else if (step.type === 'database_query' && !named.hints.readOnly)
    report(key, `${name} does not only read; make it a step of type workflow`);
}

function checkConditions(flow: FlowDefinition, step: StepDefinition, report: Report): void {
  const { conditions } = step;
  if (!conditions) return;
  const { condition, cases, rules } = conditions;
  const values = Object.keys(cases);
  const known = new Set([...producedBesides(flow, step), ...producedWithoutAgents(step)]);
  if (values.length === 0 && rules.length === 0)
    report('conditions', 'the condition has no values; give each its target');
  for (const { key } of rules)
    if (!known.has(rootOf(key)))
      report('conditions', `nothing sets ${key}; ${advice(key, [...known])}`);
  if (values.length === 0) return;
  if (condition === undefined && !('input' in step) && step.type !== 'approval')
    report('conditions', 'name the key whose values these are, as condition');
  const decided = choicesOf(flow, step) !== undefined;
  const own = isOwnAnswer(step, condition);
  if (condition !== undefined && !own && !decided && !known.has(rootOf(condition)))
    report('conditions', `nothing sets ${condition}; ${advice(condition, [...known])}`);
  for (const value of values) checkValue(flow, step, value, report);
}

/** The key of the state where a path such as `order.rows.0.status` begins. */
const rootOf = (path: string): string => path.split('.')[0]!;

/** Every value must be one that the condition can have. */
function checkValue(
  flow: FlowDefinition,
  step: StepDefinition,
  value: string,
  report: Report,
): void {
  const condition = step.conditions?.condition;
  const source = isOwnAnswer(step, condition)
    ? step
    : flow.steps.find(({ id, storeAs = id, metadata }) =>
        [storeAs, ...metadata.dataCollection].includes(condition ?? ''),
      );
  const possible = source && valuesOf(source);
  if (!possible || possible.includes(value)) return;
  report(
    'conditions',
    `no option has the value ${value}; ${suggest(value, possible)} Give options as {value, label} to name their values`,
  );
}

const isOwnAnswer = (
  { id, storeAs = id, metadata }: StepDefinition,
  condition: string | undefined,
) =>
  condition === undefined ||
  condition === ownAnswer ||
  condition === storeAs ||
  metadata.dataCollection.includes(condition);

function checkInput(step: StepDefinition, report: Report): void {
  if (step.type !== 'user_input') return;
  const { input, metadata, conditions, next } = step;
  if (input.type === 'structured') {
    const fields = Object.keys(input.fields);
    if (fields.length === 0) report('input/fields', 'a structured input needs a field');
    for (const key of metadata.dataCollection)
      if (!fields.includes(key))
        report('metadata/dataCollection', `there is no field ${key}; ${suggest(key, fields)}`);
    return;
  }
  if (input.type !== 'choice') return;
  const options = optionsOf({ options: input.options });
  if (options.length === 0) report('input/options', 'a choice needs options');
  const way = conditions && !conditions.default && next.length === 0;
  for (const { value } of way ? options : [])
    if (!Object.hasOwn(conditions!.cases, value))
      report('conditions', `the option ${value} leads nowhere; give it a target, or a default`);
}
