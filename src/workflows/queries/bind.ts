import type { IriTerm, LiteralTerm, Pattern, Query } from 'sparqljs';
import { isTerm, placeholder, placeholders } from './mentions.ts';

/** What one argument is bound to. */
export type BoundTerm = IriTerm | LiteralTerm;

/**
 * A parsed query with terms in it. Where it says `VALUES ?name { UNDEF }` the terms come there, and the
 * variable stays one; else each mention of the variable becomes the term, a mention within IN all of them.
 * The query itself stays as it is.
 */
export function bind<Q extends Query>(
  query: Q,
  terms: ReadonlyMap<string, readonly BoundTerm[]>,
): Q {
  const apart = placeholders(query);
  const inPlace = new Map([...terms].filter(([name]) => !apart.has(name)));
  return fill(query, { apart: terms, inPlace }) as Q;
}

interface Terms {
  apart: ReadonlyMap<string, readonly BoundTerm[]>;
  inPlace: ReadonlyMap<string, readonly BoundTerm[]>;
}

function fill(node: unknown, terms: Terms): unknown {
  if (Array.isArray(node)) return node.flatMap((item) => filledItem(item, terms));
  if (isTerm(node)) return termFor(node, terms)?.[0] ?? node;
  if (typeof node !== 'object' || node === null) return node;
  const name = 'type' in node ? placeholder(node as Pattern) : undefined;
  const values = name === undefined ? undefined : terms.apart.get(name);
  if (values) return { type: 'values', values: values.map((term) => ({ [`?${name}`]: term })) };
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, fill(value, terms)]));
}

/** The items of an IN are an array within the array of its operands; a list takes the place of one. */
const filledItem = (item: unknown, terms: Terms): unknown[] =>
  isTerm(item) ? [...(termFor(item, terms) ?? [item])] : [fill(item, terms)];

const termFor = (node: { termType: string; value: string }, { inPlace }: Terms) =>
  node.termType === 'Variable' ? inPlace.get(node.value) : undefined;
