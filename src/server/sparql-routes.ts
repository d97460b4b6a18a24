import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import type { OntologyStore } from '../ontology/store.ts';
import { departure } from '../workflows/expose/call.ts';
import { quadFormats, resultFormats, sparqlSchemas } from './sparql-openapi.ts';
import {
  readSparql,
  readSparqlBodies,
  type Operation,
  type SparqlRequest,
} from './sparql-request.ts';
import { forgetCharset, sendText } from './negotiation.ts';
import { describeService } from './service-description.ts';

/**
 * SPARQL 1.1 Protocol: `/query` answers queries, `/update` carries out updates, `/sparql` does both. A GET
 * that asks nothing is answered with the service description.
 * @param longest Milliseconds that either may take.
 */
export function sparqlRoutes(store: OntologyStore, longest: number): FastifyPluginAsync {
  const carryOut =
    (...operations: Operation[]) =>
    (request: FastifyRequest, reply: FastifyReply) => {
      if (request.method === 'GET' && !request.raw.url!.includes('?'))
        return describeService(store, request, reply);
      const { operation, ...asked } = readSparql(request, operations, longest);
      return operation === 'query'
        ? answerQuery(store, asked, request, reply)
        : makeUpdate(store, asked, reply);
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

type Asked = Omit<SparqlRequest, 'operation'>;

async function makeUpdate(
  store: OntologyStore,
  { text, ...options }: Asked,
  reply: FastifyReply,
): Promise<FastifyReply> {
  await store.update(text, options);
  return reply.code(204).send();
}

async function answerQuery(
  store: OntologyStore,
  { text, ...options }: Asked,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { results, quads } = negotiate(request);
  const { kind, mediaType, body } = await store.query(
    text,
    { results: results ?? resultFormats[0], quads: quads ?? quadFormats[0] },
    { signal: departure(reply), ...options },
  );
  if (!(kind === 'quads' ? quads : results)) throw notAcceptable();
  return sendText(reply, mediaType, Buffer.from(body));
}

/** A query's kind is known only once it is answered, so a format is chosen for each kind. */
function negotiate(request: FastifyRequest): { results?: string; quads?: string } {
  const accepts = request.accepts();
  const best = (formats: readonly string[]) => [accepts.type([...formats])].flat()[0] || undefined;
  const chosen = { results: best(resultFormats), quads: best(quadFormats) };
  if (chosen.results || chosen.quads) return chosen;
  throw notAcceptable();
}

const notAcceptable = () =>
  new GraphwrightError(
    'not_acceptable',
    `Offered are ${resultFormats.join(', ')}; for graphs ${quadFormats.join(', ')}`,
  );
