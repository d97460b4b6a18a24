import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import { attributed, type Agent } from '../ontology/attribution.ts';
import type { Sparql } from '../ontology/sparql.ts';
import { operation } from '../ontology/provenance/activity.ts';
import { isObservable, type AnswerLimits, type OntologyStore } from '../ontology/store.ts';
import { connectionEnd } from './connection-end.ts';
import { quadFormats, resultFormats, sparqlSchemas } from './sparql-openapi.ts';
import {
  readSparql,
  readSparqlBodies,
  type Operation,
  type SparqlRequest,
} from './sparql-request.ts';
import { entityTag, isKnown } from './etag.ts';
import { forgetCharset, sendBytes } from './negotiation.ts';
import type { Access } from './access.ts';
import { remember } from './remember.ts';
import { describeService } from './service-description.ts';

/**
 * SPARQL 1.1 Protocol: `/query` answers queries, `/update` carries out updates, `/sparql` does both. A GET
 * that asks nothing is answered with the service description.
 */
export function sparqlRoutes(
  access: Access,
  { queryTimeout: longest, limits }: SparqlSettings,
): FastifyPluginAsync {
  const carryOut =
    (...operations: Operation[]) =>
    (request: FastifyRequest, reply: FastifyReply) => {
      const store = access.storeOf(request);
      if (request.method === 'GET' && !request.raw.url!.includes('?'))
        return describeService(store, request, reply);
      const { operation: wanted, ...asked } = readSparql(request, operations, longest);
      return wanted === 'query'
        ? answerQuery(store, { ...asked, limits }, request, reply)
        : makeUpdate(store, { ...asked, agent: access.agentOf(request) }, reply);
    };
  return async (app) => {
    readSparqlBodies(app);
    app.addHook('onRequest', forgetCharset);
    // The schemas of the routes are documentation: readSparql() is the one that parses.
    app.setValidatorCompiler(() => () => true);
    app.setSerializerCompiler(() => (data) => JSON.stringify(data));
    app.get('/query', { schema: sparqlSchemas.get }, carryOut('query'));
    app.post('/query', { schema: sparqlSchemas.query }, carryOut('query'));
    app.post('/update', { schema: sparqlSchemas.update }, carryOut('update'));
    app.get('/sparql', { schema: sparqlSchemas.getEither }, carryOut('query'));
    app.post('/sparql', { schema: sparqlSchemas.either }, carryOut('query', 'update'));
  };
}

/** What one request may take. */
export interface SparqlSettings {
  /** Milliseconds for a query or an update. */
  queryTimeout: number;
  limits: AnswerLimits;
}

type Asked = Omit<SparqlRequest, 'operation'>;

async function makeUpdate(
  store: OntologyStore,
  { text, agent, ...options }: Asked & { agent: Agent },
  reply: FastifyReply,
): Promise<FastifyReply> {
  const asked = operation('sparql_update', agent, { update: text.toString() });
  await attributed(asked, () => store.update(text, { ...options, counted: false }));
  return reply.code(204).send();
}

async function answerQuery(
  store: OntologyStore,
  { text, ...options }: Asked & { limits: AnswerLimits },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { results, quads } = negotiate(request);
  const formats = { results: results ?? resultFormats[0], quads: quads ?? quadFormats[0] };
  const version = request.method === 'POST' ? undefined : versionFor(store, text);
  const tag = version && entityTag(version, formats.results, formats.quads);
  if (tag && isKnown(tag, request, reply)) return reply;
  const { kind, mediaType, body } = await store.query(text, formats, {
    signal: connectionEnd(request),
    ...options,
  });
  if (!(kind === 'quads' ? quads : results)) throw notAcceptable();
  if (tag) void reply.header('etag', tag);
  return sendBytes(reply, mediaType, body);
}

/** The version that an answer is good for: until something is written, unless the query asks for time or chance. */
const versionFor = (store: OntologyStore, text: Sparql): string | undefined =>
  // With escapes the functions' names may be hidden.
  isObservable(store) && !/\b(?:NOW|RAND|UUID|STRUUID)\b|\\u/i.test(text.toString())
    ? store.version()
    : undefined;

/** A query's kind is known only once it is answered, so a format is chosen for each kind. */
const negotiate = (request: FastifyRequest): Formats =>
  negotiated(request.headers.accept ?? '', request);

interface Formats {
  results?: string;
  quads?: string;
}

const negotiated = remember<Formats, FastifyRequest>((_header, request) => {
  const accepts = request.accepts();
  const best = (formats: readonly string[]) => [accepts.type([...formats])].flat()[0] || undefined;
  const chosen = { results: best(resultFormats), quads: best(quadFormats) };
  if (chosen.results || chosen.quads) return chosen;
  throw notAcceptable();
});

const notAcceptable = () =>
  new GraphwrightError(
    'not_acceptable',
    `Offered are ${resultFormats.join(', ')}; for graphs ${quadFormats.join(', ')}`,
  );
