import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import type { OntologyStore } from '../ontology/store.ts';
import { quadFormats, resultFormats, sparqlSchemas } from './sparql-openapi.ts';
import { readSparql, readSparqlBodies } from './sparql-request.ts';

/**
 * SPARQL 1.1 Protocol: `/query` answers queries, `/update` carries out updates.
 * @param longest Milliseconds that either may take.
 */
export function sparqlRoutes(store: OntologyStore, longest: number): FastifyPluginAsync {
  return async (app) => {
    readSparqlBodies(app);
    // The schemas of the routes are documentation: readSparql() is the one that parses.
    app.setValidatorCompiler(() => () => true);
    app.setSerializerCompiler(() => (data) => JSON.stringify(data));
    const answer = answerQuery(store, longest);
    app.get('/query', { schema: sparqlSchemas.get }, answer);
    app.post('/query', { schema: sparqlSchemas.query }, answer);
    app.post('/update', { schema: sparqlSchemas.update }, async (request, reply) => {
      const { text, timeout } = readSparql(request, 'update', longest);
      await store.update(text, { timeout });
      return reply.code(204).send();
    });
  };
}

const answerQuery =
  (store: OntologyStore, longest: number) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { text, timeout } = readSparql(request, 'query', longest);
    const { results, quads } = negotiate(request);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const { kind, mediaType, body } = await store.query(
      text,
      { results: results ?? resultFormats[0], quads: quads ?? quadFormats[0] },
      { signal: gone.signal, timeout },
    );
    if (!(kind === 'quads' ? quads : results)) throw notAcceptable();
    // Of plain text, a browser would guess the encoding.
    const type = mediaType.startsWith('text/') ? `${mediaType}; charset=utf-8` : mediaType;
    return reply.type(type).header('vary', 'accept').send(Buffer.from(body));
  };

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
