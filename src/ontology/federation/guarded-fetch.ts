import { lookup as resolve, type LookupAddress, type LookupOptions } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { ReadableStream } from 'node:stream/web';
import ipaddr from 'ipaddr.js';
import { GraphwrightError } from '../../errors.ts';

/** Whom {@link guardedFetch} may speak to, and within which limits. */
export interface GuardedFetchConfiguration {
  /** Hosts with their ports, as in a URL: `dbpedia.org`, `graph.example.org:8443`. */
  hosts: ReadonlySet<string>;
  /** Those of the hosts that may be at an address which is not public. */
  privateHosts: ReadonlySet<string>;
  /** The longest answer. */
  maxBytes: number;
  /** Ends every request. */
  signal: AbortSignal;
}

const redirects = 3;

/**
 * Makes a fetch for addresses that come from outside: listed hosts only, at public addresses only, which
 * are checked once more as the name is resolved for the connection itself, and again after each redirect.
 * Its errors are `forbidden`, `too_large` and those of the connection.
 */
export function guardedFetch(configuration: GuardedFetchConfiguration): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const body = Buffer.from(await request.arrayBuffer());
    let url = new URL(request.url);
    for (let count = 0; count <= redirects; count += 1) {
      const answer = await send(url, request, body, configuration);
      // What is left of an answer that nobody reads on may be cut off; that is no news.
      answer.on('error', () => undefined);
      const target = redirection(answer, request.method);
      if (!target) return responseTo(answer, url, configuration.maxBytes);
      answer.destroy();
      url = new URL(target, url);
    }
    throw forbidden(`${request.url} redirects more than ${redirects} times`);
  };
}

async function send(
  url: URL,
  { method, headers, signal }: Request,
  body: Buffer,
  configuration: GuardedFetchConfiguration,
): Promise<IncomingMessage> {
  check(url, configuration);
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const lookup = configuration.privateHosts.has(url.host) ? resolve : publicLookup;
  const options = {
    method,
    // Counted are the bytes that arrive, so none may be packed.
    headers: { ...Object.fromEntries(headers), 'accept-encoding': 'identity' },
    lookup: lookup as typeof publicLookup,
    signal: AbortSignal.any([signal, configuration.signal]),
    agent: false,
  };
  return new Promise((done, fail) => {
    open(url, options, done).on('error', fail).end(body);
  });
}

/** A literal address is never looked up, so it is checked here; the URL parser has made it canonical. */
function check({ protocol, host, hostname }: URL, lists: GuardedFetchConfiguration): void {
  if (protocol !== 'http:' && protocol !== 'https:')
    throw forbidden(`${protocol} is not spoken here; endpoints are http or https`);
  if (!lists.hosts.has(host)) throw forbidden(`${host} is not among the listed endpoints`);
  const literal = hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) && !lists.privateHosts.has(host)) refusePrivate(host, literal);
}

function refusePrivate(host: string, address: string): void {
  const range = ipaddr.process(address).range();
  if (range !== 'unicast')
    throw forbidden(`${host} is at ${address}, which is no public address (${range})`);
}

/** Resolves a name for a connection, and refuses it when any of its addresses is not public. */
function publicLookup(
  name: string,
  options: LookupOptions,
  done: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
): void {
  resolve(name, { ...options, all: true }, (error, found) => {
    if (error) return done(error, []);
    try {
      for (const { address } of found) refusePrivate(name, address);
    } catch (refusal) {
      return done(refusal as Error, []);
    }
    if (options.all) return done(null, found);
    done(null, found[0]!.address, found[0]!.family);
  });
}

/** Where an answer sends us; a body is sent on only where the status says that the method stays. */
function redirection(
  { statusCode = 0, headers }: IncomingMessage,
  method: string,
): string | undefined {
  const follows = method === 'GET' ? [301, 302, 303, 307, 308] : [307, 308];
  return follows.includes(statusCode) ? headers.location : undefined;
}

function responseTo(answer: IncomingMessage, url: URL, maxBytes: number): Response {
  const encoding = answer.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    answer.destroy();
    throw forbidden(`${url.host} answered in ${encoding}, which was not asked for`);
  }
  const status = answer.statusCode ?? 502;
  const headers = Object.entries(answer.headers).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  const empty = [204, 205, 304].includes(status);
  const body = empty
    ? null
    : (ReadableStream.from(counted(answer, url, maxBytes)) as ReadableStream<Uint8Array>);
  const response = new Response(body, { status, headers });
  Object.defineProperty(response, 'url', { value: url.href });
  return response;
}

async function* counted(answer: IncomingMessage, { host }: URL, maxBytes: number) {
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes)
      throw new GraphwrightError('too_large', `${host} answered with over ${maxBytes} bytes`);
    yield new Uint8Array(chunk);
  }
}

const forbidden = (message: string) => new GraphwrightError('forbidden', message);
