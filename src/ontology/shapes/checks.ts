import { membership, type DataGraph } from './data-graph.ts';
import { takesAnyText, wellFormed } from './datatypes.ts';
import { compare, compareValues, valueOf } from './order.ts';
import { toRegExp } from './pattern.ts';
import type { Component, Constraint, ConstraintOf, Shape } from './shape.ts';
import { langString, literalParts, termType, type TermText } from './term-text.ts';

/** What a constraint is checked against. */
export interface Subject {
  graph: DataGraph;
  focus: TermText;
  values: readonly TermText[];
  conforms: (node: TermText, shape: Shape) => boolean;
}

/** One way in which a focus node does not satisfy a constraint. */
export interface Finding {
  value?: TermText;
  /** The property at fault, where that is not the shape's path. */
  property?: TermText;
}

/** Finds what is wrong with a subject. */
export type Check = (subject: Subject) => Iterable<Finding>;

const perValue =
  (fits: (value: TermText, subject: Subject) => boolean): Check =>
  (subject) => {
    // Nearly all values fit, and for them nothing should be made.
    let wrong: Finding[] | undefined;
    for (const value of subject.values) if (!fits(value, subject)) (wrong ??= []).push({ value });
    return wrong ?? nothing;
  };

const nothing: readonly Finding[] = [];
const onTheWhole: readonly Finding[] = [{}];

const perFocus =
  (fits: (subject: Subject) => boolean): Check =>
  (subject) =>
    fits(subject) ? nothing : onTheWhole;

type Makers = { readonly [Name in Component]: (constraint: ConstraintOf<Name>) => Check };

/** How each constraint component is checked (SHACL, section 4). */
const makers: Omit<Makers, 'Property'> = {
  Class: ({ term }) => {
    const isMember = memoized((graph) => membership(graph, term));
    return perValue((value, { graph }) => !value.startsWith('"') && isMember(graph)(value));
  },
  Datatype: ({ term }) => datatype(term.slice(1, -1)),
  NodeKind: ({ kinds }) => perValue((value) => kinds.includes(termType(value))),
  MinCount: ({ count }) => perFocus(({ values }) => values.length >= count),
  MaxCount: ({ count }) => perFocus(({ values }) => values.length <= count),
  MinExclusive: ({ term }) => ordered(term, (order) => order > 0),
  MinInclusive: ({ term }) => ordered(term, (order) => order >= 0),
  MaxExclusive: ({ term }) => ordered(term, (order) => order < 0),
  MaxInclusive: ({ term }) => ordered(term, (order) => order <= 0),
  MinLength: ({ count }) => perValue((value) => (lengthOf(value) ?? -1) >= count),
  MaxLength: ({ count }) => perValue((value) => (lengthOf(value) ?? Infinity) <= count),
  Pattern: ({ pattern, flags }) => {
    const expression = toRegExp(pattern, flags);
    return perValue((value) => {
      const text = textual(value);
      return text !== undefined && expression.test(text);
    });
  },
  LanguageIn: ({ languages }) =>
    perValue((value) => {
      const tag = languageOf(value);
      return tag !== '' && languages.some((range) => tag === range || tag.startsWith(`${range}-`));
    }),
  UniqueLang: () => uniqueLanguages,
  Equals: ({ property }) => equals(property),
  Disjoint: ({ property }) =>
    perValue((value, { graph, focus }) => !includes(graph.objects(focus, property), value)),
  LessThan: ({ property }) => below(property, (order) => order < 0),
  LessThanOrEquals: ({ property }) => below(property, (order) => order <= 0),
  Not: ({ shape }) => perValue((value, { conforms }) => !conforms(value, shape)),
  Node: ({ shape }) => perValue((value, { conforms }) => conforms(value, shape)),
  And: ({ shapes }) =>
    perValue((value, { conforms }) => shapes.every((shape) => conforms(value, shape))),
  Or: ({ shapes }) =>
    perValue((value, { conforms }) => shapes.some((shape) => conforms(value, shape))),
  Xone: ({ shapes }) =>
    perValue((value, { conforms }) => shapes.filter((each) => conforms(value, each)).length === 1),
  QualifiedMinCount: (constraint) =>
    perFocus((subject) => qualified(constraint, subject) >= constraint.count),
  QualifiedMaxCount: (constraint) =>
    perFocus((subject) => qualified(constraint, subject) <= constraint.count),
  Closed: ({ allowed }) => closed(new Set(allowed)),
  HasValue: ({ term }) => perFocus(({ values }) => includes(values, term)),
  In: ({ terms }) => {
    const members = new Set(terms.map(comparable));
    return perValue((value) => members.has(comparable(value)));
  },
};

