import { sparql } from '../../src/ontology/sparql.ts';
import { exchanges, send, type Exchange, type Response } from './connection.ts';
import type { Trial } from './language-tests.ts';
import { graphFiles } from './manifest.ts';
import { readQuads } from './rdf.ts';
import { readResult, sameQuads } from './solutions.ts';
import { fill } from './surfaces.ts';

/** Where our server has what the manifests call /sparql and /gsp. */
const paths = { query: '/query', update: '/update', store: '/store' };

const mediaTypes: Record<string, readonly string[]> = {
  boolean: ['application/sparql-results+json', 'application/sparql-results+xml'],
  tabular: [
    'application/sparql-results+json',
    'application/sparql-results+xml',
    'text/csv',
    'text/tab-separated-values',
  ],
  RDF: ['text/turtle', 'application/n-triples', 'application/rdf+xml'],
};

/** SPARQL 1.1 Protocol: the requests of a test, one after the other. */
export async function checkProtocol({ entry, files, subject }: Trial): Promise<void> {
  await fill(subject, files, graphFiles(entry, entry.node));
  for (const exchange of exchanges(entry)) {
    const path = exchange.path.replace('/sparql/', isUpdate(exchange) ? paths.update : paths.query);
    const response = await send(subject.origin, { ...exchange, path });
    expectStatus(response, exchange);
    const { format, boolean } = exchange.expected;
    const mediaType = mediaTypeOf(response);
    if (format && !mediaTypes[format]!.includes(mediaType))
      throw new Error(`expected a media type for ${format}, got ${mediaType}`);
    if (boolean !== undefined && readResult(response.body, mediaType) !== boolean)
      throw new Error(`expected ${boolean}, got ${response.body.slice(0, 300)}`);
  }
}

function isUpdate({ path, headers, body }: Exchange): boolean {
  const type = headers['content-type'] ?? '';
  if (type.startsWith('application/sparql-')) return type.startsWith('application/sparql-update');
  return /[?&]update=/.test(path) || /^(?:update=|CLEAR)/.test(String(body ?? ''));
}

/** Graph Store HTTP Protocol: likewise, comparing the graphs that come back. */
export async function checkGraphStore({ subject, entry }: Trial): Promise<void> {
  await subject.store.update(sparql`DROP ALL`);
  const known = new Map([
    ['/gsp', paths.store],
    ['http://www.example', subject.origin],
  ]);
  const filled = (text: string) =>
    [...known].reduce((result, [from, to]) => result.replaceAll(from, to), text);
  for (const exchange of exchanges(entry)) {
    const path = filled(decodeOwn(exchange.path));
    const body = exchange.body && Buffer.from(filled(String(exchange.body)));
    const response = await send(subject.origin, { ...exchange, path, body });
    expectStatus(response, exchange);
    expectGraph(response, exchange, filled);
    const { location } = exchange.expected;
    if (!location) continue;
    if (!response.headers['location']) throw new Error('expected a Location');
    known.set(location, encodeURIComponent(response.headers['location']));
  }
}

/** The names of the graphs in a query string stand escaped there; the host within them is still to be put. */
const decodeOwn = (path: string): string =>
  path.replaceAll('http%3A%2F%2Fwww.example%2Fgsp', 'http://www.example/gsp');

function expectGraph(
  response: Response,
  { method, expected }: Exchange,
  filled: (text: string) => string,
): void {
  const wanted = expected.headers['content-type']?.split(';')[0];
  if (wanted && mediaTypeOf(response) !== wanted)
    throw new Error(`expected ${wanted}, got ${mediaTypeOf(response)}`);
  if (expected.body === undefined || method === 'HEAD') return;
  const graph = readQuads(filled(expected.body), wanted!);
  if (!sameQuads(readQuads(response.body, mediaTypeOf(response)), graph))
    throw new Error(`another graph: ${response.body.slice(0, 300)}`);
}

function expectStatus({ status, body }: Response, { method, path, expected }: Exchange): void {
  const fits = expected.statuses.some(
    (each) => each === String(status) || each === `${String(status)[0]}xx`,
  );
  if (!fits)
    throw new Error(
      `${method} ${path}: expected ${expected.statuses.join(' or ')}, got ${status} ${body.slice(0, 300)}`,
    );
}

const mediaTypeOf = ({ headers }: Response): string => headers['content-type']?.split(';')[0] ?? '';
