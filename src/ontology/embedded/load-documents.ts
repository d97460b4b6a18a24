import { GraphwrightError, type SerializedError } from '../../errors.ts';
import { guardedFetch } from '../federation/guarded-fetch.ts';
import { formatOfFile, formatOfMediaType, formats } from '../formats/formats.ts';
import { writtenText } from './written-text.ts';
import { parseRdf } from '../formats/parse-rdf.ts';
import { timeLimit } from '../../time-limit.ts';

/** Whom the LOAD of an update may fetch documents from. Nobody by default. */
export interface LoadFrom {
  /** Hosts with their ports, as in a URL: `dbpedia.org`, `data.example.org:8443`. */
  hosts: readonly string[];
  /** Those of the hosts that may be at an address which is not public. */
  privateHosts?: readonly string[];
  /** The largest document once unpacked; 64 MiB by default. */
  maxBytes?: number;
}

/** What one LOAD of an update asks for. */
export interface LoadOperation {
  source: string;
}

/** What came of it: statements in lines of N-Quads, in the default graph, or why there are none. */
export type LoadedDocument = { statements: string } | { error: SerializedError };

/** Documents by their addresses. */
export type LoadedDocuments = Readonly<Record<string, LoadedDocument>>;

/**
 * Fetches what an update is about to load, within one deadline for all. A document that cannot be had is
 * told as such: whether that matters is for SILENT to say.
 * @throws GraphwrightError `forbidden` for a host that is not listed, before any connection; `cancelled`,
 * `timeout`.
 */
export async function loadDocuments(
  operations: readonly LoadOperation[],
  { hosts, privateHosts = [], maxBytes = 64 * 2 ** 20 }: LoadFrom,
  { signal, timeout }: { signal?: AbortSignal; timeout: number },
): Promise<LoadedDocuments> {
  const sources = [...new Set(operations.map(({ source }) => source))];
  for (const source of sources) assertListed(source, hosts);
  const deadline = timeLimit(timeout);
  const ended = signal ? AbortSignal.any([signal, deadline]) : deadline;
  const lists = { hosts: new Set(hosts), privateHosts: new Set(privateHosts) };
  const fetch = guardedFetch({ ...lists, maxBytes, signal: ended });
  const documents: Record<string, LoadedDocument> = Object.create(null) as object as never;
  for (const source of sources)
    try {
      documents[source] = { statements: await read(source, fetch, maxBytes, ended) };
    } catch (thrown) {
      if (ended.aborted) throw GraphwrightError.from(ended.reason);
      documents[source] = { error: failure(source, thrown).toJSON() };
    }
  return documents;
}

function assertListed(source: string, hosts: readonly string[]): void {
  if (hosts.includes(hostOf(source))) return;
  throw new GraphwrightError(
    'forbidden',
    `LOAD <${source}>: its host is not among those in store.loadFrom, so nothing was fetched`,
  );
}

function hostOf(source: string): string {
  return URL.canParse(source) ? new URL(source).host : '';
}

const accept = formats
  .filter(({ readable }) => readable)
  .map(({ mediaTypes: [type] }) => type)
  .join(', ');

async function read(
  source: string,
  fetch: typeof globalThis.fetch,
  maxBytes: number,
  signal: AbortSignal,
): Promise<string> {
  const answer = await fetch(source, { headers: { accept } });
  if (!answer.ok)
    throw new GraphwrightError('integration_failed', `<${source}> answered ${answer.status}`);
  const mediaType = answer.headers.get('content-type') ?? '';
  const format = formatOfMediaType(mediaType) ?? formatOfFile(new URL(source).pathname);
  const body = (answer.body ?? []) as AsyncIterable<Uint8Array>;
  const options = { name: `<${source}>`, base: source, maxBytes, signal };
  // A plain text may be anything; its content says what.
  const known = mediaType.startsWith('text/plain') ? undefined : format;
  let statements = '';
  for await (const page of parseRdf(body, { ...options, format: known })) {
    if (page.graphs.length > 0)
      throw new GraphwrightError(
        'invalid_data',
        `<${source}> names graphs itself; LOAD takes one graph`,
      );
    statements += writtenText(page);
  }
  return statements;
}

function failure(source: string, thrown: unknown): GraphwrightError {
  if (thrown instanceof GraphwrightError) return thrown;
  const cause = thrown instanceof Error ? thrown.message : String(thrown);
  return new GraphwrightError('integration_failed', `<${source}> could not be fetched: ${cause}`, {
    cause: thrown,
  });
}
