import type { Quad } from '../terms.ts';
import { subClassOf, type } from './vocabulary.ts';
import { textOf, type TermText } from './term-text.ts';

/** What validation reads of the data; literals are as they were written. */
export interface DataGraph {
  objects(subject: TermText, predicate: TermText): readonly TermText[];
  subjects(predicate: TermText, object: TermText): readonly TermText[];
  has(subject: TermText, predicate: TermText, object: TermText): boolean;
  /** Everything that is said by one predicate, or all that is so said of one object. */
  pairs(
    predicate: TermText,
    object?: TermText,
  ): Iterable<readonly [subject: TermText, object: TermText]>;
  /** Everything that is said of one node. */
  statements(subject: TermText): Iterable<readonly [predicate: TermText, object: TermText]>;
  /**
   * Told that a predicate's objects will be asked of so many nodes, or whether each has a certain one, so
   * that the answers may be read at once.
   */
  expect?(predicate: TermText, nodes: number, object?: TermText): void;
}

const none: readonly TermText[] = [];

type Index = Map<TermText, Map<TermText, TermText[]>>;

/** Quads in memory as one graph: their own graphs' names make no difference. */
export class QuadsGraph implements DataGraph {
  readonly #bySubject: Index = new Map();
  readonly #byObject: Index = new Map();

  constructor(quads: Iterable<Quad>) {
    for (const quad of quads)
      this.#add(textOf(quad.subject), textOf(quad.predicate), textOf(quad.object));
  }

  objects(subject: TermText, predicate: TermText): readonly TermText[] {
    return this.#bySubject.get(subject)?.get(predicate) ?? none;
  }

  subjects(predicate: TermText, object: TermText): readonly TermText[] {
    return this.#byObject.get(object)?.get(predicate) ?? none;
  }

  has(subject: TermText, predicate: TermText, object: TermText): boolean {
    return this.objects(subject, predicate).includes(object);
  }

  *pairs(predicate: TermText, wanted?: TermText): Generator<readonly [TermText, TermText]> {
    if (wanted !== undefined)
      for (const subject of this.subjects(predicate, wanted)) yield [subject, wanted];
    else
      for (const [subject, properties] of this.#bySubject)
        for (const object of properties.get(predicate) ?? none) yield [subject, object];
  }

  *statements(subject: TermText): Generator<readonly [TermText, TermText]> {
    for (const [predicate, objects] of this.#bySubject.get(subject) ?? [])
      for (const object of objects) yield [predicate, object];
  }

  #add(subject: TermText, predicate: TermText, object: TermText): void {
    const objects = at(this.#bySubject, subject, predicate);
    // Lists are short, but for hubs; of two long ones the shorter is searched.
    if (objects.length < 16 ? objects.includes(object) : this.#has(subject, predicate, object))
      return;
    objects.push(object);
    at(this.#byObject, object, predicate).push(subject);
  }

  /** By the shorter of the two lists. */
  #has(subject: TermText, predicate: TermText, object: TermText): boolean {
    const subjects = this.subjects(predicate, object);
    const objects = this.objects(subject, predicate);
    return subjects.length < objects.length ? subjects.includes(subject) : objects.includes(object);
  }
}

function at(index: Index, outer: TermText, inner: TermText): TermText[] {
  let lists = index.get(outer);
  if (!lists) index.set(outer, (lists = new Map()));
  let list = lists.get(inner);
  if (!list) lists.set(inner, (list = []));
  return list;
}

/** A class and all that the data states to be below it. */
export function classesBelow(graph: DataGraph, top: TermText): Set<TermText> {
  const found = new Set([top]);
  for (const each of found) for (const sub of graph.subjects(subClassOf, each)) found.add(sub);
  return found;
}

/** The SHACL instances of a class (SHACL, section 1.1). */
export function* instances(graph: DataGraph, top: TermText): Generator<TermText> {
  for (const each of classesBelow(graph, top))
    for (const [node] of graph.pairs(type, each)) yield node;
}

/** Of so many classes each is looked for by itself. */
const fewClasses = 8;

/** Whether nodes are SHACL instances of a class. */
export function membership(graph: DataGraph, top: TermText): (node: TermText) => boolean {
  const classes = classesBelow(graph, top);
  const all = [...classes];
  if (all.length <= fewClasses) return (node) => all.some((each) => graph.has(node, type, each));
  return (node) => graph.objects(node, type).some((each) => classes.has(each));
}
