import type { FastifyRequest } from 'fastify';
import { Writer } from 'n3';
import { iri, namespace, xsd, type NamedNode, type Quad } from '../ontology/terms.ts';
import { acceptedType } from './negotiation.ts';

/** SPARQL 1.1 Service Description. */
export const sd = namespace('http://www.w3.org/ns/sparql-service-description#');
/** VoID; the word itself is taken. */
export const voidTerm = namespace('http://rdfs.org/ns/void#');
/** Unique URIs for File Formats. */
export const format = namespace('http://www.w3.org/ns/formats/');

/** What descriptions of the server and its data are offered in. */
const offered = ['text/turtle', 'application/n-triples'];

/** Where the data are described; its fragment `dataset` stands for the data themselves. */
export const voidPath = '/.well-known/void';

/** The IRI of all that the server holds. */
export const datasetOf = ({ protocol, host }: FastifyRequest): NamedNode =>
  iri(`${protocol}://${host}${voidPath}#dataset`);

/** @throws GraphwrightError `not_acceptable` */
export const descriptionType = (request: FastifyRequest): string =>
  acceptedType(request, offered, 'The description is offered as');

const prefixes = {
  sd: sd('').value,
  void: voidTerm('').value,
  format: format('').value,
  xsd: xsd('').value,
};

/** A description as text of a type that {@link descriptionType} chose. */
export function described(quads: readonly Quad[], mediaType: string): Promise<string> {
  const turtle = mediaType === 'text/turtle';
  const writer = new Writer({
    format: turtle ? 'Turtle' : 'N-Triples',
    ...(turtle && { prefixes }),
  });
  writer.addQuads([...quads]);
  return new Promise((resolve, reject) => {
    writer.end((error, text: string) => (error ? reject(error) : resolve(text)));
  });
}
