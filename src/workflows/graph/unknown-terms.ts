import { sparql, type Sparql } from '../../ontology/sparql.ts';
import type { OntologyStore } from '../../ontology/store.ts';
import { iri } from '../../ontology/terms.ts';
import { describesData, suggestName } from './find-class.ts';
import type { Looking } from './graph-terms.ts';
import type { QueryTerms } from './query-terms.ts';

/** So many of a query's terms are looked up. */
const most = 20;

/** Hints on the properties and classes that neither the data nor an ontology knows, with the nearest right ones. */
export async function unknownTerms(
  store: OntologyStore,
  { properties, classes }: QueryTerms,
  looking: Looking,
): Promise<string[]> {
  const { vocabulary } = looking.terms;
  const ask = { store, looking };
  return [
    ...(await unknown([...properties], iris(vocabulary.properties), property, ask)),
    ...(await unknown([...classes], iris(vocabulary.classes), individualOf, ask)),
  ];
}

const iris = (terms: readonly { iri: { value: string } }[]) => terms.map((term) => term.iri.value);

interface Kind {
  name: string;
  /** Matches what uses the term. */
  pattern: (term: string) => Sparql;
  /** Selects the terms that there are as ?term. */
  used: Sparql;
}

const property: Kind = {
  name: 'property',
  pattern: (term) => sparql`?s ${iri(term)} ?o`,
  used: sparql`SELECT DISTINCT ?term { ?s ?term ?o } LIMIT 500`,
};

const individualOf: Kind = {
  name: 'class',
  pattern: (term) => sparql`?s a ${iri(term)}`,
  used: sparql`SELECT DISTINCT ?term { ?s a ?term FILTER (isIRI(?term)) } LIMIT 500`,
};

async function unknown(
  wanted: readonly string[],
  declared: readonly string[],
  kind: Kind,
  { store, looking: { terms, options } }: { store: OntologyStore; looking: Looking },
): Promise<string[]> {
  const shorten = (term: string) => terms.prefixes.shorten(term);
  const hints: string[] = [];
  for (const term of wanted.filter((each) => !declared.includes(each)).slice(0, most)) {
    const uses = kind.pattern(term);
    if (await store.ask(sparql`ASK { { ${uses} } UNION { GRAPH ?g { ${uses} } } }`, options))
      continue;
    const rows = await store.select(kind.used, options);
    const used = rows.map((row) => row['term']!.value).filter((name) => !describesData(name));
    const near = suggestName(shorten(term), [...new Set([...declared, ...used])].map(shorten));
    hints.push(`No data uses the ${kind.name} ${shorten(term)}, and no ontology knows it; ${near}`);
  }
  return hints;
}
