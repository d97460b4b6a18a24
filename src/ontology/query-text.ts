import { GraphwrightError } from '../errors.ts';
import { Sparql } from './sparql.ts';
import type { Dataset } from './store.ts';
import { iri } from './terms.ts';
import { scanQuery } from './scan.ts';

/** The four forms of a query, and the kind of answer that each has. */
export const kinds = {
  SELECT: 'bindings',
  ASK: 'boolean',
  CONSTRUCT: 'quads',
  DESCRIBE: 'quads',
} as const;

/** One of the four forms of a query. */
export type QueryForm = keyof typeof kinds;

/**
 * The form of a query.
 * @throws GraphwrightError `invalid_query` for an update, and for text too long, deep or wide; `forbidden` for SERVICE.
 */
export function formOf(text: string): QueryForm {
  const form = scanQuery(text);
  if (form === 'update')
    throw new GraphwrightError('invalid_query', 'This is an update; queries only read');
  // Without a form it is no query at all; the parser then says what it expected.
  return form ?? 'SELECT';
}

/** The text of a query. Types keep plain strings out; callers without types are told. */
export function textOf(query: Sparql): string {
  if (query instanceof Sparql) return query.toString();
  throw new GraphwrightError(
    'invalid_query',
    'A query must be made by the sparql tag, which escapes its values; a plain string is refused',
  );
}

/**
 * A query's text and form, which is looked over here: a server might carry out an update that came as a query.
 * @param wanted The one form that is taken; any by default.
 * @throws GraphwrightError as {@link textOf} and {@link formOf}; `invalid_query` for another form.
 */
export function queryText(query: Sparql, wanted?: QueryForm): { text: string; form: QueryForm } {
  const text = textOf(query);
  const form = formOf(text);
  if (wanted && form !== wanted)
    throw new GraphwrightError('invalid_query', `This takes a ${wanted} query, not ${form}`);
  return { text, form };
}

/** A dataset as it crosses to a thread; each name is checked to be an IRI. */
export const names = (dataset: Dataset | undefined) =>
  dataset && {
    default: dataset.default.map(({ value }) => iri(value).value),
    named: dataset.named.map(({ value }) => iri(value).value),
  };
