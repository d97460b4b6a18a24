import type { LiteralTerm, Query } from 'sparqljs';
import { rdf } from '../../ontology/terms.ts';
import { isIri } from '../queries/argument.ts';
import { isTerm } from '../queries/mentions.ts';

/** The terms that a query names itself, which may not be what its author thinks. */
export interface QueryTerms {
  properties: Set<string>;
  classes: Set<string>;
  graphs: Set<string>;
  /** The values that a property is wanted to have. */
  values: { property: string; value: LiteralTerm }[];
}

/** Collects what a parsed query names: properties, classes, graphs, and values of properties. */
export function termsOf(query: Query): QueryTerms {
  const found: QueryTerms = {
    properties: new Set(),
    classes: new Set(),
    graphs: new Set(),
    values: [],
  };
  const collecting = { found, objects: new Map<string, string>(), wanted: [] };
  // What a CONSTRUCT makes may be new.
  collect([query.where, 'having' in query && query.having], collecting);
  for (const { variable, value } of collecting.wanted as Wanted[]) {
    const property = collecting.objects.get(variable);
    if (property !== undefined) found.values.push({ property, value });
  }
  return found;
}

/** A literal that a FILTER wants a variable to be. */
interface Wanted {
  variable: string;
  value: LiteralTerm;
}

interface Collecting {
  found: QueryTerms;
  /** Of each variable, the property that it is a value of. */
  objects: Map<string, string>;
  wanted: Wanted[];
}

type Part = Readonly<Record<string, unknown>>;

function collect(node: unknown, collecting: Collecting): void {
  if (isTerm(node) || typeof node !== 'object' || node === null) return;
  const part = node as Part;
  if ('predicate' in part) collectTriple(part, collecting);
  if (part['type'] === 'graph' && isNamed(part['name']))
    collecting.found.graphs.add(part['name'].value);
  if (part['operator'] === '=') collectEquality(part['args'] as unknown[], collecting);
  for (const value of Object.values(part)) collect(value, collecting);
}

/** One whose escapes stand for what no IRI holds is nowhere in the graph, and cannot be looked up. */
const isNamed = (node: unknown): node is { value: string } =>
  isTerm(node) && node.termType === 'NamedNode' && isIri(node.value);

function collectTriple({ predicate, object }: Part, { found, objects }: Collecting): void {
  if (!isNamed(predicate)) return collectPath(predicate, found);
  const property = predicate.value;
  found.properties.add(property);
  if (property === rdf('type').value && isNamed(object)) found.classes.add(object.value);
  if (!isTerm(object)) return;
  if (object.termType === 'Literal') found.values.push({ property, value: object });
  if (object.termType === 'Variable') objects.set(object.value, property);
}

function collectPath(path: unknown, found: QueryTerms): void {
  if (isNamed(path)) return void found.properties.add(path.value);
  if (isTerm(path) || typeof path !== 'object' || path === null) return;
  for (const item of (path as { items?: unknown[] }).items ?? []) collectPath(item, found);
}

function collectEquality(sides: unknown[], { wanted }: Collecting): void {
  const terms = sides.filter(isTerm);
  const variable = terms.find(({ termType }) => termType === 'Variable');
  const value = terms.find((term): term is LiteralTerm => term.termType === 'Literal');
  if (variable && value) wanted.push({ variable: variable.value, value });
}
