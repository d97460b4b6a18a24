import { toRegExp } from './pattern.ts';
import type { Constraint } from './shape.ts';
import type { ShapeOf } from './parse-shapes.ts';
import type { ShapesGraph } from './shapes-graph.ts';
import { literalParts, termType, type TermText } from './term-text.ts';
import { sh } from './vocabulary.ts';

interface Source {
  graph: ShapesGraph;
  id: TermText;
  shapeOf: ShapeOf;
}

type Reader = (source: Source, predicate: TermText) => readonly Constraint[];

/** What each parameter of SHACL Core says; reading it is reading what can be checked. */
const readers: Readonly<Record<string, Reader>> = {
  class: iris('Class'),
  datatype: one(iris('Datatype')),
  nodeKind: nodeKind,
  minCount: onPath(count('MinCount')),
  maxCount: onPath(count('MaxCount')),
  minExclusive: limit('MinExclusive'),
  minInclusive: limit('MinInclusive'),
  maxExclusive: limit('MaxExclusive'),
  maxInclusive: limit('MaxInclusive'),
  minLength: count('MinLength'),
  maxLength: count('MaxLength'),
  pattern,
  languageIn,
  uniqueLang: onPath(({ graph, id }, predicate) =>
    graph.flag(id, predicate) ? [{ component: 'UniqueLang' }] : [],
  ),
  equals: property('Equals'),
  disjoint: property('Disjoint'),
  lessThan: onPath(property('LessThan')),
  lessThanOrEquals: onPath(property('LessThanOrEquals')),
  not: shape('Not'),
  and: shapeList('And'),
  or: shapeList('Or'),
  xone: shapeList('Xone'),
  node: shape('Node'),
  property: propertyShape,
  qualifiedMinCount: qualified('QualifiedMinCount'),
  qualifiedMaxCount: qualified('QualifiedMaxCount'),
  closed,
  hasValue: ({ graph, id }, predicate) =>
    graph.objects(id, predicate).map((term) => ({ component: 'HasValue', term })),
  in: ({ graph, id }, predicate) => {
    const terms = graph.list(id, predicate);
    return terms ? [{ component: 'In', terms }] : [];
  },
};

/** The names of all parameters, those included that stand beside another. */
export const parameters: readonly string[] = Object.keys(readers).concat(
  'flags',
  'ignoredProperties',
  'qualifiedValueShape',
  'qualifiedValueShapesDisjoint',
);

/** The constraints that a shape states. */
export const parseConstraints = (
  graph: ShapesGraph,
  id: TermText,
  shapeOf: ShapeOf,
): Constraint[] =>
  Object.entries(readers).flatMap(([name, read]) => read({ graph, id, shapeOf }, sh(name)));

function iris(component: 'Class' | 'Datatype'): Reader {
  return ({ graph, id }, predicate) =>
    graph.iris(id, predicate).map((term) => ({ component, term }));
}

function one(read: Reader): Reader {
  return (source, predicate) => {
    source.graph.one(source.id, predicate);
    return read(source, predicate);
  };
}

/** What counts or compares the values of a path says nothing of a node shape. */
function onPath(read: Reader): Reader {
  return (source, predicate) => {
    const { graph, id } = source;
    const stated = graph.objects(id, predicate).length > 0;
    if (stated && graph.objects(id, sh('path')).length === 0)
      throw graph.wrong(id, predicate, 'needs an sh:path beside it');
    return read(source, predicate);
  };
}

type Counting = 'MinCount' | 'MaxCount' | 'MinLength' | 'MaxLength';

function count(component: Counting): Reader {
  return ({ graph, id }, predicate) => {
    const number = graph.count(id, predicate);
    return number === undefined ? [] : [{ component, count: number }];
  };
}

type Limiting = 'MinExclusive' | 'MinInclusive' | 'MaxExclusive' | 'MaxInclusive';

function limit(component: Limiting): Reader {
  return ({ graph, id }, predicate) => {
    const term = graph.one(id, predicate);
    if (term === undefined) return [];
    if (termType(term) !== 'Literal') throw graph.wrong(id, predicate, `is ${term}, not a literal`);
    return [{ component, term }];
  };
}

