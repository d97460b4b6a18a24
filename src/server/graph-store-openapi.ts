// Adds the OpenAPI keywords to the type of Fastify's route schemas.
/// <reference types="@fastify/swagger" />
import type { FastifySchema } from 'fastify';
import { readable } from './graph-body.ts';
import { datasets } from './graph-upload.ts';
import { problemSchema } from '../workflows/expose/problem.ts';

const text = { type: 'string' };
const graph = { type: 'string', format: 'iri', description: 'The graph; or say default' };
const named = {
  type: 'object',
  properties: {
    graph,
    default: { type: 'string', description: 'Without a value: the default graph' },
  },
};
const problem = { content: { 'application/problem+json': { schema: problemSchema } } };
const refusals = {
  '4XX': { description: 'The call was refused', ...problem },
  '5XX': { description: 'The call failed', ...problem },
};
const content = (...types: string[]) => ({
  content: Object.fromEntries(types.map((type) => [type, { schema: text }])),
});
const graphTypes = [...readable, 'multipart/form-data'];
const body = content(...graphTypes);
const done = (code: number, description: string) => ({ [code]: { description, type: 'null' } });

const shared = { tags: ['sparql'], querystring: named };

/** The descriptions of the Graph Store Protocol's routes. */
export const graphSchemas = {
  GET: {
    ...shared,
    operationId: 'graph_get',
    summary: 'Read a graph, or without a name all of them',
    response: {
      200: {
        description: 'The graph, or all graphs as one data set',
        ...content(
          'text/turtle',
          'application/n-triples',
          'application/rdf+xml',
          'application/ld+json',
          ...datasets,
        ),
      },
      ...refusals,
    },
  },
  PUT: {
    ...shared,
    operationId: 'graph_put',
    summary: 'Replace a graph',
    body,
    response: { ...done(201, 'The graph is new'), ...done(204, 'It is replaced'), ...refusals },
  },
  POST: {
    ...shared,
    operationId: 'graph_post',
    summary: 'Add to a graph, make a new one, or add a data set',
    body: content(...graphTypes, ...datasets),
    response: {
      200: {
        description: 'How far the load is, as events: progress, then done or error',
        ...content('text/event-stream'),
      },
      ...done(201, 'The graph is new'),
      ...done(204, 'It is added'),
      ...refusals,
    },
  },
  DELETE: {
    ...shared,
    operationId: 'graph_delete',
    summary: 'Drop a graph',
    response: { ...done(204, 'It is gone'), ...refusals },
  },
} satisfies Record<string, FastifySchema>;
