import { suggest } from '../../nearest.ts';
import type { Quad } from '../terms.ts';
import { classesBelow, instances } from './data-graph.ts';
import { parseConstraints, parameters } from './parse-constraints.ts';
import { parsePath } from './parse-path.ts';
import type { Shape, Shapes, Target } from './shape.ts';
import { ShapesGraph } from './shapes-graph.ts';
import { termType, type TermText } from './term-text.ts';
import { owlClass, rdfsClass, sh, shName, type } from './vocabulary.ts';

/** Finds the shape of a node of the shapes graph. */
export type ShapeOf = (node: TermText) => Shape;

/**
 * Reads SHACL Core shapes and checks that they are well-formed: a misspelt constraint that nobody
 * enforces would be worse than none.
 * @param name Names the shapes in messages, such as their file.
 * @throws GraphwrightError `invalid_data` naming the shape, the property and what would be right: also for
 * what is not SHACL Core, such as sh:sparql, and for shapes that refer to themselves.
 */
export function parseShapes(quads: Iterable<Quad>, name = 'The shapes'): Shapes {
  const graph = new ShapesGraph(quads, name);
  const parsed = new Map<TermText, Shape>();
  const underWay = new Set<TermText>();
  const shapeOf: ShapeOf = (node) => {
    const known = parsed.get(node);
    if (known) return known;
    if (underWay.has(node))
      throw graph.wrong(node, undefined, 'refers to itself, which SHACL leaves undefined');
    underWay.add(node);
    const shape = parseShape(graph, node, shapeOf);
    underWay.delete(node);
    parsed.set(node, shape);
    return shape;
  };
  const shapes = [...shapeNodes(graph)].map(shapeOf);
  return { roots: shapes.filter(({ targets }) => targets.length > 0) };
}

const targetKinds = {
  targetClass: 'class',
  targetNode: 'node',
  targetSubjectsOf: 'subjectsOf',
  targetObjectsOf: 'objectsOf',
} as const;

const typesOfShapes = [sh('NodeShape'), sh('PropertyShape')];

/** Nodes that say of themselves that they are shapes; those they refer to are found by that. */
function shapeNodes(graph: ShapesGraph): Set<TermText> {
  const typed = typesOfShapes.flatMap((each) => [...instances(graph, each)]);
  const targeting = Object.keys(targetKinds).flatMap((name) =>
    [...graph.pairs(sh(name))].map(([subject]) => subject),
  );
  return new Set([...typed, ...targeting]);
}

function parseShape(graph: ShapesGraph, id: TermText, shapeOf: ShapeOf): Shape {
  if (termType(id) === 'Literal') throw graph.wrong(id, undefined, 'is a literal');
  const pathNode = graph.one(id, sh('path'));
  const path = pathNode === undefined ? undefined : parsePath(graph, id, pathNode);
  assertKnown(graph, id);
  return {
    id,
    path,
    targets: targetsOf(graph, id),
    severity: graph.one(id, sh('severity')) ?? sh('Violation'),
    messages: graph.objects(id, sh('message')),
    deactivated: graph.flag(id, sh('deactivated')),
    constraints: parseConstraints(graph, id, shapeOf),
  };
}

function targetsOf(graph: ShapesGraph, id: TermText): Target[] {
  const targets: Target[] = Object.entries(targetKinds).flatMap(([name, kind]) => {
    const predicate = sh(name);
    const terms = kind === 'node' ? graph.objects(id, predicate) : graph.iris(id, predicate);
    return terms.map((term) => ({ kind, term }));
  });
  const types = graph.objects(id, type);
  // A shape that is a class as well has its instances as targets (SHACL, section 2.1.3.3).
  const above = classesBelow(graph, rdfsClass);
  const isClass = types.some((each) => each === owlClass || above.has(each));
  if (isClass && types.some((each) => typesOfShapes.includes(each)))
    targets.push({ kind: 'class', term: id });
  return targets;
}

/** What SHACL says besides of shapes; none of it constrains anything. */
const descriptive = Object.keys(targetKinds).concat(
  'path severity message deactivated name description order group defaultValue'.split(' '),
);
const known = [...descriptive, ...parameters];

/** Parts of SHACL Advanced Features and of SHACL-SPARQL, which would go unenforced. */
const beyondCore = ['sparql', 'rule', 'target', 'expression', 'js', 'values', 'filterShape'];

function assertKnown(graph: ShapesGraph, id: TermText): void {
  for (const [predicate] of graph.statements(id)) {
    const name = shName(predicate);
    if (name === undefined || known.includes(name)) continue;
    if (beyondCore.includes(name))
      throw graph.wrong(id, predicate, 'is not SHACL Core, which is what can be checked here');
    throw graph.wrong(id, predicate, `is no property that SHACL knows; ${suggest(name, known)}`);
  }
}