const kindsOfNodes: Readonly<Record<string, readonly string[]>> = {
  IRI: ['NamedNode'],
  BlankNode: ['BlankNode'],
  Literal: ['Literal'],
  BlankNodeOrIRI: ['BlankNode', 'NamedNode'],
  BlankNodeOrLiteral: ['BlankNode', 'Literal'],
  IRIOrLiteral: ['NamedNode', 'Literal'],
};

function nodeKind({ graph, id }: Source, predicate: TermText): Constraint[] {
  const term = graph.one(id, predicate);
  if (term === undefined) return [];
  const names = Object.keys(kindsOfNodes);
  const name = names.find((each) => sh(each) === term);
  if (name === undefined)
    throw graph.wrong(id, predicate, `is ${term}, not one of sh:${names.join(', sh:')}`);
  return [{ component: 'NodeKind', term, kinds: kindsOfNodes[name]! }];
}

function pattern({ graph, id }: Source, predicate: TermText): Constraint[] {
  const flags = literalParts(graph.one(id, sh('flags')) ?? '""')?.value ?? '';
  return graph.objects(id, predicate).map((text) => {
    const source = literalParts(text)?.value;
    if (source === undefined) throw graph.wrong(id, predicate, `is ${text}, not a string`);
    try {
      toRegExp(source, flags);
    } catch (cause) {
      throw graph.wrong(id, predicate, `is ${text}: ${(cause as Error).message}`);
    }
    return { component: 'Pattern', pattern: source, flags };
  });
}

function languageIn({ graph, id }: Source, predicate: TermText): Constraint[] {
  const tags = graph.list(id, predicate);
  if (!tags) return [];
  const languages = tags.map((tag) => {
    const parts = literalParts(tag);
    if (!parts) throw graph.wrong(id, predicate, `holds ${tag}, not a string such as "en"`);
    return parts.value.toLowerCase();
  });
  return [{ component: 'LanguageIn', languages }];
}

type Comparing = 'Equals' | 'Disjoint' | 'LessThan' | 'LessThanOrEquals';

function property(component: Comparing): Reader {
  return ({ graph, id }, predicate) =>
    graph.iris(id, predicate).map((term) => ({ component, property: term }));
}

function shape(component: 'Not' | 'Node'): Reader {
  return ({ graph, id, shapeOf }, predicate) =>
    graph.objects(id, predicate).map((node) => ({ component, shape: shapeOf(node) }));
}

function propertyShape({ graph, id, shapeOf }: Source, predicate: TermText): Constraint[] {
  return graph.objects(id, predicate).map((node) => {
    const inner = shapeOf(node);
    if (inner.path === undefined)
      throw graph.wrong(id, predicate, `is ${node}, without an sh:path`);
    return { component: 'Property', shape: inner };
  });
}

function shapeList(component: 'And' | 'Or' | 'Xone'): Reader {
  return ({ graph, id, shapeOf }, predicate) =>
    graph.objects(id, predicate).map((head) => {
      const shapes = graph.members(head, id, predicate).map(shapeOf);
      return { component, shapes };
    });
}

function qualified(component: 'QualifiedMinCount' | 'QualifiedMaxCount'): Reader {
  return ({ graph, id, shapeOf }, predicate) => {
    const number = graph.count(id, predicate);
    const node = graph.one(id, sh('qualifiedValueShape'));
    if (number === undefined || node === undefined) return [];
    const disjoint = graph.flag(id, sh('qualifiedValueShapesDisjoint'));
    const siblings = disjoint ? siblingsOf(graph, id, node).map(shapeOf) : [];
    return [{ component, shape: shapeOf(node), count: number, siblings }];
  };
}

/** The other qualified shapes of the shapes that this one is a property of (SHACL, section 4.7.3). */
function siblingsOf(graph: ShapesGraph, id: TermText, own: TermText): TermText[] {
  const found = graph
    .subjects(sh('property'), id)
    .flatMap((parent) => graph.objects(parent, sh('property')))
    .flatMap((each) => graph.objects(each, sh('qualifiedValueShape')));
  return [...new Set(found)].filter((each) => each !== own);
}

function closed({ graph, id }: Source, predicate: TermText): Constraint[] {
  if (!graph.flag(id, predicate)) return [];
  const ignored = graph.list(id, sh('ignoredProperties')) ?? [];
  const stated = graph
    .objects(id, sh('property'))
    .flatMap((each) => graph.objects(each, sh('path')));
  return [{ component: 'Closed', allowed: [...ignored, ...stated] }];
}
