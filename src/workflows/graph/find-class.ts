import { GraphwrightError } from '../../errors.ts';
import { nearest } from '../../nearest.ts';
import { sparql } from '../../ontology/sparql.ts';
import type { OntologyStore, QueryOptions } from '../../ontology/store.ts';
import { iri, owl, rdf, rdfs, type NamedNode } from '../../ontology/terms.ts';
import type { GraphTerms } from './graph-terms.ts';

/** A class that the data or an ontology knows, and how many individuals it has. */
export interface CountedClass {
  iri: NamedNode;
  count: number;
}

const beyondData = [owl(''), rdf(''), rdfs(''), iri('http://www.w3.org/ns/shacl#')];

/** Whether a term describes data, as those of OWL and SHACL do, rather than being used in it. */
export const describesData = (term: string): boolean =>
  beyondData.some(({ value }) => term.startsWith(value));

/** Every class with its individuals, those with the most first; then those without any. */
export async function countedClasses(
  store: OntologyStore,
  { vocabulary, ontologies }: GraphTerms,
  options: QueryOptions,
): Promise<CountedClass[]> {
  const rows = await store.select(
    sparql`SELECT ?class (COUNT(DISTINCT ?s) AS ?count) { ?s a ?class FILTER (isIRI(?class)) }
      GROUP BY ?class ORDER BY DESC(?count) ?class`,
    options,
  );
  const used = rows
    .map((row) => ({ iri: row['class'] as NamedNode, count: Number(row['count']!.value) }))
    .filter((known) => !describesData(known.iri.value));
  const names = new Set(used.map((known) => known.iri.value));
  // A union of classes without a name of its own is one as well.
  const unions = ontologies.filter(({ predicate }) => predicate.equals(owl('unionOf')));
  for (const { subject } of unions) names.add(subject.value);
  const unused = vocabulary.classes.filter((known) => !names.has(known.iri.value));
  return [...used, ...unused.map((known) => ({ iri: known.iri, count: 0 }))];
}

/**
 * The class that a caller means by `gw:Customer`, `Customer` or an IRI.
 * @throws GraphwrightError `not_found` naming the nearest.
 */
export function findClass(
  classes: readonly CountedClass[],
  { prefixes }: GraphTerms,
  wanted: string,
): CountedClass {
  const named = classes.map((known) => ({ known, name: prefixes.shorten(known.iri.value) }));
  const value = prefixes.expand(wanted);
  const found =
    classes.find((known) => known.iri.value === value) ??
    named.find(({ name }) => name.replace(/^.*:/, '') === wanted)?.known;
  if (found) return found;
  const detail = `There is no class ${wanted}; ${suggestName(
    wanted,
    named.map(({ name }) => name),
  )}`;
  throw new GraphwrightError('not_found', detail, { problems: [{ pointer: '/class', detail }] });
}

/** The nearest of some shortened names, of which the local part alone may have been written. */
export function suggestName(wanted: string, names: readonly string[]): string {
  // Of equally near ones the first wins, and what is most like it has the same prefix.
  const prefix = wanted.replace(/[^:]*$/, '');
  const ordered = names.toSorted(
    (a, b) => Number(b.startsWith(prefix)) - Number(a.startsWith(prefix)),
  );
  const locals = ordered.map(local);
  const name = local(wanted);
  // To one or two letters almost anything is near.
  const isShort = name.length < 3;
  const near = isShort ? locals.find((each) => each === name) : nearest(name, locals);
  if (near !== undefined) return `did you mean ${ordered[locals.indexOf(near)]}?`;
  const [first = 'none', ...others] = ordered.slice(0, 20);
  return `there are ${[first, ...others].join(', ')}${names.length > 20 ? ' and more' : ''}`;
}

const local = (name: string) => name.replace(/>$/, '').replace(/^.*[:#/]/s, '');
