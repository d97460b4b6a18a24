import type { Quad, Term } from '@rdfjs/types';
import { GraphwrightError } from '../errors.ts';
import { escapes, factory, iri, xsd } from './terms.ts';

/** What may stand in a `${}` of the {@link sparql} tag. */
export type SparqlValue = Term | Sparql | string | number | boolean | Date;

/** A SPARQL text whose values are already escaped. Only {@link sparql} and {@link sparqlText} make one. */
export class Sparql {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }

  /** See {@link sparql}. */
  static tag(strings: TemplateStringsArray, ...values: SparqlValue[]): Sparql {
    return new Sparql(String.raw({ raw: strings }, ...values.map(serialize)));
  }

  /** See {@link sparqlText}. */
  static text(text: string): Sparql {
    return new Sparql(text);
  }
}

/**
 * Builds SPARQL from values: a string is always a literal, never syntax.
 *
 * Numbers are written bare, so that they fit LIMIT as well; dates become xsd:dateTime; another
 * {@link Sparql} is taken as it is.
 * @example
 * const query = sparql`SELECT ?name WHERE { ?c gw:identifier ${customerId} ; schema:name ?name }`;
 * @throws GraphwrightError `invalid_data` for a blank node, a bad IRI or a number that RDF cannot hold.
 */
export const sparql = Sparql.tag;

/**
 * Takes query text that somebody wrote as a whole: a file, a request body, a command's argument.
 * Never use it on text that was put together from values; that is what {@link sparql} is for.
 */
export const sparqlText = Sparql.text;

/** Quads as a block of triples for a template or a data clause; their graphs are left out. */
export function triples(quads: Iterable<Quad>): Sparql {
  let block = sparql``;
  for (const { subject, predicate, object } of quads)
    block = sparql`${block}${subject} ${predicate} ${object} .\n`;
  return block;
}

function serialize(value: SparqlValue): string {
  if (value instanceof Sparql) return value.toString();
  if (value instanceof Date) return term(factory.literal(value.toISOString(), xsd('dateTime')));
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      return number(value);
    case 'boolean':
      return String(value);
    default:
      return term(value);
  }
}

function term(value: Term): string {
  if (value.termType === 'NamedNode') return `<${iri(value.value).value}>`;
  if (value.termType !== 'Literal')
    throw new GraphwrightError(
      'invalid_data',
      `A ${value.termType} cannot be a value in a query; pass an IRI or a literal`,
    );
  if (value.language) return `${quoted(value.value)}@${languageTag(value.language)}`;
  return `${quoted(value.value)}^^<${iri(value.datatype.value).value}>`;
}

function quoted(text: string): string {
  if (!text.isWellFormed())
    throw new GraphwrightError('invalid_data', 'The text holds half of a surrogate pair');
  return `"${text.replace(/["\\\n\r\t\b\f]/g, (character) => escapes[character]!)}"`;
}

function languageTag(tag: string): string {
  if (!/^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$/.test(tag))
    throw new GraphwrightError('invalid_data', `Not a language tag: ${JSON.stringify(tag)}`);
  return tag;
}

function number(value: number): string {
  if (!Number.isFinite(value))
    throw new GraphwrightError('invalid_data', `Not an RDF number: ${value}`);
  return Number.isSafeInteger(value) ? String(value) : value.toExponential();
}
