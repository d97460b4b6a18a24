import type { Pattern, Query, Term } from 'sparqljs';

/** Whether a value of a parsed query is a term, such as a variable. */
export const isTerm = (node: unknown): node is Term =>
  typeof node === 'object' && node !== null && 'termType' in node;

/** Whether some part of a parsed query mentions one of these variables, also as what it assigns to. */
export const mentions = (node: unknown, names: ReadonlySet<string>): boolean =>
  [...variablesIn(node)].some((name) => names.has(name));

/** Every variable that some part of a parsed query mentions. */
export function variablesIn(node: unknown, found = new Set<string>()): Set<string> {
  if (isTerm(node)) {
    if (node.termType === 'Variable') found.add(node.value);
    return found;
  }
  if (typeof node !== 'object' || node === null) return found;
  for (const [key, value] of Object.entries(node)) {
    // The rows of VALUES have their variables as keys.
    if (key.startsWith('?')) found.add(key.slice(1));
    variablesIn(value, found);
  }
  return found;
}

/** The variable of `VALUES ?name { UNDEF }`, which stands where an argument's values come. */
export function placeholder(pattern: Pattern): string | undefined {
  if (pattern.type !== 'values' || pattern.values.length !== 1) return undefined;
  const entries = Object.entries(pattern.values[0]!);
  const [only] = entries;
  return entries.length === 1 && only![1] === undefined ? only![0].slice(1) : undefined;
}

/** The variables of all placeholders of a query. */
export function placeholders(query: Query): Set<string> {
  const found = new Set<string>();
  const visit = (node: unknown) => {
    if (isTerm(node) || typeof node !== 'object' || node === null) return;
    const name = 'type' in node ? placeholder(node as Pattern) : undefined;
    if (name !== undefined) found.add(name);
    Object.values(node).forEach(visit);
  };
  visit(query);
  return found;
}
