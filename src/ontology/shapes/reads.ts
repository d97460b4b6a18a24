import type { Path } from './path.ts';
import type { Constraint, Shape, Shapes } from './shape.ts';
import type { TermText } from './term-text.ts';
import { subClassOf, type } from './vocabulary.ts';

/** Statements that the outcome for a focus node may depend on. */
export interface Read {
  /** How they are reached from the focus node. */
  route: readonly Path[];
  /** Any, where it is left out. */
  predicate?: TermText;
  /** Which of their ends the route leads to. */
  end: 'subject' | 'object';
}

/** All that a shape reads of the data for one focus node, class hierarchies left out. */
export function readsOfShape(shape: Shape, route: readonly Path[] = []): Read[] {
  if (shape.deactivated) return [];
  const { path, constraints } = shape;
  const onward = path === undefined ? route : [...route, path];
  return [
    ...(path === undefined ? [] : readsOfPath(path, route)),
    ...constraints.flatMap((constraint) => readsOfConstraint(constraint, route, onward)),
  ];
}

function readsOfConstraint(
  constraint: Constraint,
  focus: readonly Path[],
  values: readonly Path[],
): Read[] {
  if (constraint.component === 'Class') return [{ route: values, predicate: type, end: 'subject' }];
  if (constraint.component === 'Closed') return [{ route: values, end: 'subject' }];
  if ('property' in constraint)
    return [{ route: focus, predicate: constraint.property, end: 'subject' }];
  return innerShapes(constraint).flatMap((inner) => readsOfShape(inner, values));
}

/** The shapes that a constraint asks about other nodes. */
function innerShapes(constraint: Constraint): readonly Shape[] {
  if ('shapes' in constraint) return constraint.shapes;
  if (!('shape' in constraint)) return [];
  return 'siblings' in constraint ? [constraint.shape, ...constraint.siblings] : [constraint.shape];
}

function readsOfPath(path: Path, route: readonly Path[]): Read[] {
  if (typeof path === 'string') return [{ route, predicate: path, end: 'subject' }];
  switch (path.kind) {
    case 'sequence':
      return path.paths.flatMap((step, index) =>
        readsOfPath(step, [...route, ...path.paths.slice(0, index)]),
      );
    case 'alternative':
      return path.paths.flatMap((each) => readsOfPath(each, route));
    case 'inverse':
      return typeof path.path === 'string'
        ? [{ route, predicate: path.path, end: 'object' }]
        : readsOfPath(flipped(path.path), route);
    case 'zeroOrOne':
      return readsOfPath(path.path, route);
    default:
      return readsOfPath(path.path, [...route, { kind: 'zeroOrMore', path: path.path }]);
  }
}

/** The inverse of a path, with the inversion at its predicates. */
function flipped(path: Path): Path {
  if (typeof path === 'string') return { kind: 'inverse', path };
  switch (path.kind) {
    case 'inverse':
      return path.path;
    case 'sequence':
      return { kind: 'sequence', paths: path.paths.map(flipped).toReversed() };
    case 'alternative':
      return { kind: 'alternative', paths: path.paths.map(flipped) };
    default:
      return { kind: path.kind, path: flipped(path.path) };
  }
}

/** The predicates of all statements that a validation may read. */
export function readsOf({ roots }: Shapes): { predicates: TermText[]; everything: boolean } {
  const reads = roots.flatMap((shape) => readsOfShape(shape));
  const targeted = roots.flatMap(({ targets }) =>
    targets.flatMap(({ kind, term }) => (kind.endsWith('Of') ? [term] : [])),
  );
  const read = reads.flatMap(({ predicate }) => predicate ?? []);
  return {
    predicates: [...new Set([type, subClassOf, ...targeted, ...read])],
    everything: reads.some(({ predicate }) => predicate === undefined),
  };
}
