import type { FastifyReply, FastifyRequest } from 'fastify';
import { Parser, Writer } from 'n3';
import { formatOfMediaType } from '../ontology/formats/formats.ts';
import { writeRdf } from '../ontology/formats/write-rdf.ts';
import { sparql } from '../ontology/sparql.ts';
import { isObservable, type ObservableStore, type OntologyStore } from '../ontology/store.ts';
import { factory, type NamedNode, type Quad } from '../ontology/terms.ts';
import { departure } from '../workflows/expose/call.ts';
import { entityTag, isKnown } from './etag.ts';
import { datasets } from './graph-upload.ts';
import type { GraphChoice } from './graph-write.ts';
import { acceptedType, sendBytes, sendStream } from './negotiation.ts';

const everything = sparql`CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }`;

/** What an embedded store gives back as it was written; all else comes from the engine. */
const faithful = ['text/turtle', 'application/n-triples'];
const offered = [...faithful, 'application/rdf+xml', 'application/ld+json'];

/** Sends a graph in the format that the client likes best; a client that reads slowly holds nothing but itself. */
export async function sendGraph(
  store: OntologyStore,
  graph: GraphChoice,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const mediaType = acceptedType(request, offered);
  if (isObservable(store)) {
    const tag = entityTag(store.version(graph ?? factory.defaultGraph()), mediaType);
    if (isKnown(tag, request, reply)) return reply;
    void reply.header('etag', tag);
  }
  if (graph && faithful.includes(mediaType) && isObservable(store))
    return sendStream(reply, mediaType, written(store, graph, mediaType, departure(reply)));
  const only = { default: graph ? [graph] : [], named: [] };
  const options = {
    signal: departure(reply),
    ...(graph ? { dataset: only } : { unionDefaultGraph: false }),
  };
  const { body } = await store.query(everything, { results: '', quads: mediaType }, options);
  return sendBytes(reply, mediaType, body);
}

const datasetsOffered = [...datasets, 'application/ld+json'];

/** Sends all graphs that the sender may read, as they were given, while they are read. */
export function sendDataset(
  store: ObservableStore,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const mediaType = acceptedType(request, datasetsOffered);
  const tag = entityTag(store.version(), mediaType);
  if (isKnown(tag, request, reply)) return reply;
  const format = formatOfMediaType(mediaType) as 'nquads' | 'trig' | 'jsonld';
  const pages = store.export({ signal: departure(reply) });
  return sendStream(reply.header('etag', tag), mediaType, writeRdf(pages, format));
}

/** The graph's statements as they were given, in pages. */
async function* written(
  store: ObservableStore,
  graph: NamedNode,
  mediaType: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  for await (const page of store.export({ graph, signal })) {
    const quads = new Parser({ format: 'N-Quads', blankNodePrefix: '', factory }).parse(page);
    yield await serialized(quads.map(withoutGraph), mediaType);
  }
}

const withoutGraph = ({ subject, predicate, object }: Quad) =>
  factory.quad(subject, predicate, object);

/** Statements as text; without their graphs. */
export function serialized(quads: Quad[], mediaType: string): Promise<string> {
  const writer = new Writer({ format: mediaType });
  writer.addQuads(quads);
  return new Promise((resolve, reject) => {
    writer.end((error, text: string) => (error ? reject(error) : resolve(text)));
  });
}
