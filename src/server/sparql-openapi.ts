// Adds the OpenAPI keywords to the type of Fastify's route schemas.
/// <reference types="@fastify/swagger" />
import type { FastifySchema } from 'fastify';
import { problemSchema } from '../workflows/expose/problem.ts';

/** What SELECT and ASK are answered in, the preferred first. */
export const resultFormats = [
  'application/sparql-results+json',
  'application/json',
  'application/sparql-results+xml',
  'application/xml',
  'text/csv',
  'text/tab-separated-values',
] as const;

/** What CONSTRUCT and DESCRIBE are answered in, the preferred first. */
export const quadFormats = [
  'text/turtle',
  'application/n-triples',
  'application/rdf+xml',
  'application/ld+json',
  'application/n-quads',
  'application/trig',
] as const;

const text = { type: 'string' };
const timeout = { type: 'integer', minimum: 1, description: 'Milliseconds until it is ended' };
const graphs = (keys: readonly string[]) =>
  Object.fromEntries(
    keys.map((key) => [key, { type: 'array', items: { type: 'string', format: 'iri' } }]),
  );
const queryGraphs = graphs(['default-graph-uri', 'named-graph-uri']);
const updateGraphs = graphs(['using-graph-uri', 'using-named-graph-uri']);
const querystring = (properties: object) => ({ type: 'object', properties });

const body = (key: 'query' | 'update') => ({
  content: {
    [`application/sparql-${key}`]: { schema: text },
    'application/x-www-form-urlencoded': {
      schema: { type: 'object', required: [key], properties: { [key]: text, timeout } },
    },
  },
});

/** What any route of the graph may answer instead. */
export const refusals = {
  '4XX': {
    description: 'The call was refused',
    content: { 'application/problem+json': { schema: problemSchema } },
  },
  '5XX': {
    description: 'The call failed',
    content: { 'application/problem+json': { schema: problemSchema } },
  },
};

const formats = Object.fromEntries(
  [...resultFormats, ...quadFormats].map((format) => [format, { schema: text }]),
);
const answer = { description: 'A table, a truth value or a graph', content: formats };
const asking = { tags: ['sparql'], summary: 'Ask a SPARQL query' };

/** The description of the route to the VoID document. */
export const voidSchema: FastifySchema = {
  tags: ['sparql'],
  operationId: 'void',
  summary: 'Tell what the graph holds: statements, classes, properties (VoID)',
  response: {
    200: {
      description: 'The numbers, at most a minute old',
      content: { 'text/turtle': { schema: text }, 'application/n-triples': { schema: text } },
    },
    ...refusals,
  },
};

/** The descriptions of the SPARQL Protocol's routes. */
export const sparqlSchemas = {
  get: {
    ...asking,
    operationId: 'query_get',
    querystring: querystring({ query: text, timeout, ...queryGraphs }),
    response: { 200: answer, ...refusals },
  },
  query: {
    ...asking,
    operationId: 'query',
    querystring: querystring({ timeout, ...queryGraphs }),
    body: body('query'),
    response: { 200: answer, ...refusals },
  },
  update: {
    tags: ['sparql'],
    operationId: 'update',
    summary: 'Carry out a SPARQL update, all of it or nothing',
    querystring: querystring({ timeout, ...updateGraphs }),
    body: body('update'),
    response: { 204: { description: 'It is done and on disk', type: 'null' }, ...refusals },
  },
  getEither: {
    ...asking,
    operationId: 'sparql_get',
    description: 'Without a query, describes the service (SPARQL 1.1 Service Description).',
    querystring: querystring({ query: text, timeout, ...queryGraphs }),
    response: { 200: answer, ...refusals },
  },
  either: {
    tags: ['sparql'],
    operationId: 'sparql',
    summary: 'Ask a SPARQL query or carry out an update',
    querystring: querystring({ timeout, ...queryGraphs, ...updateGraphs }),
    body: { content: { ...body('query').content, ...body('update').content } },
    response: {
      200: answer,
      204: { description: 'It is done and on disk', type: 'null' },
      ...refusals,
    },
  },
} satisfies Record<string, FastifySchema>;
