import { isTerm } from './mentions.ts';
import type { Argument } from './argument.ts';

/** Where a variable that the caller gives cannot stand in a query, in words; undefined when it stands well. */
export function misuseOf(node: unknown, argument: Argument): string | undefined {
  if (isIt(node, argument))
    return argument.isList
      ? `is a list, which stands in IN (?${argument.name}) or in ${valuesOf(argument)}`
      : undefined;
  if (isTerm(node) || typeof node !== 'object' || node === null) return undefined;
  if (Array.isArray(node)) return first(node, (item) => misuseOf(item, argument));
  const part = node as Readonly<Record<string, unknown>>;
  return (
    misuseIn(part, argument) ?? first(partsOf(part, argument), (each) => misuseOf(each, argument))
  );
}

const isIt = (node: unknown, { name }: Argument) =>
  isTerm(node) && node.termType === 'Variable' && node.value === name;

const valuesOf = ({ name }: Argument) => `VALUES ?${name} { UNDEF }`;

function first<Item>(items: Iterable<Item>, find: (item: Item) => string | undefined) {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

type Part = Readonly<Record<string, unknown>>;

function misuseIn(part: Part, argument: Argument): string | undefined {
  const is = (node: unknown) => isIt(node, argument);
  const { type, queryType, subject, predicate, name, variable, variables, group, order } = part;
  if (`?${argument.name}` in part)
    return `is given by the caller, so its values come in ${valuesOf(argument)} alone`;
  if (is(variable)) return 'is given by the caller, so nothing can be assigned to it';
  const bare = (list: unknown) =>
    Array.isArray(list) && list.some((item) => is(item) || is((item as Part)['expression']));
  if ((queryType === 'SELECT' && bare(variables)) || bare(group) || bare(order))
    return `is the same in every row; to have it as a column, or to group or sort by it, write ${valuesOf(argument)}`;
  const isName = type === 'graph' || type === 'service';
  if (argument.type !== 'iri' && (is(subject) || is(predicate) || (isName && is(name))))
    return `is a ${argument.type}, which no subject, property or graph can be`;
  return undefined;
}

/** What is within, without a list's own place behind IN. */
function partsOf(part: Part, argument: Argument): unknown[] {
  const { operator, args } = part;
  if ((operator !== 'in' && operator !== 'notin') || !Array.isArray(args))
    return Object.values(part);
  const [operand, list] = args as [unknown, unknown];
  return [operand, Array.isArray(list) ? list.filter((item) => !isIt(item, argument)) : list];
}
