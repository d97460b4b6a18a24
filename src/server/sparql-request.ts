import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import { suggest } from '../nearest.ts';
import { sparqlText, type Sparql } from '../ontology/sparql.ts';
import type { Dataset } from '../ontology/store.ts';
import { iri, type NamedNode } from '../ontology/terms.ts';
import { addressOf } from './address.ts';
import { decode } from '../workflows/expose/json-body.ts';

const largest = 8 * 1024 * 1024;

/** What a SPARQL Protocol request does. */
export type Operation = 'query' | 'update';

/** What a SPARQL Protocol request asks for. */
export interface SparqlRequest {
  operation: Operation;
  text: Sparql;
  /** Milliseconds. */
  timeout: number;
  /** The graphs that the request names; absent when it names none. */
  dataset?: Dataset;
  /** The request's own address without its query string. */
  base: NamedNode;
}

/**
 * Makes an app read the bodies of the SPARQL Protocol: a text of the operation's own media type, or a form,
 * of at most 8 MiB of UTF-8. {@link readSparql} then finds its fields in either.
 */
export function readSparqlBodies(app: FastifyInstance): void {
  const options = { parseAs: 'buffer', bodyLimit: largest } as const;
  app.removeAllContentTypeParsers();
  for (const operation of ['query', 'update'] as const)
    app.addContentTypeParser<Buffer>(
      `application/sparql-${operation}`,
      options,
      async (request: FastifyRequest, body: Buffer) => {
        const path = request.routeOptions.url!;
        if (path === '/sparql' || path === `/${operation}`)
          return new URLSearchParams({ [operation]: decode(body) });
        throw new GraphwrightError(
          'unsupported_media_type',
          `${path} takes application/sparql-${path.slice(1)}, not application/sparql-${operation}`,
        );
      },
    );
  app.addContentTypeParser<Buffer>(
    'application/x-www-form-urlencoded',
    options,
    async (_: FastifyRequest, body: Buffer) => form(decode(body)),
  );
}

/** What SPARQLWrapper repeats its Accept header in, for servers that do not read that; here the header decides. */
const hints = ['format', 'output', 'results'];

/** The fields that name the graphs of each operation (SPARQL 1.1 Protocol, sections 2.1 and 2.2). */
const graphFields = {
  query: { default: 'default-graph-uri', named: 'named-graph-uri' },
  update: { default: 'using-graph-uri', named: 'using-named-graph-uri' },
} as const;

/**
 * The one query or update of a request, from its query string or its body, how long it may take, and the
 * graphs it is about.
 * @param operations What the path offers.
 * @param longest Milliseconds that its `timeout` may be at most, and is when it is not given.
 * @throws GraphwrightError `invalid_parameters` for a text that is missing or repeated, and for unknown keys.
 */
export function readSparql(
  request: FastifyRequest,
  operations: readonly Operation[],
  longest: number,
): SparqlRequest {
  assertDecodable(request.raw.url!);
  const given = fieldsIn(request.query as Record<string, string | string[]>);
  if (request.body) given.push(...(request.body as URLSearchParams));
  const texts = given.filter(([name]) => (operations as readonly string[]).includes(name));
  const [first] = texts;
  if (texts.length !== 1 || !first) throw miscounted(operations, texts.length);
  const operation = first[0] as Operation;
  const { default: merged, named } = graphFields[operation];
  const fields = [operation, 'timeout', merged, named];
  const stray = given.find(([name]) => !fields.includes(name) && !hints.includes(name));
  if (stray) throw invalid(stray[0], `Unknown key ${stray[0]}; ${suggest(stray[0], fields)}`);
  const valuesOf = (wanted: string) =>
    given.filter(([name]) => name === wanted).map(([, value]) => value);
  const graphs = (field: string): NamedNode[] =>
    valuesOf(field).map((value) => graphOf(field, value));
  const dataset = { default: graphs(merged), named: graphs(named) };
  return {
    operation,
    text: sparqlText(first[1]),
    timeout: timeoutOf(valuesOf('timeout'), longest),
    base: addressOf(request),
    ...(dataset.default.length + dataset.named.length > 0 && { dataset }),
  };
}

const ways = {
  query: 'a query is sent as ?query=, as a form, or as application/sparql-query',
  update: 'an update is sent as a form or as application/sparql-update',
};

function miscounted(operations: readonly Operation[], count: number): GraphwrightError {
  const wanted = operations.join(' or ');
  const how = operations.map((operation) => ways[operation]).join('; ');
  return invalid(operations[0]!, `Expected one ${wanted}, found ${count}; ${how}`);
}

function graphOf(field: string, value: string): NamedNode {
  try {
    return iri(value);
  } catch (cause) {
    throw invalid(field, (cause as GraphwrightError).message);
  }
}

function timeoutOf(given: readonly string[], longest: number): number {
  const [timeout] = given;
  if (timeout === undefined) return longest;
  const milliseconds = /^\d{1,9}$/.test(timeout) ? Number(timeout) : 0;
  if (given.length === 1 && milliseconds >= 1 && milliseconds <= longest) return milliseconds;
  throw invalid('timeout', `Expected one timeout, of 1 to ${longest} milliseconds`);
}

/** A query string's fields, of which one may come several times. */
function fieldsIn(query: Record<string, string | string[]>): [name: string, value: string][] {
  const fields: [string, string][] = [];
  for (const [name, values] of Object.entries(query))
    if (typeof values === 'string') fields.push([name, values]);
    else for (const value of values) fields.push([name, value]);
  return fields;
}

function form(text: string): URLSearchParams {
  assertDecodable(text);
  return new URLSearchParams(text);
}

/** Parsers of forms put U+FFFD where bytes are no UTF-8, and leave broken escapes as they are. */
function assertDecodable(text: string): void {
  try {
    decodeURIComponent(text);
  } catch (cause) {
    throw new GraphwrightError('invalid_parameters', 'The escapes with % are not UTF-8 text', {
      cause,
    });
  }
}

const invalid = (key: string, detail: string) =>
  new GraphwrightError('invalid_parameters', detail, {
    problems: [{ pointer: `/${key}`, detail }],
  });
