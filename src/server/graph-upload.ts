import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isBulkStore } from '../ontology/bulk.ts';
import type { BulkPage } from '../ontology/embedded/bulk-page.ts';
import { formatNamed, formatOfMediaType } from '../ontology/formats/formats.ts';
import { PageSpool } from '../ontology/formats/page-spool.ts';
import { parseRdf, peek } from '../ontology/formats/parse-rdf.ts';
import { assertMayLoad, type Rights } from '../ontology/rights/rights.ts';
import type { OntologyStore } from '../ontology/store.ts';
import type { NamedNode, Quad } from '../ontology/terms.ts';
import type { Semaphore } from '../workflows/semaphore.ts';
import { connectionEnd } from './connection-end.ts';
import {
  largest,
  namesGraphs,
  parsed,
  quadsIn,
  readable,
  readGraphBodies,
  short,
  unreadable,
} from './graph-body.ts';

const datasetFormats = ['nquads', 'trig'];

/** What holds several graphs. */
export const datasets = datasetFormats.map((name) => formatNamed(name).mediaTypes[0]);

/** Bytes that a graph may have once unpacked, which are more statements than the engine takes. */
const longest = 4 * 2 ** 30;

/** Makes an app leave graphs that are sent alone until {@link receive} reads them; forms are read as ever. */
export function streamGraphBodies(
  app: FastifyInstance,
  baseOf: (request: FastifyRequest) => NamedNode,
): void {
  readGraphBodies(app, baseOf);
  app.removeContentTypeParser(readable);
  app.addContentTypeParser([...readable, ...datasets], (_request, payload, done) =>
    done(null, payload),
  );
}

/** Where what is sent goes, and how it is read. */
export interface UploadTarget {
  /** Undefined is the default graph; of a data set, what names no graph. */
  graph: NamedNode | undefined;
  base: NamedNode;
  /** Whether the body says itself which graphs its statements are in. */
  isDataset: boolean;
  store: OntologyStore;
  rights: Rights | undefined;
  uploads: Uploads;
}

/** Where long graphs are read. */
export interface Uploads {
  /** What is read is kept there. */
  directory: string;
  /** Each is a thread, as long as the client sends; further ones wait in line, unread. */
  turns: Semaphore;
}

/** What was received: a few statements, or pages of them. */
export type Received = Quad[] | PageSpool;

/** Whether a request sends several graphs at once. */
export const sendsDataset = ({ headers }: FastifyRequest): boolean =>
  datasetFormats.includes(formatOfMediaType(headers['content-type'] ?? '') ?? '');

/**
 * Reads to its end what a request sends, so that a client which is slow, or makes a mistake, holds up nobody:
 * a short graph as statements, a long one and a data set as pages.
 * @throws GraphwrightError `invalid_data` with the place of the mistake, `too_large`, `unsupported_media_type`,
 * `forbidden`, `store_full`, `cancelled`.
 */
export async function receive(
  request: FastifyRequest,
  { graph, base, isDataset, store, rights, uploads }: UploadTarget,
): Promise<Received> {
  const { body, headers } = request;
  if (!(body instanceof Readable)) return quadsIn(request);
  const mediaType = headers['content-type']!;
  if (!isDataset && sendsDataset(request)) throw unreadable('one graph');
  const bulk = isBulkStore(store);
  if (isDataset && !bulk) throw unreadable('the graph');
  const { beginning, rest } = await peek(body, short + 1);
  const described = { name: 'The body', base: base.value };
  if (!isDataset && beginning.length <= short)
    return parsed({ ...described, bytes: beginning, mediaType });
  const signal = connectionEnd(request);
  const pages = parseRdf(rest, {
    ...described,
    format: formatOfMediaType(mediaType),
    graph: graph?.value,
    maxBytes: bulk ? longest : largest,
    signal,
  });
  const check = (page: BulkPage) => {
    if (!isDataset) assertOneGraph(page, graph);
    if (rights) assertMayLoad(rights, page);
  };
  return uploads.turns.run(() => kept(pages, check, uploads), signal);
}

async function kept(
  pages: AsyncIterable<BulkPage>,
  check: (page: BulkPage) => void,
  { directory }: Uploads,
): Promise<PageSpool> {
  const spool = new PageSpool(directory);
  try {
    for await (const page of pages) {
      check(page);
      await spool.add(page);
    }
  } catch (thrown) {
    await spool[Symbol.asyncDispose]();
    throw thrown;
  }
  return spool;
}

function assertOneGraph({ graphs, inDefaultGraph }: BulkPage, graph: NamedNode | undefined): void {
  const others = graphs.filter((name) => name !== graph?.value);
  if (others.length > 0 || (inDefaultGraph && graph)) throw namesGraphs('The body');
}
