import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import { suggest } from '../nearest.ts';
import { sparqlText, type Sparql } from '../ontology/sparql.ts';
import { decode } from '../workflows/expose/json-body.ts';

const largest = 8 * 1024 * 1024;

/** What a SPARQL Protocol request asks for. */
export interface SparqlRequest {
  text: Sparql;
  /** Milliseconds. */
  timeout: number;
}

/**
 * Makes an app read the bodies of the SPARQL Protocol: a text of the path's own media type, or a form, of
 * at most 8 MiB of UTF-8. {@link readSparql} then finds its fields in either.
 */
export function readSparqlBodies(app: FastifyInstance): void {
  const options = { parseAs: 'buffer', bodyLimit: largest } as const;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>(
    ['application/sparql-query', 'application/sparql-update'],
    options,
    async (request: FastifyRequest, body: Buffer) => {
      const key = request.routeOptions.url!.slice(1);
      const type = request.headers['content-type'] ?? '';
      if (!type.toLowerCase().startsWith(`application/sparql-${key}`))
        throw new GraphwrightError(
          'unsupported_media_type',
          `/${key} takes application/sparql-${key}, not ${type}`,
        );
      return new URLSearchParams({ [key]: decode(body) });
    },
  );
  app.addContentTypeParser<Buffer>(
    'application/x-www-form-urlencoded',
    options,
    async (_: FastifyRequest, body: Buffer) => form(decode(body)),
  );
}

/**
 * The one query or update of a request, from its query string or its body, and how long it may take.
 * @param longest Milliseconds that its `timeout` may be at most, and is when it is not given.
 * @throws GraphwrightError `invalid_parameters` for a text that is missing or repeated, and for unknown keys.
 */
export function readSparql(
  { raw, body }: FastifyRequest,
  key: 'query' | 'update',
  longest: number,
): SparqlRequest {
  const [, queryString = ''] = raw.url!.split(/\?(.*)/s);
  const given = [...form(queryString), ...((body as URLSearchParams | undefined) ?? [])];
  const stray = given.find(([name]) => name !== key && name !== 'timeout');
  // Dropping default-graph-uri and its like would answer from other graphs than were asked.
  if (stray)
    throw invalid(stray[0], `Unknown key ${stray[0]}; ${suggest(stray[0], [key, 'timeout'])}`);
  const valuesOf = (wanted: string) =>
    given.filter(([name]) => name === wanted).map(([, value]) => value);
  const texts = valuesOf(key);
  if (texts.length !== 1)
    throw invalid(key, `Expected one ${key}, found ${texts.length}; ${ways[key]}`);
  return { text: sparqlText(texts[0]!), timeout: timeoutOf(valuesOf('timeout'), longest) };
}

const ways = {
  query: 'send it as ?query=, as a form, or as application/sparql-query',
  update: 'send it as a form or as application/sparql-update',
};

function timeoutOf(given: readonly string[], longest: number): number {
  const [timeout] = given;
  if (timeout === undefined) return longest;
  const milliseconds = /^\d{1,9}$/.test(timeout) ? Number(timeout) : 0;
  if (given.length === 1 && milliseconds >= 1 && milliseconds <= longest) return milliseconds;
  throw invalid('timeout', `Expected one timeout, of 1 to ${longest} milliseconds`);
}

/** URLSearchParams alone would put U+FFFD where bytes are no UTF-8, and leave broken escapes as they are. */
function form(text: string): URLSearchParams {
  try {
    decodeURIComponent(text);
  } catch (cause) {
    throw new GraphwrightError('invalid_parameters', 'The escapes with % are not UTF-8 text', {
      cause,
    });
  }
  return new URLSearchParams(text);
}

const invalid = (key: string, detail: string) =>
  new GraphwrightError('invalid_parameters', detail, {
    problems: [{ pointer: `/${key}`, detail }],
  });
