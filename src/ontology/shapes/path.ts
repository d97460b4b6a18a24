import type { DataGraph } from './data-graph.ts';
import type { TermText } from './term-text.ts';

/** A SHACL property path; a text is a predicate. */
export type Path =
  | TermText
  | { kind: 'sequence' | 'alternative'; paths: readonly Path[] }
  | { kind: 'inverse' | 'zeroOrMore' | 'oneOrMore' | 'zeroOrOne'; path: Path };

/** The nodes that a path leads to, each once. */
export function follow(graph: DataGraph, path: Path, from: TermText): readonly TermText[] {
  if (typeof path === 'string') return graph.objects(from, path);
  return [...reach(graph, path, from)];
}

function reach(graph: DataGraph, path: Path, from: TermText): Iterable<TermText> {
  if (typeof path === 'string') return graph.objects(from, path);
  switch (path.kind) {
    case 'sequence':
      return path.paths.reduce<Iterable<TermText>>(
        (nodes, step) => union(nodes, (node) => reach(graph, step, node)),
        [from],
      );
    case 'alternative':
      return union(path.paths, (each) => reach(graph, each, from));
    case 'inverse':
      return backwards(graph, path.path, from);
    case 'zeroOrOne':
      return new Set([from, ...reach(graph, path.path, from)]);
    default:
      return closure(path.kind === 'zeroOrMore' ? [from] : reach(graph, path.path, from), (node) =>
        reach(graph, path.path, node),
      );
  }
}

/** The nodes from which a path leads to one. */
export function backwards(graph: DataGraph, path: Path, to: TermText): Iterable<TermText> {
  if (typeof path === 'string') return graph.subjects(path, to);
  switch (path.kind) {
    case 'inverse':
      return reach(graph, path.path, to);
    case 'sequence':
      return path.paths.reduceRight<Iterable<TermText>>(
        (nodes, step) => union(nodes, (node) => backwards(graph, step, node)),
        [to],
      );
    case 'alternative':
      return union(path.paths, (each) => backwards(graph, each, to));
    default:
      return reach(graph, { kind: path.kind, path: { kind: 'inverse', path: path.path } }, to);
  }
}

const union = <From>(
  from: Iterable<From>,
  step: (each: From) => Iterable<TermText>,
): Set<TermText> => {
  const found = new Set<TermText>();
  for (const each of from) for (const node of step(each)) found.add(node);
  return found;
};

/** Ends also on data with cycles: a set takes each node once, and its iteration meets those added meanwhile. */
function closure(
  start: Iterable<TermText>,
  step: (node: TermText) => Iterable<TermText>,
): Set<TermText> {
  const found = new Set(start);
  for (const node of found) for (const next of step(node)) found.add(next);
  return found;
}

/** The predicates that a path reads forwards from its start. */
export function predicatesOf(path: Path): TermText[] {
  if (typeof path === 'string') return [path];
  return 'paths' in path ? path.paths.flatMap(predicatesOf) : predicatesOf(path.path);
}

/** A path as SPARQL writes it; a single predicate stands there without angle brackets. */
export const pathText = (path: Path): string =>
  typeof path === 'string' ? path.slice(1, -1) : written(path);

function written(path: Path): string {
  if (typeof path === 'string') return path;
  switch (path.kind) {
    case 'sequence':
      return `(${path.paths.map(written).join('/')})`;
    case 'alternative':
      return `(${path.paths.map(written).join('|')})`;
    case 'inverse':
      return `^${written(path.path)}`;
    default:
      return `(${written(path.path)})${{ zeroOrMore: '*', oneOrMore: '+', zeroOrOne: '?' }[path.kind]}`;
  }
}
