import sparqljs from 'sparqljs';
import { mayRead, type Rights } from '../rights/rights.ts';
import { provenanceGraph } from '../provenance/terms.ts';
import { invalidQuery } from './oxigraph-errors.ts';
import type { GraphNames } from './update.ts';

/** The part of a dataset that may be read. */
export function readable({ default: merged, named }: GraphNames, rights: Rights): GraphNames {
  const may = (name: string) => mayRead(rights, name);
  return { default: merged.filter(may), named: named.filter(may) };
}

/** What a query is about, and which graphs there are. */
export interface LimitedQuery {
  text: string;
  base?: string;
  dataset?: GraphNames;
  unionDefaultGraph: boolean;
  graphs: ReadonlySet<string>;
}

/**
 * The graphs that a query reaches for a caller with rights: those that the request or else its text names,
 * or all of them, as far as they may be read. Given to Oxigraph, it keeps every other graph out of reach.
 * @throws GraphwrightError `invalid_query` for a text that may say FROM and is not SPARQL 1.1.
 */
export function readableDataset(query: LimitedQuery, rights: Rights): GraphNames {
  const { dataset = datasetIn(query), graphs, unionDefaultGraph } = query;
  if (dataset) return readable(dataset, rights);
  const merged = [...graphs].filter((name) => name !== provenanceGraph.value);
  return readable(
    { default: ['', ...(unionDefaultGraph ? merged : [])], named: [...graphs] },
    rights,
  );
}

/** What FROM and FROM NAMED say: a dataset given to Oxigraph replaces them. */
function datasetIn({ text, base }: LimitedQuery): GraphNames | undefined {
  if (!/\bFROM\b|\\u/i.test(text)) return undefined;
  const { from } = parsed(text, base);
  return from && { default: values(from.default), named: values(from.named) };
}

const values = (terms: readonly { value: string }[]) => terms.map(({ value }) => value);

function parsed(text: string, base?: string): Pick<sparqljs.SelectQuery, 'from'> {
  try {
    const query = new sparqljs.Parser({ baseIRI: base }).parse(text);
    return query.type === 'query' ? query : {};
  } catch (thrown) {
    throw invalidQuery(thrown);
  }
}
