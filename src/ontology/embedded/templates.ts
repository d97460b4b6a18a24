import { randomUUID } from 'node:crypto';
import { literal, namedNode } from 'oxigraph';
import type { Quads, Term as TemplateTerm, Triple } from 'sparqljs';
import { termType, textOf } from '../shapes/term-text.ts';
import type { Row } from '../store.ts';

/** What an operation deletes and inserts for each solution; `graph` is that of WITH. */
export interface Template {
  delete: Quads[];
  insert: Quads[];
  graph?: { value: string };
}

/** Lines of N-Quads by the names of their graphs; no name stands for the default graph. */
export type LinesByGraph = ReadonlyMap<string | undefined, readonly string[]>;

/** The lines of an INSERT DATA or DELETE DATA. */
export const dataLines = (parts: readonly Quads[]): LinesByGraph => fill(parts, undefined, [{}]);

/**
 * The template's statements for each solution, blank nodes fresh; what is not RDF is left out. As text, since
 * an object for each of many statements and terms would keep the collection of garbage busy for minutes.
 * @throws Error as Oxigraph has it for an IRI or a literal of the template that is none.
 */
export function fill(
  parts: readonly Quads[],
  graph: Template['graph'],
  solutions: readonly Row[],
): LinesByGraph {
  const patterns = parts.flatMap((part) => patternsOf(part, graph));
  const lines = new Map<string | undefined, string[]>();
  for (const solution of solutions) {
    const labels = new Map<string, string>();
    for (const { triple, name } of patterns) {
      const [subject, predicate, object, context] = [...triple, name].map((term) =>
        term?.(solution, labels),
      );
      if (subject === undefined || predicate === undefined || object === undefined) continue;
      if (!['NamedNode', 'BlankNode'].includes(termType(subject)) || !isIri(predicate)) continue;
      if (name && !(context !== undefined && isIri(context))) continue;
      const key = context?.slice(1, -1);
      const line = `${subject} ${predicate} ${object}${context === undefined ? '' : ` ${context}`} .`;
      const others = lines.get(key);
      if (others) others.push(line);
      else lines.set(key, [line]);
    }
  }
  return lines;
}

/** The names of the variables in a template. */
export function variablesOf(parts: readonly Quads[]): string[] {
  const terms = parts.flatMap((part) => [
    ...(part.type === 'graph' ? [part.name] : []),
    ...part.triples.flatMap(({ subject, predicate, object }) => [subject, predicate, object]),
  ]);
  const names = terms.flatMap((term) =>
    'termType' in term && term.termType === 'Variable' ? [term.value] : [],
  );
  return [...new Set(names)];
}

/** A term for one solution, as N-Quads has it; labels are those of the solution's blank nodes. */
type Slot = (solution: Row, labels: Map<string, string>) => string | undefined;

interface Pattern {
  triple: readonly [Slot, Slot, Slot];
  /** Of the graph; without one it is the default graph. */
  name: Slot | undefined;
}

function patternsOf(part: Quads, graph: Template['graph']): Pattern[] {
  const named = part.type === 'graph' ? slotOf(part.name) : undefined;
  const name = named ?? (graph && constant(namedNode(graph.value)));
  return part.triples.map(({ subject, predicate, object }) => ({
    triple: [slotOf(subject), slotOf(predicate), slotOf(object)],
    name,
  }));
}

function slotOf(term: TemplateTerm | Triple['predicate']): Slot {
  if (!('termType' in term)) return () => undefined;
  const { value } = term;
  switch (term.termType) {
    case 'Variable':
      return (solution) => {
        const found = Object.hasOwn(solution, value) ? solution[value] : undefined;
        return found && textOf(found);
      };
    case 'NamedNode':
      return constant(namedNode(value));
    case 'Literal':
      return constant(literal(value, term.language || namedNode(term.datatype.value)));
    case 'BlankNode':
      return (_, labels) => fresh(value, labels);
    default:
      return () => undefined;
  }
}

function constant(term: object): Slot {
  const text = String(term);
  return () => text;
}

function fresh(label: string, labels: Map<string, string>): string {
  let node = labels.get(label);
  // As Oxigraph's own: hexadecimal, and a letter first.
  if (!node) labels.set(label, (node = `_:a${randomUUID().replaceAll('-', '').slice(1)}`));
  return node;
}

const isIri = (term: string): boolean => termType(term) === 'NamedNode';
