import type { Component, Constraint, ConstraintOf } from './shape.ts';
import { textOf, type TermText } from './term-text.ts';
import { factory } from '../terms.ts';

type Messages = { readonly [Name in Component]: (constraint: ConstraintOf<Name>) => string };

/** What each component says where the shape says nothing itself. */
const messages: Messages = {
  Class: ({ term }) => `Must be a ${term}`,
  Datatype: ({ term }) => `Must be a well-formed literal of ${term}`,
  NodeKind: ({ term }) => `Must be of the kind ${term}`,
  MinCount: ({ count }) => `Must have at least ${values(count)}`,
  MaxCount: ({ count }) => `Must have at most ${values(count)}`,
  MinExclusive: ({ term }) => `Must be greater than ${term}`,
  MinInclusive: ({ term }) => `Must be ${term} or greater`,
  MaxExclusive: ({ term }) => `Must be less than ${term}`,
  MaxInclusive: ({ term }) => `Must be ${term} or less`,
  MinLength: ({ count }) => `Must have at least ${count} characters`,
  MaxLength: ({ count }) => `Must have at most ${count} characters`,
  Pattern: ({ pattern }) => `Must match ${pattern}`,
  LanguageIn: ({ languages }) => `Must be in one of the languages ${languages.join(', ')}`,
  UniqueLang: () => 'Must have at most one value in each language',
  Equals: ({ property }) => `Must have the same values as ${property}`,
  Disjoint: ({ property }) => `Must not be a value of ${property} as well`,
  LessThan: ({ property }) => `Must be less than the values of ${property}`,
  LessThanOrEquals: ({ property }) => `Must not be greater than the values of ${property}`,
  Not: ({ shape }) => `Must not conform to ${shape.id}`,
  Node: ({ shape }) => `Must conform to ${shape.id}`,
  Property: ({ shape }) => `Must conform to ${shape.id}`,
  And: ({ shapes }) => `Must conform to all of ${ids(shapes)}`,
  Or: ({ shapes }) => `Must conform to one or more of ${ids(shapes)}`,
  Xone: ({ shapes }) => `Must conform to exactly one of ${ids(shapes)}`,
  QualifiedMinCount: ({ count, shape }) =>
    `Must have at least ${values(count)} that conform to ${shape.id}`,
  QualifiedMaxCount: ({ count, shape }) =>
    `Must have at most ${values(count)} that conform to ${shape.id}`,
  Closed: () => 'Must not have properties that its shape does not name',
  HasValue: ({ term }) => `Must have the value ${term}`,
  In: ({ terms }) => `Must be one of ${terms.join(', ')}`,
};

/** The message of a constraint, as a literal. */
export function messageOf(constraint: Constraint): TermText {
  const make = messages[constraint.component] as (own: Constraint) => string;
  return textOf(factory.literal(make(constraint)));
}

const values = (count: number) => (count === 1 ? '1 value' : `${count} values`);

const ids = (shapes: readonly { id: string }[]) => shapes.map(({ id }) => id).join(', ');
