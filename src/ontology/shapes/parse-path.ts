import type { Path } from './path.ts';
import type { ShapesGraph } from './shapes-graph.ts';
import { termType, type TermText } from './term-text.ts';
import { first, sh } from './vocabulary.ts';

const kinds = {
  inversePath: 'inverse',
  zeroOrMorePath: 'zeroOrMore',
  oneOrMorePath: 'oneOrMore',
  zeroOrOnePath: 'zeroOrOne',
} as const;

/** Reads a SHACL property path (SHACL, section 2.3.1). */
export function parsePath(graph: ShapesGraph, shape: TermText, node: TermText): Path {
  return parse({ graph, shape, above: new Set() }, node);
}

interface Place {
  graph: ShapesGraph;
  shape: TermText;
  /** The nodes of the path that this one is a part of. */
  above: ReadonlySet<TermText>;
}

function parse(place: Place, node: TermText): Path {
  const { graph, shape, above } = place;
  const path = sh('path');
  if (above.has(node)) throw graph.wrong(shape, path, 'contains itself');
  const inside = { ...place, above: new Set([...above, node]) };
  const steps = (head: TermText, least: number) => {
    const paths = graph.members(head, shape, path).map((each) => parse(inside, each));
    if (paths.length < least) throw graph.wrong(shape, path, 'has a list of fewer than two paths');
    return paths;
  };
  if (termType(node) === 'NamedNode' && graph.objects(node, first).length === 0) return node;
  if (graph.objects(node, first).length > 0) return { kind: 'sequence', paths: steps(node, 2) };
  const alternative = graph.one(node, sh('alternativePath'));
  if (alternative !== undefined) return { kind: 'alternative', paths: steps(alternative, 2) };
  for (const [name, kind] of Object.entries(kinds)) {
    const inner = graph.one(node, sh(name));
    if (inner !== undefined) return { kind, path: parse(inside, inner) };
  }
  throw graph.wrong(shape, path, `is ${node}, which is no path of SHACL, section 2.3.1`);
}
