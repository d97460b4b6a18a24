import type {
  BlankNode,
  DataFactory as TermFactory,
  Literal,
  NamedNode,
  Quad,
  Term,
} from '@rdfjs/types';
import { DataFactory } from 'n3';
import { GraphwrightError } from '../errors.ts';

export type { BlankNode, Literal, NamedNode, Quad, Term };

/** The RDF/JS factory behind every term of the toolkit. */
export const factory: TermFactory<Quad> = { ...DataFactory, literal };

/** n3's own literals put language tags in lower case; ours keep them as they were written. */
function literal(value: string, languageOrDatatype?: string | NamedNode): Literal {
  const made: Literal = DataFactory.literal(value, languageOrDatatype);
  if (typeof languageOrDatatype !== 'string' || made.language === languageOrDatatype) return made;
  // It still equals the one in lower case, as tags are compared without regard to case (RDF 1.1 Concepts, 3.3).
  return Object.defineProperty(made, 'language', { value: languageOrDatatype });
}

/**
 * Makes an IRI term.
 * @throws GraphwrightError `invalid_data` when the text is not an absolute IRI (RFC 3987).
 */
export function iri(value: string): NamedNode {
  // oxlint-disable-next-line no-control-regex -- control characters are what an IRI must not hold
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:[^\u0000-\u0020<>"{}|^`\\]*$/.test(value))
    throw new GraphwrightError('invalid_data', `Not an absolute IRI: ${JSON.stringify(value)}`);
  return factory.namedNode(value);
}

/** Makes the terms of one vocabulary: `const schema = namespace('https://schema.org/'); schema('name')`. */
export const namespace = (base: string) => (term: string) => iri(base + term);

/** The vocabularies that the toolkit itself writes. */
export const gw = namespace('https://w3id.org/graphwright#');
export const rdf = namespace('http://www.w3.org/1999/02/22-rdf-syntax-ns#');
export const rdfs = namespace('http://www.w3.org/2000/01/rdf-schema#');
export const xsd = namespace('http://www.w3.org/2001/XMLSchema#');
export const owl = namespace('http://www.w3.org/2002/07/owl#');
export const prov = namespace('http://www.w3.org/ns/prov#');
export const schema = namespace('https://schema.org/');

/** The IRI of a named graph of ours: `feedback_data` becomes `urn:graphwright:graph:feedback_data`. */
export const graphName = (name: string) => thing('graph', name);

/** The IRI of a thing, always the same for the same kind and id: `urn:graphwright:customer:c-1`. */
export function thing(kind: string, id: string): NamedNode {
  if (!id.isWellFormed())
    throw new GraphwrightError('invalid_data', 'The id holds half of a surrogate pair');
  return iri(`urn:graphwright:${encodeURIComponent(kind)}:${encodeURIComponent(id)}`);
}

/** The id within an IRI that {@link thing} made. */
export const thingId = ({ value }: NamedNode): string =>
  decodeURIComponent(value.slice(value.lastIndexOf(':') + 1));

/** How a character is written within quotes, in SPARQL and in N-Quads alike (ECHAR in both grammars). */
export const escapes: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};
