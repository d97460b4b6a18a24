import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import { formatNamed, formatOfMediaType } from '../ontology/formats/formats.ts';
import { quadsOfPages } from '../ontology/formats/page-quads.ts';
import { isPacked, parseRdf } from '../ontology/formats/parse-rdf.ts';
import type { NamedNode, Quad } from '../ontology/terms.ts';
import { parseTurtle } from '../ontology/turtle.ts';
import { decode } from '../workflows/expose/json-body.ts';

/** Bytes that a graph may have that is held as statements. */
export const largest = 64 * 1024 * 1024;

/** Turtle of at most so many bytes is parsed at once; what is longer would hold up other clients. */
export const short = 64 * 1024;

/** What a graph is read from; N-Triples is Turtle as well. */
export const readable = ['turtle', 'ntriples', 'rdfxml', 'jsonld'].map(
  (name) => formatNamed(name).mediaTypes[0],
);

/** The statements of a form's files by the names of its parts. */
export type GraphForm = ReadonlyMap<string, Quad[]>;

/** How an app reads graphs. */
export interface GraphBodies {
  /** Bytes; 64 MiB by default. */
  largest?: number;
  /** Whether a form becomes a {@link GraphForm}, so that its parts may be of different kinds. */
  parts?: boolean;
}

/**
 * Makes an app read graphs as bodies, or several of them as the files of a form (Graph Store Protocol,
 * section 5.5). {@link quadsIn} then finds their statements in either.
 * @param baseOf What a request's relative IRIs are resolved against.
 */
export function readGraphBodies(
  app: FastifyInstance,
  baseOf: (request: FastifyRequest) => NamedNode,
  { largest: bodyLimit = largest, parts = false }: GraphBodies = {},
): void {
  const options = { parseAs: 'buffer', bodyLimit } as const;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>(
    readable,
    options,
    (request: FastifyRequest, bytes: Buffer): Promise<Quad[]> => {
      const mediaType = request.headers['content-type']!;
      return parsed({ bytes, mediaType, name: 'The body', base: baseOf(request).value });
    },
  );
  app.addContentTypeParser<Buffer>(
    'multipart/form-data',
    options,
    async (request: FastifyRequest, body: Buffer): Promise<Quad[] | GraphForm> => {
      const form = await formOf(body, request.headers['content-type']!);
      const found = await files(form, baseOf(request).value);
      return parts ? found : [...found.values()].flat();
    },
  );
}

/** A graph as it was sent. */
interface Document {
  bytes: Uint8Array;
  mediaType: string;
  /** Names it in messages. */
  name: string;
  base: string;
}

/** @throws GraphwrightError `invalid_data` with the place of the mistake, and for a document that names graphs. */
export async function parsed({ bytes, mediaType, name, base }: Document): Promise<Quad[]> {
  const format = formatOfMediaType(mediaType);
  // Each document's blank nodes are its own, whatever their labels.
  const blank = `r${randomUUID().replaceAll('-', '')}x`;
  const isPlain = (format === 'turtle' || format === 'ntriples') && !isPacked(bytes);
  if (isPlain && bytes.length <= short) return parseTurtle(decode(bytes), name, blank, base);
  const pages = parseRdf(once(bytes), { format, name, base, maxBytes: largest });
  const quads = await quadsOfPages(pages);
  if (quads.some(({ graph }) => graph.termType !== 'DefaultGraph')) throw namesGraphs(name);
  return quads;
}

export const namesGraphs = (name: string) =>
  invalid(`${name} names graphs of its own; a graph holds statements only`);

async function* once(bytes: Uint8Array) {
  yield bytes;
}

async function files(form: FormData, base: string): Promise<GraphForm> {
  const found = new Map<string, Quad[]>();
  for (const [field, file] of form) {
    if (typeof file === 'string')
      throw invalid(`The part ${JSON.stringify(field)} is no file: it needs a filename`);
    const mediaType = file.type.split(';', 1)[0]!;
    if (!readable.includes(mediaType)) throw unreadable(file.name);
    const bytes = new Uint8Array(await file.arrayBuffer());
    const quads = found.get(field) ?? [];
    found.set(field, quads);
    for (const quad of await parsed({ bytes, mediaType, name: file.name, base })) quads.push(quad);
  }
  return found;
}

async function formOf(body: Buffer, contentType: string): Promise<FormData> {
  try {
    return await new Response(body, { headers: { 'content-type': contentType } }).formData();
  } catch (cause) {
    throw invalid(
      'The body is not multipart/form-data with the boundary that its type names',
      cause,
    );
  }
}

/** The statements that a request sent. */
export function quadsIn({ body, headers }: FastifyRequest): Quad[] {
  if (Array.isArray(body)) return body as Quad[];
  // An empty body needs no type: it is the graph without statements.
  if (headers['content-length'] === '0' || headers['content-length'] === undefined) return [];
  throw unreadable('the graph');
}

export const unreadable = (what: string) =>
  new GraphwrightError('unsupported_media_type', `Send ${what} as ${readable.join(' or ')}`);

const invalid = (detail: string, cause?: unknown) =>
  new GraphwrightError('invalid_data', detail, { problems: [{ pointer: '', detail }], cause });
