import { nearest } from '../../nearest.ts';
import { sparql } from '../../ontology/sparql.ts';
import type { OntologyStore } from '../../ontology/store.ts';
import { iri } from '../../ontology/terms.ts';
import { suggestName } from './find-class.ts';
import type { Looking } from './graph-terms.ts';
import type { QueryTerms } from './query-terms.ts';
import { shortText } from './short-text.ts';

/** Hints on the named graphs that are not there. */
export async function missingGraphs(
  store: OntologyStore,
  { graphs }: QueryTerms,
  { options }: Looking,
): Promise<string[]> {
  if (graphs.size === 0) return [];
  const names = (await store.graphs(options)).map(({ graph }) => `<${graph.value}>`);
  const missing = [...graphs].map((name) => `<${name}>`).filter((name) => !names.includes(name));
  return missing.map((name) => `There is no graph ${name}; ${suggestName(name, names)}`);
}

/** So many of a query's values are looked up, and so many of a property's values listed. */
const most = { lookedUp: 10, listed: 12 };

/** Hints on the values that a property never has, with those that it has where they are few. */
export async function missingValues(
  store: OntologyStore,
  { values }: QueryTerms,
  { terms, options }: Looking,
): Promise<string[]> {
  const hints: string[] = [];
  for (const { property, value } of values.slice(0, most.lookedUp)) {
    const term = iri(property);
    if (await store.ask(sparql`ASK { ?s ${term} ?o FILTER (?o = ${value}) }`, options)) continue;
    const rows = await store.select(
      sparql`SELECT DISTINCT ?o { ?s ${term} ?o } ORDER BY ?o LIMIT 1000`,
      options,
    );
    const known = toldOf(
      value.value,
      rows.map(({ o }) => o!.value),
    );
    const name = terms.prefixes.shorten(property);
    if (known) hints.push(`${name} is never ${JSON.stringify(value.value)}; ${known}`);
  }
  return hints;
}

function toldOf(wanted: string, there: readonly string[]): string | undefined {
  if (there.length === 0) return undefined;
  if (there.length <= most.listed)
    return `it is ${there.map((text) => shortText(text, 80)).join(', ')}`;
  const near = nearest(wanted, there);
  return near && `it is for example ${shortText(near, 80)}`;
}
