import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import { sparql, sparqlText, type Sparql } from '../ontology/sparql.ts';
import type { OntologyStore } from '../ontology/store.ts';
import { iri, type NamedNode, type Quad } from '../ontology/terms.ts';
import { parseTurtle } from '../ontology/turtle.ts';
import { decode } from '../workflows/expose/json-body.ts';
import { graphSchemas } from './graph-store-openapi.ts';
import { forgetCharset } from './negotiation.ts';
import { sendGraph, serialized } from './send-graph.ts';

const largest = 64 * 1024 * 1024;

/** What a graph is written in; N-Triples is Turtle as well. */
const readable = ['text/turtle', 'application/n-triples'];

/**
 * SPARQL 1.1 Graph Store HTTP Protocol at `/store`: `?graph=IRI` or `?default` names the graph, or the path
 * below `/store` does, by its own URL. GET reads it, PUT replaces, POST adds, DELETE drops. A POST to `/store`
 * itself makes a new graph and says where.
 */
export function graphStoreRoutes(store: OntologyStore): FastifyPluginAsync {
  return async (app) => {
    readGraphBodies(app);
    app.addHook('onRequest', forgetCharset);
    // The schemas of the routes are documentation: namedIn() and parseTurtle() are what parses.
    app.setValidatorCompiler(() => () => true);
    app.setSerializerCompiler(() => (data) => JSON.stringify(data));
    for (const url of ['/store', '/store/*'])
      for (const [method, handler] of Object.entries(handlers(store)))
        app.route({ method, url, handler, schema: schemaOf(method, url) });
  };
}

/** The protocol's methods; HEAD is answered as GET is, without the body. */
function handlers(store: OntologyStore) {
  return {
    async GET(request: FastifyRequest, reply: FastifyReply) {
      const graph = namedIn(request);
      await assertThere(store, graph);
      return sendGraph(store, graph, request, reply);
    },
    async PUT(request: FastifyRequest, reply: FastifyReply) {
      const created = await write(store, namedIn(request), quadsIn(request), 'replace');
      return reply.code(created ? 201 : 204).send();
    },
    async POST(request: FastifyRequest, reply: FastifyReply) {
      const isNew = namesNone(request);
      const graph = isNew ? iri(`${addressOf(request)}/${randomUUID()}`) : namedIn(request);
      const created = await write(store, graph, quadsIn(request), 'add');
      if (isNew && graph) reply.header('location', graph.value);
      return reply.code(created ? 201 : 204).send();
    },
    async DELETE(request: FastifyRequest, reply: FastifyReply) {
      const graph = namedIn(request);
      await assertThere(store, graph);
      await store.update(graph ? sparql`DROP GRAPH ${graph}` : sparql`DROP DEFAULT`);
      return reply.code(204).send();
    },
  };
}

const schemaOf = (method: string, url: string) =>
  url === '/store' ? graphSchemas[method as keyof typeof graphSchemas] : { hide: true };

const addressOf = ({ protocol, host, raw }: FastifyRequest) =>
  `${protocol}://${host}${raw.url!.split('?', 1)[0]}`;

/** The graph that a request names; undefined stands for the default graph. */
export type GraphChoice = NamedNode | undefined;

const namesNone = ({ query, params }: FastifyRequest) =>
  Object.keys(query as object).length === 0 && !('*' in (params as object));

function namedIn(request: FastifyRequest): GraphChoice {
  const { query, params } = request;
  if ('*' in (params as object) && Object.keys(query as object).length === 0)
    return iri(addressOf(request));
  const { graph, default: merged, ...others } = query as Record<string, string | string[]>;
  const [stray] = Object.keys(others);
  if (stray !== undefined)
    throw invalid(stray, `Unknown key ${stray}; name the graph by graph or default`);
  if (graph === undefined && merged === '') return undefined;
  if (typeof graph !== 'string' || merged !== undefined)
    throw invalid('graph', 'Name one graph: ?graph=<IRI>, or ?default');
  try {
    return iri(graph);
  } catch (cause) {
    throw invalid('graph', (cause as GraphwrightError).message);
  }
}

const invalid = (key: string, detail: string) =>
  new GraphwrightError('invalid_parameters', detail, {
    problems: [{ pointer: `/${key}`, detail }],
  });

/** A graph that was emptied is still there; the default graph always is. */
const isThere = async (store: OntologyStore, graph: GraphChoice): Promise<boolean> =>
  !graph || store.ask(sparql`ASK { GRAPH ${graph} {} }`);

async function assertThere(store: OntologyStore, graph: GraphChoice): Promise<void> {
  if (!(await isThere(store, graph)))
    throw new GraphwrightError('not_found', `No graph <${graph?.value}>`);
}

/** Writes the quads; tells whether the graph is new. */
async function write(
  store: OntologyStore,
  graph: GraphChoice,
  quads: Quad[],
  how: 'replace' | 'add',
): Promise<boolean> {
  const isNew = !(await isThere(store, graph));
  if (!graph) await store.update(await intoDefault(quads, how));
  else if (how === 'replace') await store.replace(graph, quads);
  else await store.insert(graph, quads);
  // What was sent may be nothing at all; the graph is there all the same.
  if (graph && quads.length === 0) await store.update(sparql`CREATE SILENT GRAPH ${graph}`);
  return isNew;
}

/** N-Triples are data as they stand, blank nodes and all. */
async function intoDefault(quads: Quad[], how: 'replace' | 'add'): Promise<Sparql> {
  const data = sparqlText(await serialized(quads, 'application/n-triples'));
  const insert = sparql`INSERT DATA { ${data} }`;
  return how === 'replace' ? sparql`DROP DEFAULT ; ${insert}` : insert;
}

function readGraphBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>(
    readable,
    { parseAs: 'buffer', bodyLimit: largest },
    // Each request's blank nodes are its own, whatever their labels.
    async (_: FastifyRequest, body: Buffer) =>
      parseTurtle(decode(body), 'The body', `r${randomUUID().replaceAll('-', '')}x`),
  );
}

function quadsIn({ body, headers }: FastifyRequest): Quad[] {
  if (Array.isArray(body)) return body as Quad[];
  // An empty body needs no type: it is the graph without statements.
  if (headers['content-length'] === '0' || headers['content-length'] === undefined) return [];
  throw new GraphwrightError(
    'unsupported_media_type',
    `Send the graph as ${readable.join(' or ')}`,
  );
}
