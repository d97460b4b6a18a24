import type { Quads, Term as TemplateTerm, Triple } from 'sparqljs';
import {
  blankNode,
  defaultGraph,
  literal,
  namedNode,
  quad,
  type BlankNode,
  type Quad,
  type Term,
} from 'oxigraph';

/** The variables' values of one solution. */
export type Solution = Pick<Map<string, Term>, 'get'>;

/** What an operation deletes and inserts for each solution; `graph` is that of WITH. */
export interface Template {
  delete: Quads[];
  insert: Quads[];
  graph?: { value: string };
}

/** The quads of an INSERT DATA or DELETE DATA. */
export const dataQuads = (parts: readonly Quads[]): Quad[] => fill(parts, undefined, new Map());

/** The template's quads for one solution, blank nodes fresh; what is not RDF is left out. */
export function fill(
  parts: readonly Quads[],
  graph: Template['graph'],
  solution: Solution,
): Quad[] {
  const labels = new Map<string, BlankNode>();
  const value = (term: TemplateTerm | Triple['predicate']) => bind(term, solution, labels);
  return parts.flatMap((part) => {
    const name = part.type === 'graph' ? value(part.name) : graph && namedNode(graph.value);
    return part.triples.flatMap((triple) =>
      legal(value(triple.subject), value(triple.predicate), value(triple.object), name, part),
    );
  });
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

function legal(
  subject: Term | undefined,
  predicate: Term | undefined,
  object: Term | undefined,
  graph: Term | undefined,
  part: Quads,
): Quad[] {
  if (subject?.termType !== 'NamedNode' && subject?.termType !== 'BlankNode') return [];
  if (predicate?.termType !== 'NamedNode') return [];
  if (!object || object.termType === 'Variable' || object.termType === 'DefaultGraph') return [];
  if (graph ? graph.termType !== 'NamedNode' : part.type === 'graph') return [];
  const name = graph?.termType === 'NamedNode' ? graph : defaultGraph();
  return [quad(subject, predicate, object as Quad['object'], name)];
}

function bind(
  term: TemplateTerm | Triple['predicate'],
  solution: Solution,
  labels: Map<string, BlankNode>,
): Term | undefined {
  if (!('termType' in term)) return undefined;
  switch (term.termType) {
    case 'Variable':
      return solution.get(term.value);
    case 'NamedNode':
      return namedNode(term.value);
    case 'Literal':
      return literal(term.value, term.language || namedNode(term.datatype.value));
    case 'BlankNode':
      return fresh(term.value, labels);
    default:
      return undefined;
  }
}

function fresh(label: string, labels: Map<string, BlankNode>): BlankNode {
  let node = labels.get(label);
  if (!node) labels.set(label, (node = blankNode()));
  return node;
}
