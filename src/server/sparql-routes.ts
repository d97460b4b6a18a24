import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import { sparqlText } from '../ontology/sparql.ts';
import type { AnswerFormats, OntologyStore } from '../ontology/store.ts';
import { decode } from '../workflows/expose/json-body.ts';

const resultFormats = [
  'application/sparql-results+json',
  'application/json',
  'application/sparql-results+xml',
  'application/xml',
  'text/csv',
  'text/tab-separated-values',
];
const quadFormats = [
  'text/turtle',
  'application/n-triples',
  'application/rdf+xml',
  'application/ld+json',
  'application/n-quads',
  'application/trig',
];
const largest = 8 * 1024 * 1024;

/** SPARQL 1.1 Protocol: `/query` answers queries, `/update` carries out updates. */
export function sparqlRoutes(store: OntologyStore): FastifyPluginAsync {
  return async (app) => {
    readSparqlBodies(app);
    // Outside of what OpenAPI can say: the answer's form depends on the query.
    const schema = { tags: ['sparql'] };
    app.get(
      '/query',
      { schema: { ...schema, operationId: 'query_get', summary: 'Ask a SPARQL query' } },
      (request, reply) => answerQuery(store, request, reply),
    );
    app.post(
      '/query',
      { schema: { ...schema, operationId: 'query', summary: 'Ask a SPARQL query' } },
      (request, reply) => answerQuery(store, request, reply),
    );
    app.post(
      '/update',
      { schema: { ...schema, operationId: 'update', summary: 'Carry out a SPARQL update' } },
      async (request, reply) => {
        await store.update(sparqlText(textOf(request, 'update')));
        return reply.code(204).send();
      },
    );
  };
}

async function answerQuery(
  store: OntologyStore,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const query = sparqlText(textOf(request, 'query'));
  const { mediaType, body } = await store.query(query, negotiate(request), { signal: gone.signal });
  return reply.type(mediaType).header('vary', 'accept').send(Buffer.from(body));
}

/** A query's kind is known only once it is answered, so a format is chosen for each kind. */
function negotiate(request: FastifyRequest): AnswerFormats {
  const accepts = request.accepts();
  const results = accepts.type(resultFormats);
  const quads = accepts.type(quadFormats);
  if (!results && !quads)
    throw new GraphwrightError(
      'not_acceptable',
      `Offered are ${[...resultFormats, ...quadFormats].join(', ')}`,
    );
  return { results: first(results) ?? resultFormats[0]!, quads: first(quads) ?? quadFormats[0]! };
}

const first = (choice: string | string[] | false) =>
  choice === false ? undefined : [choice].flat()[0];

/** The query or update of a request: one, and only one. */
function textOf(request: FastifyRequest, key: 'query' | 'update'): string {
  const query = request.query as Record<string, string | string[]>;
  const given =
    typeof request.body === 'string'
      ? request.body
      : (request.body as URLSearchParams | undefined)?.getAll(key);
  const texts = [query[key], given].flat().filter((text) => text !== undefined);
  const [text] = texts;
  if (texts.length === 1 && text !== undefined) return text;
  throw new GraphwrightError(
    'invalid_parameters',
    `Expected one ${key}, found ${texts.length}: send it as ?${key}=, as a form, or as application/sparql-${key}`,
  );
}

function readSparqlBodies(app: FastifyInstance): void {
  const options = { parseAs: 'buffer', bodyLimit: largest } as const;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>(
    ['application/sparql-query', 'application/sparql-update'],
    options,
    async (request: FastifyRequest, body: Buffer) => {
      const [path] = request.url.split('?', 1);
      const expected = `application/sparql-${path!.slice(1)}`;
      const type = request.headers['content-type'] ?? '';
      if (!type.startsWith(expected))
        throw new GraphwrightError(
          'unsupported_media_type',
          `${path} takes ${expected}, not ${type}`,
        );
      return decode(body);
    },
  );
  app.addContentTypeParser<Buffer>(
    'application/x-www-form-urlencoded',
    options,
    async (_: FastifyRequest, body: Buffer) => new URLSearchParams(decode(body)),
  );
}
