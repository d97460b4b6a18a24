import type { Problem } from '../../../errors.ts';
import { jsonPointer } from '../../../parse.ts';

/** Keys by which other systems know ours. */
const aliases: Readonly<Record<string, string>> = {
  flowId: 'id',
  stepId: 'id',
  stepType: 'type',
  nextSteps: 'next',
  conditionalLogic: 'conditions',
  inputSchema: 'input',
};

/** Keys of conditions that are no values: all others are. */
const conditionKeys = new Set(['condition', 'default', 'cases', 'rules']);

/** Under these keys are words of the author, which stay as they are. */
const verbatim = new Set(['variables', 'parameters', 'cases', 'equals', 'not']);

/**
 * A flow with all keys spelled as ours: `step_id` and `stepId` are `id`, `input_schema` is `input`, and the values
 * of `conditional_logic` move to `cases`.
 * @param problems Gets one for each key that is there in two spellings.
 */
export function ownSpelling(value: unknown, problems: Problem[], path: string[] = []): unknown {
  if (Array.isArray(value))
    return value.map((each, at) => ownSpelling(each, problems, [...path, String(at)]));
  if (typeof value !== 'object' || value === null) return value;
  const named = path.at(-1) === 'fields';
  const respelled: Record<string, unknown> = {};
  for (const [given, part] of Object.entries(value)) {
    const key = named ? given : ownKey(given);
    if (Object.hasOwn(respelled, key))
      problems.push({
        pointer: jsonPointer([...path, key]),
        detail: `${key} is there twice, in two spellings; leave one of them`,
      });
    const asItIs = !named && verbatim.has(key);
    const own = asItIs ? part : ownSpelling(part, problems, [...path, key]);
    Object.defineProperty(respelled, key, { value: own, enumerable: true });
  }
  return path.at(-1) === 'conditions' ? withCases(value, respelled) : respelled;
}

function ownKey(given: string): string {
  const camel = given.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return Object.hasOwn(aliases, camel) ? aliases[camel]! : camel;
}

/** Conditions whose values lie beside `condition` and `default`, as the values themselves are spelled. */
function withCases(given: object, respelled: Record<string, unknown>): Record<string, unknown> {
  if ('cases' in respelled || Array.isArray(given)) return respelled;
  const cases = Object.entries(given).filter(([key]) => !conditionKeys.has(ownKey(key)));
  const known = Object.entries(respelled).filter(([key]) => conditionKeys.has(key));
  return { ...Object.fromEntries(known), cases: Object.fromEntries(cases) };
}
