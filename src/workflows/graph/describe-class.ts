import { z } from 'zod';
import { sparql } from '../../ontology/sparql.ts';
import type { OntologyStore } from '../../ontology/store.ts';
import { rdf, type Term } from '../../ontology/terms.ts';
import { jsonValue } from '../queries/json-value.ts';
import { Scalar } from '../queries/result.ts';
import type { CountedClass } from './find-class.ts';
import type { Looking } from './graph-terms.ts';
import { shortText } from './short-text.ts';
import { rangeOf } from './term-names.ts';

const PropertyUse = z.object({
  property: z.string(),
  about: z.string().optional(),
  uses: z.number().int(),
  values: z.array(Scalar).optional().describe('All there are, when they are few'),
  example: Scalar.optional(),
});

/** A class as models are told of it: the names alone of its properties, or all about them. */
export const ClassDescription = z.object({
  class: z.string(),
  about: z.string().optional(),
  count: z.number().int().describe('How many individuals it has'),
  properties: z.array(z.union([z.string(), PropertyUse])),
  linkedFrom: z.array(z.string()).optional().describe('Classes and properties that lead to it'),
  graphs: z.array(z.string()).optional().describe('The named graphs that its individuals are in'),
  examples: z.array(z.string()).optional().describe('Some of its individuals'),
});

/** So many values of a property are told one by one. */
const few = 12;

/** All about one class. */
export async function describeClass(
  store: OntologyStore,
  { iri, count }: CountedClass,
  looking: Looking,
): Promise<z.input<typeof ClassDescription>> {
  const { vocabulary, prefixes } = looking.terms;
  const select = (query: ReturnType<typeof sparql>) => store.select(query, looking.options);
  const [examples, graphs, links, properties] = await Promise.all([
    select(sparql`SELECT DISTINCT ?s { ?s a ${iri} } ORDER BY ?s LIMIT 3`),
    select(sparql`SELECT DISTINCT ?g { GRAPH ?g { ?s a ${iri} } } ORDER BY ?g LIMIT 10`),
    select(
      sparql`SELECT DISTINCT ?from ?property { ?s a ${iri} . ?x ?property ?s ; a ?from } ORDER BY ?from ?property LIMIT 20`,
    ),
    propertyUses(store, { iri, count }, looking),
  ]);
  const about = vocabulary.classes.find((term) => term.iri.equals(iri))?.comment;
  const linkedFrom = links.map(
    ({ from, property }) => `${prefixes.shorten(from!.value)} ${prefixes.shorten(property!.value)}`,
  );
  return {
    class: prefixes.shorten(iri.value),
    ...(about && { about }),
    count,
    properties,
    linkedFrom,
    graphs: graphs.map(({ g }) => g!.value),
    examples: examples.map(({ s }) => String(jsonValue(s!))),
  };
}

async function propertyUses(
  store: OntologyStore,
  { iri }: CountedClass,
  { terms, options }: Looking,
): Promise<z.input<typeof PropertyUse>[]> {
  const rows = await store.select(
    sparql`SELECT ?property (COUNT(*) AS ?uses) (COUNT(DISTINCT ?value) AS ?different) (SAMPLE(?value) AS ?example) {
      ?s a ${iri} ; ?property ?value FILTER (?property != ${rdf('type')})
    } GROUP BY ?property ORDER BY DESC(?uses) ?property LIMIT 100`,
    options,
  );
  const countable = rows.filter((row) => Number(row['different']!.value) <= few);
  const list = countable.reduce((all, { property }) => sparql`${all} ${property!}`, sparql``);
  const values = await store.select(
    sparql`SELECT DISTINCT ?property ?value { VALUES ?property { ${list} } ?s a ${iri} ; ?property ?value }
      ORDER BY ?property ?value`,
    options,
  );
  return rows.map((row) => {
    const { property, uses, different, example } = row;
    const all = values.filter((each) => each['property']!.equals(property!));
    const about = terms.vocabulary.properties.find((term) => term.iri.equals(property!))?.comment;
    // What is different each time is no choice among few.
    const isFew = all.length > 0 && Number(different!.value) < Number(uses!.value);
    return {
      property: rangeOf(property!.value, terms),
      ...(about && { about }),
      uses: Number(uses!.value),
      ...(isFew ? { values: all.map(({ value }) => shown(value!)) } : { example: shown(example!) }),
    };
  });
}

function shown(term: Term) {
  const value = jsonValue(term);
  return typeof value === 'string' ? shortText(value, 80) : value;
}
