import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import { attributed, type Agent } from '../ontology/attribution.ts';
import { operation } from '../ontology/provenance/activity.ts';
import { sparql } from '../ontology/sparql.ts';
import { isObservable, type OntologyStore } from '../ontology/store.ts';
import { iri, type NamedNode } from '../ontology/terms.ts';
import { Semaphore } from '../workflows/semaphore.ts';
import type { Access } from './access.ts';
import { addressOf } from './address.ts';
import { preconditionOf } from './etag.ts';
import { quadsIn, readGraphBodies } from './graph-body.ts';
import { graphSchemas } from './graph-store-openapi.ts';
import {
  receive,
  sendsDataset,
  streamGraphBodies,
  type Received,
  type UploadTarget,
} from './graph-upload.ts';
import { add, addDataset, conditional, isThere, write, type GraphChoice } from './graph-write.ts';
import { tellOfLoad, wantsEvents, type Loading } from './load-events.ts';
import { forgetCharset } from './negotiation.ts';
import { sendDataset, sendGraph } from './send-graph.ts';

/** How many long graphs are read at once. */
const atOnce = 4;

/**
 * SPARQL 1.1 Graph Store HTTP Protocol at `/store`: `?graph=IRI` or `?default` names the graph, or the path
 * below `/store` does, by its own URL. GET reads it, PUT replaces, POST adds, DELETE drops. A POST to `/store`
 * itself makes a new graph and says where. As with the Oxigraph server, `/store` itself also gives all graphs as
 * one data set, and takes one. Entity tags (RFC 9110) save reading what is known already, and keep
 * a write from undoing what its writer has not seen.
 * @param directory Where long graphs are kept until all of them are there.
 */
export function graphStoreRoutes(access: Access, directory: string): FastifyPluginAsync {
  const uploads = { directory, turns: new Semaphore(atOnce) };
  const callOf = (request: FastifyRequest): Call => ({
    store: access.storeOf(request),
    rights: access.rightsOf(request),
    agent: access.agentOf(request),
    uploads,
  });
  return async (app) => {
    app.addHook('onRequest', forgetCharset);
    // The schemas of the routes are documentation: namedIn() and the readers of bodies are what parses.
    app.setValidatorCompiler(() => () => true);
    app.setSerializerCompiler(() => (data) => JSON.stringify(data));
    const { POST, ...others } = handlers;
    await app.register(async (whole) => {
      readGraphBodies(whole, baseOf);
      route(whole, callOf, others);
    });
    await app.register(async (streamed) => {
      streamGraphBodies(streamed, baseOf);
      route(streamed, callOf, { POST });
    });
  };
}

/** Who asks, and what the request is answered with. */
interface Call extends Pick<UploadTarget, 'store' | 'rights' | 'uploads'> {
  agent: Agent;
}

type Handler = (call: Call, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

function route(
  app: FastifyInstance,
  callOf: (request: FastifyRequest) => Call,
  routed: Readonly<Record<string, Handler>>,
): void {
  for (const url of ['/store', '/store/*'])
    for (const [method, handler] of Object.entries(routed))
      app.route({
        method,
        url,
        schema: schemaOf(method, url),
        handler: (request, reply) => inItsName(callOf(request), handler, request, reply),
      });
}

/** What a request writes is attributed to it. */
function inItsName(call: Call, handler: Handler, request: FastifyRequest, reply: FastifyReply) {
  const { method, url } = request;
  const asked = operation('graph_store', call.agent, { method, url });
  return attributed(asked, () => handler(call, request, reply));
}

/** The protocol's methods; HEAD is answered as GET is, without the body. */
const handlers: Readonly<Record<'GET' | 'PUT' | 'POST' | 'DELETE', Handler>> = {
  async GET({ store }, request, reply) {
    if (namesNone(request) && isObservable(store)) return sendDataset(store, request, reply);
    const graph = namedIn(request);
    await assertThere(store, graph);
    return sendGraph(store, graph, request, reply);
  },
  async PUT({ store }, request, reply) {
    const graph = namedIn(request);
    const precondition = preconditionOf(request, store, graph);
    const quads = quadsIn(request);
    const created = await write(store, { graph, quads, how: 'replace', precondition });
    return reply.code(created ? 201 : 204).send();
  },
  async POST(call, request, reply) {
    const { store } = call;
    const isNew = namesNone(request);
    if (isNew && sendsDataset(request)) {
      assertUnconditional(request);
      const target = { graph: undefined, base: addressOf(request), isDataset: true };
      const received = await receive(request, { ...call, ...target });
      return answered(request, reply, received, async (options) => {
        await addDataset(store, { received, ...options });
        return { created: false };
      });
    }
    const graph = isNew ? iri(`${addressOf(request).value}/${randomUUID()}`) : namedIn(request);
    const precondition = preconditionOf(request, store, graph);
    const target = { graph, base: baseOf(request), isDataset: false };
    const received = await receive(request, { ...call, ...target });
    return answered(request, reply, received, async (options) => ({
      created: await add(store, { graph, received, precondition, ...options }),
      ...(isNew && { location: graph?.value }),
    }));
  },
  async DELETE({ store }, request, reply) {
    const graph = namedIn(request);
    await assertThere(store, graph);
    const drop = graph ? sparql`DROP GRAPH ${graph}` : sparql`DROP DEFAULT`;
    const precondition = preconditionOf(request, store, graph);
    await store.update(drop, conditional(precondition));
    return reply.code(204).send();
  },
};

/** Loads what was received, and tells meanwhile how far it is if the client asks for that. */
async function answered(
  request: FastifyRequest,
  reply: FastifyReply,
  received: Received,
  load: Loading,
): Promise<FastifyReply> {
  const statements = Array.isArray(received) ? received.length : received.statements;
  if (wantsEvents(request)) return tellOfLoad(request, reply, statements, load);
  const { created, location } = await load({});
  if (location !== undefined) reply.header('location', location);
  return reply.code(created ? 201 : 204).send();
}

const schemaOf = (method: string, url: string) =>
  url === '/store' ? graphSchemas[method as keyof typeof graphSchemas] : { hide: true };

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

async function assertThere(store: OntologyStore, graph: GraphChoice): Promise<void> {
  if (!(await isThere(store, graph)))
    throw new GraphwrightError('not_found', `No graph <${graph?.value}>`);
}

/** A condition is on one graph. */
function assertUnconditional({ headers }: FastifyRequest): void {
  const [stray] = ['if-match', 'if-none-match'].filter((name) => headers[name] !== undefined);
  if (stray !== undefined)
    throw invalid(stray, `${stray} is for one graph; name it by graph or default`);
}
