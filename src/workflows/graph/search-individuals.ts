import { z } from 'zod';
import { nearest } from '../../nearest.ts';
import { readableStore } from '../../ontology/rights/current-rights.ts';
import { sparql, type Sparql } from '../../ontology/sparql.ts';
import type { OntologyStore, Row } from '../../ontology/store.ts';
import { gw, iri, owl, rdf, rdfs, schema, type NamedNode } from '../../ontology/terms.ts';
import { Workflow, type Run } from '../workflow.ts';
import { countedClasses, findClass } from './find-class.ts';
import { patience, type GraphToolConfiguration } from './graph-tool.ts';
import { graphTerms, type GraphTerms, type Looking } from './graph-terms.ts';
import { shortText } from './short-text.ts';

const Parameters = z.object({
  text: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .refine((text) => text.isWellFormed(), 'Expected text without half of a surrogate pair')
    .describe('Words of a name, a title or an identifier, in capitals or not; all must occur'),
  class: z
    .string()
    .min(1)
    .max(2_000)
    .optional()
    .describe('Only individuals of this class, such as gw:Customer'),
  limit: z.number().int().min(1).max(100).default(10).describe('How many at most'),
});

const Result = z.object({
  found: z
    .array(
      z.object({
        iri: z.string(),
        label: z.string(),
        class: z.string().optional(),
        matched: z.string().describe('The property whose value holds the words'),
      }),
    )
    .describe('The best first'),
  truncated: z.boolean().describe('Whether there are more'),
  hint: z.string().optional().describe('What to try when nothing was found'),
});

/** Finds things by what they are called. */
export class SearchIndividuals extends Workflow<GraphToolConfiguration> {
  readonly name = 'search_individuals';
  readonly description =
    'Find things in the knowledge graph by their name, title or identifier, and learn their IRIs.';
  readonly parameters = Parameters;
  readonly result = Result;
  override readonly hints = { readOnly: true, idempotent: true };

  async run(
    { text, class: wanted, limit }: z.output<typeof Parameters>,
    { signal }: Run,
  ): Promise<z.input<typeof Result>> {
    const store = readableStore(this.configuration.store);
    const options = { signal, timeout: this.configuration.timeout ?? patience };
    const terms = await graphTerms(store, options);
    const about =
      wanted === undefined
        ? undefined
        : findClass(await countedClasses(store, terms, options), terms, wanted).iri;
    const labels = labelProperties(terms);
    const rows = await store.select(search(text, { about, labels, limit: limit + 1 }), options);
    if (rows.length === 0) {
      const hint = await nothingFound(store, text, { about, labels, terms, options });
      return { found: [], truncated: false, hint };
    }
    const found = rows.slice(0, limit).map((row) => individual(row, terms));
    return { found, truncated: rows.length > limit };
  }
}

const labelling = [
  rdfs('label'),
  schema('name'),
  schema('identifier'),
  iri('http://www.w3.org/2004/02/skos/core#prefLabel'),
  iri('http://purl.org/dc/terms/title'),
  iri('http://purl.org/dc/terms/identifier'),
  iri('http://xmlns.com/foaf/0.1/name'),
];

/** What things are called by: the usual properties, and those that an ontology says are a kind of them. */
function labelProperties({ ontologies }: GraphTerms): NamedNode[] {
  const found = new Map([...labelling, gw('name')].map((term) => [term.value, term]));
  for (const { subject, predicate, object } of ontologies)
    if (
      predicate.equals(rdfs('subPropertyOf')) &&
      found.has(object.value) &&
      subject.termType === 'NamedNode'
    )
      found.set(subject.value, subject);
  return [...found.values()];
}

interface Search {
  about: NamedNode | undefined;
  labels: readonly NamedNode[];
  limit: number;
}

/** The texts that individuals are called by; terms of ontologies are no individuals. */
function called({ about, labels }: Pick<Search, 'about' | 'labels'>): Sparql {
  const list = labels.reduce((all, term) => sparql`${all} ${term}`, sparql``);
  const type = about ? sparql`?s a ${about} .` : sparql``;
  return sparql`${type}
    { VALUES ?property { ${list} } ?s ?property ?value BIND (STR(?value) AS ?label) FILTER (isLiteral(?value)) }
    FILTER (isIRI(?s))
    FILTER NOT EXISTS { ?s a ?kind VALUES ?kind {
      ${owl('Class')} ${owl('ObjectProperty')} ${owl('DatatypeProperty')} ${owl('Ontology')} ${rdfs('Class')} ${rdf('Property')}
    } }`;
}

/** The whole text before a beginning before the beginning of a word before anything else, short before long. */
function search(text: string, { about, labels, limit }: Search): Sparql {
  const words = text.split(/\s+/).slice(0, 10);
  const holds = words.reduce(
    (all, word) => sparql`${all} FILTER (CONTAINS(?low, LCASE(${word})))`,
    sparql``,
  );
  const whole = words.join(' ');
  return sparql`SELECT ?s (SAMPLE(?label) AS ?shown) (SAMPLE(?property) AS ?by) (SAMPLE(?type) AS ?class) (MIN(?rank) AS ?best) (MIN(STRLEN(?label)) AS ?length) {
    ${called({ about, labels })}
    BIND (LCASE(?label) AS ?low)
    ${holds}
    BIND (LCASE(${whole}) AS ?whole)
    BIND (IF(?low = ?whole, 0, IF(STRSTARTS(?low, ?whole), 1, IF(CONTAINS(?low, CONCAT(" ", ?whole)), 2, 3))) AS ?rank)
    OPTIONAL { ?s a ?type }
  } GROUP BY ?s ORDER BY ?best ?length ?s LIMIT ${limit}`;
}

function individual({ s, shown, by, class: type }: Row, { prefixes }: GraphTerms) {
  return {
    iri: s!.value,
    label: shortText(shown!.value, 120),
    ...(type && { class: prefixes.shorten(type.value) }),
    matched: prefixes.shorten(by!.value),
  };
}

/** So many names are compared with a text that none of them holds. */
const compared = 5_000;

async function nothingFound(
  store: OntologyStore,
  text: string,
  { about, labels, options }: Looking & Pick<Search, 'about' | 'labels'>,
): Promise<string> {
  const rows = await store.select(
    sparql`SELECT DISTINCT ?label { ${called({ about, labels })} } LIMIT ${compared}`,
    options,
  );
  const near = nearest(
    text,
    rows.map(({ label }) => label!.value),
  );
  if (near !== undefined) return `Nothing is called so; did you mean ${shortText(near, 120)}?`;
  return 'Nothing is called so; try fewer words or a part of one, or query_graph for other properties';
}