/** Makes the check of a constraint, once for all nodes. */
export function checkOf(constraint: Exclude<Constraint, { component: 'Property' }>): Check {
  const make = makers[constraint.component as keyof typeof makers];
  return (make as (own: typeof constraint) => Check)(constraint);
}

function memoized<Value>(compute: (graph: DataGraph) => Value): (graph: DataGraph) => Value {
  let last: { graph: DataGraph; value: Value } | undefined;
  return (graph) =>
    (last?.graph === graph ? last : (last = { graph, value: compute(graph) })).value;
}

function datatype(iri: string): Check {
  if (iri === langString) return perValue((value) => languageOf(value) !== '');
  const suffix = iri === 'http://www.w3.org/2001/XMLSchema#string' ? '"' : `"^^<${iri}>`;
  const any = takesAnyText(iri);
  return perValue(
    (value) =>
      value.startsWith('"') &&
      value.endsWith(suffix) &&
      (any || wellFormed(lexical(value, suffix), iri)),
  );
}

/** The text of a literal whose ending is known. */
const lexical = (value: TermText, suffix: string): string =>
  value.includes('\\') ? literalParts(value)!.value : value.slice(1, -suffix.length);

function ordered(limit: TermText, fits: (order: number) => boolean): Check {
  const bound = valueOf(limit);
  return perValue((value) => {
    const order = bound && compareValues(valueOf(value), bound);
    return order !== undefined && fits(order);
  });
}

/** What has a text: literals, and IRIs; not blank nodes (SHACL, section 4.4). */
function textual(value: TermText): string | undefined {
  const type = termType(value);
  if (type === 'NamedNode') return value.slice(1, -1);
  return type === 'Literal' ? literalParts(value)!.value : undefined;
}

/** In characters, as SPARQL's STRLEN counts. */
function lengthOf(value: TermText): number | undefined {
  const text = textual(value);
  return text === undefined ? undefined : [...text].length;
}

const languageOf = (value: TermText): string =>
  value.startsWith('"') && !value.endsWith('"') && !value.endsWith('>')
    ? literalParts(value)!.language.toLowerCase()
    : '';

/** Language tags are the same in capitals (RDF 1.1 Concepts, section 3.3). */
function comparable(value: TermText): TermText {
  const tag = languageOf(value);
  return tag ? value.slice(0, value.lastIndexOf('"') + 1) + tag : value;
}

const includes = (values: readonly TermText[], wanted: TermText): boolean =>
  values.includes(wanted) ||
  (languageOf(wanted) !== '' && values.map(comparable).includes(comparable(wanted)));

/** One finding for each language that is used twice. */
function* uniqueLanguages({ values }: Subject): Generator<Finding> {
  const counts = new Map<string, number>();
  for (const value of values) {
    const tag = languageOf(value);
    if (!tag) continue;
    const count = (counts.get(tag) ?? 0) + 1;
    counts.set(tag, count);
    if (count === 2) yield {};
  }
}

function equals(property: TermText): Check {
  return function* ({ graph, focus, values }) {
    const others = graph.objects(focus, property);
    for (const value of values) if (!includes(others, value)) yield { value };
    for (const value of others) if (!includes(values, value)) yield { value };
  };
}

/** A finding for each pair that is out of order, so that a value may be named more than once. */
function below(property: TermText, fits: (order: number) => boolean): Check {
  return function* ({ graph, focus, values }) {
    for (const value of values)
      for (const other of graph.objects(focus, property)) {
        const order = compare(value, other);
        if (order === undefined || !fits(order)) yield { value };
      }
  };
}

const qualified = (
  { shape, siblings }: ConstraintOf<'QualifiedMinCount' | 'QualifiedMaxCount'>,
  { values, conforms }: Subject,
): number =>
  values.filter(
    (value) => conforms(value, shape) && !siblings.some((each) => conforms(value, each)),
  ).length;

function closed(allowed: ReadonlySet<TermText>): Check {
  return function* ({ graph, values }) {
    for (const node of values)
      for (const [property, value] of graph.statements(node))
        if (!allowed.has(property)) yield { value, property };
  };
}
