import { checkOf, type Check } from './checks.ts';
import { instances, type DataGraph } from './data-graph.ts';
import { follow, predicatesOf, type Path } from './path.ts';
import type { Component, Constraint, Shape, Shapes } from './shape.ts';
import type { TermText } from './term-text.ts';
import { type as rdfType } from './vocabulary.ts';

/** One result of a validation, its terms as text (SHACL, section 3.6.2). */
export interface Result {
  focus: TermText;
  path?: Path;
  value?: TermText;
  component: Component;
  /** The constraint itself, from which its message is made. */
  constraint: Constraint;
  shape: Shape;
}

/** Told of each result. */
export type Collect = (result: Result) => void;

/** Checks nodes of one graph against shapes; what a shape needs is prepared once. */
export class Evaluation {
  readonly #graph: DataGraph;
  readonly #prepared = new Map<Shape, Prepared>();

  constructor(graph: DataGraph) {
    this.#graph = graph;
  }

  /** Checks all targets of all shapes. */
  all({ roots }: Shapes, collect: Collect): void {
    for (const shape of roots)
      if (!shape.deactivated) this.nodes(shape, targets(this.#graph, shape), collect);
  }

  /** Checks many nodes against one shape. */
  nodes(shape: Shape, nodes: ReadonlySet<TermText>, collect: Collect): void {
    this.#announce(shape, nodes.size);
    for (const node of nodes) this.node(shape, node, collect);
  }

  /** Checks one node against one shape. */
  node(shape: Shape, focus: TermText, collect: Collect): void {
    const { path, deactivated } = shape;
    if (deactivated) return;
    const { checks, properties } = this.#prepare(shape);
    const values = path === undefined ? [focus] : follow(this.#graph, path, focus);
    const subject = { graph: this.#graph, focus, values, conforms: this.#conforms };
    for (const { check, constraint } of checks)
      for (const { value, property } of check(subject))
        collect({
          focus,
          path: property ?? path,
          value,
          component: constraint.component,
          constraint,
          shape,
        });
    for (const property of properties)
      for (const value of values) this.node(property, value, collect);
  }

  readonly #conforms = (node: TermText, shape: Shape): boolean => {
    let conforms = true;
    this.node(shape, node, () => (conforms = false));
    return conforms;
  };

  #prepare(shape: Shape): Prepared {
    let prepared = this.#prepared.get(shape);
    if (!prepared) this.#prepared.set(shape, (prepared = prepare(shape)));
    return prepared;
  }

  /** Tells the graph what will be asked of many nodes, as far as the first steps from the targets go. */
  #announce(shape: Shape, nodes: number): void {
    const tell = (predicate: TermText, object?: TermText) =>
      this.#graph.expect?.(predicate, nodes, object);
    for (const { path, constraints } of [shape, ...propertyShapes(shape)]) {
      if (path !== undefined) for (const each of predicatesOf(path)) tell(each);
      for (const constraint of constraints) {
        if (constraint.component === 'Class') tell(rdfType, constraint.term);
        if ('property' in constraint) tell(constraint.property);
      }
    }
  }
}

/** A shape's constraints as functions, those of its property shapes apart. */
interface Prepared {
  checks: { check: Check; constraint: Constraint }[];
  properties: Shape[];
}

const prepare = (shape: Shape): Prepared => ({
  checks: shape.constraints.flatMap((constraint) =>
    constraint.component === 'Property' ? [] : [{ check: checkOf(constraint), constraint }],
  ),
  properties: propertyShapes(shape),
});

const propertyShapes = ({ constraints }: Shape): Shape[] =>
  constraints.flatMap((constraint) =>
    constraint.component === 'Property' ? [constraint.shape] : [],
  );

/** Whether a shape is about a node. */
export const isTarget = (
  graph: DataGraph,
  { targets: all }: Shape,
  node: TermText,
  isMember: (node: TermText, top: TermText) => boolean,
): boolean =>
  all.some(({ kind, term }) => {
    switch (kind) {
      case 'node':
        return node === term;
      case 'class':
        return isMember(node, term);
      case 'subjectsOf':
        return graph.objects(node, term).length > 0;
      case 'objectsOf':
        return graph.subjects(term, node).length > 0;
    }
  });

/** The nodes that a shape is about (SHACL, section 2.1.3). */
export function targets(graph: DataGraph, shape: Shape): Set<TermText> {
  const found = new Set<TermText>();
  for (const { kind, term } of shape.targets)
    if (kind === 'node') found.add(term);
    else if (kind === 'class') for (const node of instances(graph, term)) found.add(node);
    else
      for (const [subject, object] of graph.pairs(term))
        found.add(kind === 'subjectsOf' ? subject : object);
  return found;
}
