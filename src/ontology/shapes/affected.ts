import { isTarget, targets } from './evaluate.ts';
import { membership, type DataGraph } from './data-graph.ts';
import { backwards, type Path } from './path.ts';
import { readsOfShape, type Read } from './reads.ts';
import type { Shape, Shapes, Target } from './shape.ts';
import type { TermText } from './term-text.ts';
import { subClassOf, type } from './vocabulary.ts';

/** A statement that came or went. */
export interface Statement {
  subject: TermText;
  predicate: TermText;
  object: TermText;
}

/** Finds out which focus nodes a change can have made invalid, by what the change itself touches. */
export class AffectedNodes {
  readonly #readers = new Map<TermText, Reader[]>();
  readonly #readersOfAll: Reader[] = [];
  readonly #roots: readonly Shape[];

  constructor({ roots }: Shapes) {
    this.#roots = roots.filter(({ deactivated }) => !deactivated);
    for (const shape of this.#roots)
      for (const read of [...readsOfShape(shape), ...shape.targets.flatMap(readOfTarget)])
        this.#readersOf(read.predicate).push({ shape, read });
  }

  /**
   * The focus nodes by their shapes, as the graph is after the change. Of what can have changed the
   * outcome for a node, the statement first on the way from it was reached as it still can be.
   */
  of(graph: DataGraph, changed: Iterable<Statement>): Map<Shape, Set<TermText>> {
    const found = new Map<Shape, Set<TermText>>();
    const members = new Map<TermText, (node: TermText) => boolean>();
    const isMember = (node: TermText, top: TermText) => {
      let test = members.get(top);
      if (!test) members.set(top, (test = membership(graph, top)));
      return test(node);
    };
    for (const statement of changed) {
      if (statement.predicate === subClassOf) return this.#all(graph);
      for (const list of [this.#readers.get(statement.predicate) ?? [], this.#readersOfAll])
        for (const { shape, read } of list) {
          const nodes = setOf(found, shape);
          for (const node of origins(graph, read.route, statement[read.end])) nodes.add(node);
        }
    }
    for (const [shape, nodes] of found)
      for (const node of nodes) if (!isTarget(graph, shape, node, isMember)) nodes.delete(node);
    return found;
  }

  /** A change of the class hierarchy can reach any instance. */
  #all(graph: DataGraph): Map<Shape, Set<TermText>> {
    return new Map(this.#roots.map((shape) => [shape, targets(graph, shape)]));
  }

  #readersOf(predicate: TermText | undefined): Reader[] {
    if (predicate === undefined) return this.#readersOfAll;
    let list = this.#readers.get(predicate);
    if (!list) this.#readers.set(predicate, (list = []));
    return list;
  }
}

/** A shape, and one of the things that it reads. */
interface Reader {
  shape: Shape;
  read: Read;
}

function readOfTarget({ kind, term }: Target): Read[] {
  if (kind === 'node') return [];
  if (kind === 'class') return [{ route: [], predicate: type, end: 'subject' }];
  return [{ route: [], predicate: term, end: kind === 'subjectsOf' ? 'subject' : 'object' }];
}

const setOf = (sets: Map<Shape, Set<TermText>>, shape: Shape): Set<TermText> => {
  let set = sets.get(shape);
  if (!set) sets.set(shape, (set = new Set()));
  return set;
};

/** The nodes from which a route leads to one. */
const origins = (graph: DataGraph, route: readonly Path[], node: TermText): Iterable<TermText> =>
  route.length === 0 ? [node] : backwards(graph, { kind: 'sequence', paths: route }, node);
