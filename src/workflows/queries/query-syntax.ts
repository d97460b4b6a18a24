import sparqljs, { type Query } from 'sparqljs';
import { GraphwrightError } from '../../errors.ts';
import { formOf } from '../../ontology/query-text.ts';

/**
 * Parses a query in SPARQL 1.1 with the functions on triples of SPARQL 1.2, after a look at what parsers choke on.
 * @param prefixes Those that the text need not declare.
 * @throws GraphwrightError `invalid_query`; `forbidden` for SERVICE.
 */
export function parseQuery(text: string, prefixes: Readonly<Record<string, string>> = {}): Query {
  formOf(text);
  let parsed: sparqljs.SparqlQuery;
  try {
    parsed = new sparqljs.Parser({ prefixes: { ...prefixes }, sparqlStar: true }).parse(text);
  } catch (cause) {
    throw new GraphwrightError('invalid_query', shortened((cause as Error).message), { cause });
  }
  if (holdsTriple(parsed))
    throw new GraphwrightError(
      'invalid_query',
      'A triple within << and >> is not read here; ask SUBJECT(?t), PREDICATE(?t) and OBJECT(?t) of it',
    );
  if (parsed.type === 'query') return parsed;
  throw new GraphwrightError('invalid_query', 'This is an update; queries only read');
}

/** Whether a triple stands in the place of a term. */
const holdsTriple = (node: unknown): boolean =>
  typeof node === 'object' &&
  node !== null &&
  (('termType' in node && node.termType === 'Quad') || Object.values(node).some(holdsTriple));

/** The parser lists every token that would have been right; the place tells enough. */
const shortened = (message: string) =>
  message.replace(/\nExpecting .*$/s, '').replace(/\n-*\^$/, '');

/** A parsed query as text, every IRI whole. */
export const queryTextOf = (query: Query): string =>
  new sparqljs.Generator({ sparqlStar: true }).stringify({ ...query, prefixes: {} });
