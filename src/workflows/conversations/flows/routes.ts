import { endStep, type StepTransition } from '../flow.ts';
import { optionsOf } from '../forms/field.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Conditions, Rule, StepDefinition } from './definition.ts';
import { valueAt } from './templates.ts';

const calledFlow = 'flow:';

/** How a step goes on: the part of a result that says where to. */
export type Way =
  | { readonly action: 'continue'; readonly nextStep?: string }
  | { readonly action: 'call'; readonly flow: string; readonly nextStep?: string };

/** The condition that stands for the answer of the step itself. */
export const ownAnswer = 'user_choice';

/** Where a step goes on, now that the state is this one; `answer` is what the step itself found. */
export function wayOut(
  { conditions, next }: Pick<StepDefinition, 'conditions' | 'next'>,
  state: JsonObject,
  answer?: Json,
): Way {
  const chosen = conditions && chosenTarget(conditions, state, answer);
  return wayTo(chosen ?? next[0], next[0]);
}

/** The way to a target; from another flow it comes back to `after`. */
export function wayTo(target: string | undefined, after?: string): Way {
  if (target === undefined) return { action: 'continue' };
  const back = after?.startsWith(calledFlow) ? undefined : after;
  if (target.startsWith(calledFlow))
    return {
      action: 'call',
      flow: target.slice(calledFlow.length),
      ...(back !== undefined && { nextStep: back }),
    };
  return { action: 'continue', nextStep: target };
}

/** What the answer to a step can be, where that is known. */
export function valuesOf(step: StepDefinition): string[] | undefined {
  if (step.type === 'approval') return ['approved', 'rejected'];
  if (step.type !== 'user_input' || step.input.type !== 'choice') return undefined;
  return optionsOf({ options: step.input.options }).map(({ value }) => value);
}

/** Whether every answer that there can be has a target of its own. */
function isExhaustive(step: StepDefinition): boolean {
  const { conditions } = step;
  const own = conditions?.condition === undefined || conditions.condition === ownAnswer;
  const open =
    step.type === 'user_input' &&
    step.input.type === 'choice' &&
    (step.input.allowCustomResponse || !step.input.required);
  const values = own && !open ? valuesOf(step) : undefined;
  return values?.every((value) => Object.hasOwn(conditions?.cases ?? {}, value)) ?? false;
}

/** All ways out of a step, for the linter and the drawing. */
export function waysOut(step: StepDefinition, following: string | undefined): StepTransition[] {
  const { conditions, next } = step;
  const labelled = Object.entries(conditions?.cases ?? {}).map(([label, to]) => ({ to, label }));
  for (const rule of conditions?.rules ?? [])
    labelled.push({ to: rule.to, label: ruleInWords(rule) });
  const otherwise = conditions?.default ?? next[0] ?? following ?? endStep;
  const plain = [
    ...(conditions?.default ? [{ to: otherwise, label: 'otherwise' }] : []),
    ...next.map((to) => ({ to })),
  ];
  const ways = [
    ...labelled,
    ...(plain.length > 0 || isExhaustive(step) ? plain : [{ to: otherwise }]),
  ];
  const seen = new Set<string>();
  return ways.flatMap((way) => {
    const { to } = way;
    // A step in `next` that a condition leads to already is the same way.
    if (!('label' in way) && seen.has(to)) return [];
    seen.add(to);
    return [
      to.startsWith(calledFlow) ? { ...way, to: to.slice(calledFlow.length), flow: true } : way,
    ];
  });
}

function chosenTarget(
  { condition, cases, rules, default: otherwise }: Conditions,
  state: JsonObject,
  answer: Json | undefined,
): string | undefined {
  const rule = rules.find((each) => holds(each, state));
  if (rule) return rule.to;
  const value = condition === undefined ? answer : valueOf(condition, state, answer);
  const key = inText(value);
  return key !== undefined && Object.hasOwn(cases, key) ? cases[key] : otherwise;
}

const valueOf = (condition: string, state: JsonObject, answer: Json | undefined) =>
  condition === ownAnswer && answer !== undefined ? answer : valueAt(condition, state);

/** What a case is compared with; a choice of one's own is an object and equals none. */
const inText = (value: Json | undefined): string | undefined =>
  value === undefined || typeof value === 'object' ? undefined : String(value);

function holds(rule: Rule, state: JsonObject): boolean {
  const value = valueAt(rule.key, state);
  const number = typeof value === 'number' ? value : Number.NaN;
  return (
    (rule.equals === undefined || value === rule.equals) &&
    (rule.not === undefined || value !== rule.not) &&
    (rule.over === undefined || number > rule.over) &&
    (rule.under === undefined || number < rule.under) &&
    (rule.atLeast === undefined || number >= rule.atLeast) &&
    (rule.atMost === undefined || number <= rule.atMost) &&
    (rule.oneOf === undefined || rule.oneOf.some((each) => each === value)) &&
    (rule.exists === undefined || (value !== undefined) === rule.exists)
  );
}

const words: Readonly<Record<string, string>> = {
  equals: '=',
  not: '≠',
  over: '>',
  under: '<',
  atLeast: '≥',
  atMost: '≤',
  oneOf: 'in',
  exists: 'exists:',
};

function ruleInWords(rule: Rule): string {
  const compared = Object.entries(rule).filter(
    ([name, value]) => Object.hasOwn(words, name) && value !== undefined,
  );
  return compared
    .map(
      ([name, value]) =>
        `${rule.key} ${words[name]} ${Array.isArray(value) ? value.join(', ') : value}`,
    )
    .join(' and ');
}
