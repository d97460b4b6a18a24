import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { GraphwrightError } from '../errors.ts';
import { factory, type Quad } from '../ontology/terms.ts';
import { parse } from '../parse.ts';
import { departure } from '../workflows/expose/call.ts';
import { namedThing } from '../workflows/expose/named-thing.ts';
import type { Access } from './access.ts';
import { acceptedType, sendText } from './negotiation.ts';
import { serialized } from './send-graph.ts';

const withGraphs = ['application/n-quads', 'application/trig'];
const offered = [...withGraphs, 'text/turtle', 'application/n-triples'];

/** Each triple once, whichever graphs say it. */
function merged(quads: readonly Quad[]): Quad[] {
  const triples = quads.map(({ subject, predicate, object }) =>
    factory.quad(subject, predicate, object),
  );
  return [...new Map(triples.map((triple) => [JSON.stringify(triple), triple])).values()];
}

/** Query strings are texts. */
const count = (most: number) => z.coerce.number().int().min(1).max(most);

const Query = z.strictObject({
  iri: z.string(),
  depth: count(16).default(1),
  limit: count(100_000).default(10_000),
});

/**
 * `GET /subjects?iri=…&depth=…` tells what is said of one thing and of what it points to, the nearest
 * first; a thing of which nothing is said is answered with 404.
 */
export function subjectRoute(access: Access): FastifyPluginAsync {
  return async (app) => {
    // The schema of the route is documentation: parse() is what parses.
    app.setValidatorCompiler(() => () => true);
    app.setSerializerCompiler(() => (data) => JSON.stringify(data));
    app.get('/subjects', { schema }, async (request: FastifyRequest, reply: FastifyReply) => {
      const {
        iri: name,
        depth,
        limit,
      } = parse(Query, request.query, 'invalid_parameters', 'subjects');
      const mediaType = acceptedType(request, offered);
      const store = access.storeOf(request);
      const quads = await store.subject(namedThing(name), {
        depth,
        limit,
        signal: departure(reply),
      });
      if (quads.length === 0)
        throw new GraphwrightError('not_found', `Nothing is said of <${name}>`);
      const told = withGraphs.includes(mediaType) ? quads : merged(quads);
      return sendText(reply, mediaType, await serialized(told, mediaType));
    });
  };
}

const schema = {
  operationId: 'get_subject',
  tags: ['graph'],
  summary: 'Describe a thing, and what it points to',
  querystring: {
    type: 'object',
    required: ['iri'],
    additionalProperties: false,
    properties: {
      iri: { type: 'string', format: 'iri', description: 'The thing' },
      depth: {
        type: 'integer',
        minimum: 1,
        maximum: 16,
        default: 1,
        description: 'How many links are followed from it, plus one; blank nodes cost none',
      },
      limit: {
        type: 'integer',
        minimum: 1,
        maximum: 100_000,
        default: 10_000,
        description: 'Statements; more are refused with 413',
      },
    },
  },
  response: {
    200: {
      description: 'The statements; named graphs are told in N-Quads and TriG',
      content: Object.fromEntries(offered.map((type) => [type, { schema: { type: 'string' } }])),
    },
  },
};
