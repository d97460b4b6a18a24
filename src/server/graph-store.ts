import { randomUUID } from 'node:crypto';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import { attributed } from '../ontology/attribution.ts';
import { operation } from '../ontology/provenance/activity.ts';
import { sparql, sparqlText, type Sparql } from '../ontology/sparql.ts';
import type { Conditional, OntologyStore, Precondition, WriteOptions } from '../ontology/store.ts';
import { iri, type NamedNode, type Quad } from '../ontology/terms.ts';
import type { Access } from './access.ts';
import { addressOf } from './address.ts';
import { preconditionOf } from './etag.ts';
import { quadsIn, readGraphBodies } from './graph-body.ts';
import { graphSchemas } from './graph-store-openapi.ts';
import { forgetCharset } from './negotiation.ts';
import { sendGraph, serialized } from './send-graph.ts';

/**
 * SPARQL 1.1 Graph Store HTTP Protocol at `/store`: `?graph=IRI` or `?default` names the graph, or the path
 * below `/store` does, by its own URL. GET reads it, PUT replaces, POST adds, DELETE drops. A POST to `/store`
 * itself makes a new graph and says where. Entity tags (RFC 9110) save reading what is known already, and keep
 * a write from undoing what its writer has not seen.
 */
export function graphStoreRoutes(access: Access): FastifyPluginAsync {
  return async (app) => {
    readGraphBodies(app, baseOf);
    app.addHook('onRequest', forgetCharset);
    // The schemas of the routes are documentation: namedIn() and readGraphBodies() are what parses.
    app.setValidatorCompiler(() => () => true);
    app.setSerializerCompiler(() => (data) => JSON.stringify(data));
    for (const url of ['/store', '/store/*'])
      for (const [method, handler] of Object.entries(handlers))
        app.route({
          method,
          url,
          handler: inItsName(access, handler),
          schema: schemaOf(method, url),
        });
  };
}

type Handler = (
  store: OntologyStore,
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<FastifyReply>;

/** What a request writes is attributed to it. */
const inItsName =
  (access: Access, handler: Handler) => (request: FastifyRequest, reply: FastifyReply) => {
    const { method, url } = request;
    const asked = operation('graph_store', access.agentOf(request), { method, url });
    return attributed(asked, () => handler(access.storeOf(request), request, reply));
  };

/** The protocol's methods; HEAD is answered as GET is, without the body. */
const handlers: Readonly<Record<'GET' | 'PUT' | 'POST' | 'DELETE', Handler>> = {
  async GET(store, request, reply) {
    const graph = namedIn(request);
    await assertThere(store, graph);
    return sendGraph(store, graph, request, reply);
  },
  async PUT(store, request, reply) {
    const graph = namedIn(request);
    const precondition = preconditionOf(request, store, graph);
    const quads = quadsIn(request);
    const created = await write(store, { graph, quads, how: 'replace', precondition });
    return reply.code(created ? 201 : 204).send();
  },
  async POST(store, request, reply) {
    const isNew = namesNone(request);
    const graph = isNew ? iri(`${addressOf(request).value}/${randomUUID()}`) : namedIn(request);
    const precondition = preconditionOf(request, store, graph);
    const quads = quadsIn(request);
    const created = await write(store, { graph, quads, how: 'add', precondition });
    if (isNew && graph) reply.header('location', graph.value);
    return reply.code(created ? 201 : 204).send();
  },
  async DELETE(store, request, reply) {
    const graph = namedIn(request);
    await assertThere(store, graph);
    const drop = graph ? sparql`DROP GRAPH ${graph}` : sparql`DROP DEFAULT`;
    const precondition = preconditionOf(request, store, graph);
    await store.update(drop, conditional(precondition));
    return reply.code(204).send();
  },
};

const schemaOf = (method: string, url: string) =>
  url === '/store' ? graphSchemas[method as keyof typeof graphSchemas] : { hide: true };

/** The graph that a request names; undefined stands for the default graph. */
export type GraphChoice = NamedNode | undefined;

/** A graph's own name, as the protocol has it; of one without a name yet, the address that was asked at. */
const baseOf = (request: FastifyRequest): NamedNode =>
  (namesNone(request) ? undefined : namedIn(request)) ?? addressOf(request);

const namesNone = ({ query, params }: FastifyRequest) =>
  Object.keys(query as object).length === 0 && !('*' in (params as object));

function namedIn(request: FastifyRequest): GraphChoice {
  const { query, params } = request;
  if ('*' in (params as object) && Object.keys(query as object).length === 0)
    return addressOf(request);
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

/** What is to become of a graph. */
interface GraphWrite {
  graph: GraphChoice;
  quads: Quad[];
  how: 'replace' | 'add';
  precondition: Precondition | undefined;
}

/** Only a store with versions is given a precondition; see {@link preconditionOf}. */
const conditional = (precondition: Precondition | undefined): WriteOptions & Conditional =>
  precondition ? { precondition } : {};

/** Writes the quads, in one commit; tells whether the graph is new. */
async function write(
  store: OntologyStore,
  { graph, quads, how, precondition }: GraphWrite,
): Promise<boolean> {
  const isNew = !(await isThere(store, graph));
  const options = conditional(precondition);
  if (!graph) await store.update(await intoDefault(quads, how), options);
  // What was sent may be nothing at all; the graph is there all the same.
  else if (quads.length === 0) await store.update(empty(graph, how), options);
  else if (how === 'replace') await store.replace(graph, quads, options);
  else await store.insert(graph, quads, options);
  return isNew;
}

const empty = (graph: NamedNode, how: 'replace' | 'add'): Sparql =>
  how === 'add'
    ? sparql`CREATE SILENT GRAPH ${graph}`
    : sparql`DROP SILENT GRAPH ${graph} ; CREATE GRAPH ${graph}`;

/** N-Triples are data as they stand, blank nodes and all. */
async function intoDefault(quads: Quad[], how: 'replace' | 'add'): Promise<Sparql> {
  const data = sparqlText(await serialized(quads, 'application/n-triples'));
  const insert = sparql`INSERT DATA { ${data} }`;
  return how === 'replace' ? sparql`DROP DEFAULT ; ${insert}` : insert;
}
