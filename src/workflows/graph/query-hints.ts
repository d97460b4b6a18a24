import type { Query } from 'sparqljs';
import { GraphwrightError } from '../../errors.ts';
import type { OntologyStore } from '../../ontology/store.ts';
import { variablesIn } from '../queries/mentions.ts';
import type { Looking } from './graph-terms.ts';
import { missingGraphs, missingValues } from './missing-things.ts';
import { termsOf } from './query-terms.ts';
import { unknownTerms } from './unknown-terms.ts';

/** What a hint is about: the query, and whether it found nothing. */
export interface Asked {
  query: Query;
  isEmpty: boolean;
}

/** Milliseconds that each look-up for a hint may take: the answer is there already. */
const patience = 2_000;

/**
 * What may be wrong with a query that is valid: a term that neither the data nor an ontology knows, with
 * the nearest right one; where nothing was found also a value or a graph that is not there. Of a graph
 * that is too large to look such things up in time it says less.
 */
export async function queryHints(
  store: OntologyStore,
  { query, isEmpty }: Asked,
  { terms, options }: Looking,
): Promise<string[]> {
  const hints = unboundColumns(query);
  const timeout = Math.min(patience, options.timeout ?? patience);
  const looking = { terms, options: { ...options, timeout } };
  const named = termsOf(query);
  try {
    hints.push(...(await unknownTerms(store, named, looking)));
    if (!isEmpty || hints.length > 0) return hints;
    hints.push(...(await missingGraphs(store, named, looking)));
    hints.push(...(await missingValues(store, named, looking)));
  } catch (thrown) {
    if (GraphwrightError.from(thrown).code !== 'timeout') throw thrown;
  }
  return hints;
}

function unboundColumns(query: Query): string[] {
  if (query.queryType !== 'SELECT') return [];
  const bound = variablesIn([query.where, query.values, query.group]);
  return query.variables.flatMap((column) =>
    'termType' in column && column.termType === 'Variable' && !bound.has(column.value)
      ? [`Nothing gives ?${column.value} a value; it is selected only`]
      : [],
  );
}
