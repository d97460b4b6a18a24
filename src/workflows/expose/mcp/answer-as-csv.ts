import type { Sparql } from '../../../ontology/sparql.ts';
import type { OntologyStore } from '../../../ontology/store.ts';

/** The answer of a SELECT as CSV, which costs a model the fewest tokens; at most 1,000 rows and 256 KiB. */
export async function answerAsCsv(store: OntologyStore, query: Sparql): Promise<string> {
  const formats = { results: 'text/csv', quads: 'text/turtle' };
  const limits = { rows: 1_000, bytes: 256 * 1024 };
  const { body } = await store.query(query, formats, { limits });
  return new TextDecoder().decode(body);
}
