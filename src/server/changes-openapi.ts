// Adds the OpenAPI keywords to the type of Fastify's route schemas.
/// <reference types="@fastify/swagger" />
import type { FastifySchema } from 'fastify';
import { refusals } from './sparql-openapi.ts';

const term = (description: string) => ({ type: 'string', description });
const position = {
  type: 'integer',
  minimum: 0,
  description: 'The position of the last change already known; by default only later ones come',
};

/** The description of the change feed. */
export const changesSchema: FastifySchema = {
  tags: ['sparql'],
  operationId: 'changes',
  summary: 'Follow what changes in the graph',
  description:
    'Server-sent events named `change`, one for each write that has something fitting, in order. The id is the position of the write; the data is JSON: `position`, `at` (ISO 8601), `removed` and `inserted` (lines of N-Quads). An event without data only moves the id.',
  querystring: {
    type: 'object',
    properties: {
      after: position,
      subject: term('Only statements about it: an IRI, or a term in N-Triples'),
      predicate: term('Only statements with this property'),
      object: term('Only statements with this value: an IRI, or a term in N-Triples'),
      graph: term('Only statements in this graph; `default` is the default graph'),
      kind: { type: 'string', enum: ['insert', 'remove'], description: 'Both by default' },
    },
  },
  headers: { type: 'object', properties: { 'Last-Event-ID': position } },
  response: {
    200: {
      description: 'The changes, without end',
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    },
    410: {
      description: 'The journal no longer holds that position: read the graph anew',
      content: refusals['4XX'].content,
    },
    ...refusals,
  },
};
