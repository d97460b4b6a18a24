import type { Bindings } from '@rdfjs/types';
import sparqljs from 'sparqljs';
import { withPlace } from '../parse-place.ts';
import { GraphwrightError } from '../../errors.ts';
import { scanQuery } from '../scan.ts';
import type { Sparql } from '../sparql.ts';
import type { OntologyStore, Row } from '../store.ts';
import { guardedFetch } from './guarded-fetch.ts';
import { PortSource } from './port-source.ts';
import { timeLimit } from '../../time-limit.ts';

/** What {@link federatedQuery} asks, and within which limits. */
export interface Federation {
  /** The graph at home. */
  store: OntologyStore;
  /** URLs of the SPARQL endpoints that are asked as well; nobody else is. */
  endpoints: readonly string[];
  /** Those of the endpoints' hosts, with the port, that may be at private addresses: `localhost:8890`. */
  privateHosts?: readonly string[];
  signal?: AbortSignal;
  /** Milliseconds for the whole; 30,000 by default. */
  timeout?: number;
  /** How many rows the answer may have, and how many quads a pattern may match at home; 10,000 by default. */
  maxRows?: number;
  /** The longest single answer of an endpoint; 16 MiB by default. */
  maxBytes?: number;
}

/**
 * Answers one SELECT over the graph at home and remote endpoints together, as if all were one graph: each
 * pattern may match at any of them. Comunica, an optional peer dependency, is loaded with
 * the first call.
 * @throws GraphwrightError `invalid_query` for what is not a SELECT; `forbidden` for SERVICE, for hosts that
 * are not listed and for addresses that are not public; `too_large`, `timeout`, `cancelled`;
 * `integration_failed` when an endpoint does not answer; `invalid_configuration` without Comunica.
 */
export async function federatedQuery(query: Sparql, federation: Federation): Promise<Row[]> {
  const { signal: caller, timeout = 30_000, maxRows = 10_000 } = federation;
  const text = selectText(query);
  const ended = new AbortController();
  const deadline = timeLimit(timeout);
  const signals = [deadline, ended.signal, ...(caller ? [caller] : [])];
  const signal = AbortSignal.any(signals);
  try {
    signal.throwIfAborted();
    return await untilAborted(answer(text, federation, signal, maxRows), signal);
  } catch (thrown) {
    if (caller?.aborted)
      throw new GraphwrightError('cancelled', 'The query was cancelled', { cause: thrown });
    if (deadline.aborted)
      throw new GraphwrightError('timeout', `The query took over ${timeout} ms`, { cause: thrown });
    throw failure(thrown);
  } finally {
    // What other sources are still sending is of no use any more.
    ended.abort();
  }
}

async function answer(
  text: string,
  { store, endpoints, privateHosts = [], maxBytes = 16 * 2 ** 20 }: Federation,
  signal: AbortSignal,
  maxRows: number,
): Promise<Row[]> {
  const hosts = new Set(endpoints.map(hostOf));
  const refusals: GraphwrightError[] = [];
  const lists = { hosts, privateHosts: new Set(privateHosts) };
  const fetch = noting(refusals, guardedFetch({ ...lists, maxBytes, signal }));
  const { QueryEngine } = await comunica();
  const home = new PortSource(store, maxRows, { signal });
  const remote = endpoints.map((value) => ({ type: 'sparql' as const, value }));
  try {
    const sources = [home, ...remote] as [PortSource, ...typeof remote];
    const found = await new QueryEngine().queryBindings(text, { sources, fetch });
    const rows: Row[] = [];
    for await (const bindings of found) {
      if (rows.length === maxRows)
        throw new GraphwrightError('too_large', `The answer has more than ${maxRows} rows`);
      rows.push(rowOf(bindings));
    }
    return rows;
  } catch (thrown) {
    // Comunica wraps what its sources throw.
    throw refusals[0] ?? thrown;
  }
}

/** An optional peer: on Node 20 its own dependencies load only with an override that no library can make. */
async function comunica() {
  try {
    return await import('@comunica/query-sparql');
  } catch (cause) {
    throw new GraphwrightError(
      'invalid_configuration',
      'Federation needs the package @comunica/query-sparql 5.4.1; on Node 20 with `"overrides": { "undici": "7.30.2" }` in the package.json of the program',
      { cause },
    );
  }
}

const noting =
  (refusals: GraphwrightError[], inner: typeof fetch): typeof fetch =>
  async (input, init) => {
    try {
      return await inner(input, init);
    } catch (thrown) {
      if (thrown instanceof GraphwrightError) refusals.push(thrown);
      throw thrown;
    }
  };

function selectText(query: Sparql): string {
  const text = query.toString();
  if (scanQuery(text) !== 'SELECT')
    throw new GraphwrightError('invalid_query', 'A federated query is a SELECT');
  try {
    new sparqljs.Parser().parse(text);
  } catch (thrown) {
    const cause = withPlace(thrown, text);
    const detail = (cause as Error).message.slice(0, 300);
    throw new GraphwrightError('invalid_query', `The SPARQL text is not valid: ${detail}`, {
      problems: [{ pointer: '', detail }],
      cause,
    });
  }
  return text;
}

function hostOf(endpoint: string): string {
  if (URL.canParse(endpoint)) return new URL(endpoint).host;
  throw new GraphwrightError(
    'invalid_configuration',
    `An endpoint is a URL such as https://graph.example.org/sparql, not ${JSON.stringify(endpoint)}`,
  );
}

const rowOf = (bindings: Bindings): Row =>
  Object.fromEntries([...bindings].map(([variable, term]) => [variable.value, term]));

function failure(thrown: unknown): GraphwrightError {
  if (thrown instanceof GraphwrightError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new GraphwrightError('integration_failed', message.slice(0, 300), { cause: thrown });
}

/** A source that never answers must not hold the caller. */
function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    promise.then(resolve, reject);
  });
}
