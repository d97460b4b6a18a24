// Adds the OpenAPI keywords to the type of Fastify's route schemas.
/// <reference types="@fastify/swagger" />
import type { FastifySchema } from 'fastify';
import { readable } from './graph-body.ts';
import { refusals } from './sparql-openapi.ts';

/** What reports are offered in, the preferred first. */
export const reportFormats = [
  'application/json',
  'text/turtle',
  'application/n-triples',
  'application/ld+json',
  'application/rdf+xml',
] as const;

const text = { type: 'string' };
const files = { type: 'array', items: { type: 'string', format: 'binary' } };
const term = {
  type: 'object',
  required: ['type', 'value'],
  properties: {
    type: { enum: ['uri', 'bnode', 'literal'] },
    value: text,
    datatype: text,
    'xml:lang': text,
  },
};
const report = {
  type: 'object',
  required: ['conforms', 'results'],
  properties: {
    conforms: { type: 'boolean' },
    results: {
      type: 'array',
      items: {
        type: 'object',
        required: ['focusNode', 'severity', 'constraint', 'shape', 'message'],
        properties: {
          focusNode: term,
          path: { ...text, description: 'A SPARQL property path' },
          value: term,
          severity: text,
          constraint: text,
          shape: text,
          message: text,
        },
      },
    },
  },
};

/** The description of the route that validates. */
export const validateSchema: FastifySchema = {
  tags: ['sparql'],
  operationId: 'validate',
  summary: 'Check a graph against SHACL shapes, without writing it',
  description:
    'The graph is the body, and is checked against the shapes that writes are held to; or both are files of a form.',
  body: {
    content: {
      ...Object.fromEntries(readable.map((type) => [type, { schema: text }])),
      'multipart/form-data': {
        schema: { type: 'object', required: ['data'], properties: { data: files, shapes: files } },
      },
    },
  },
  response: {
    200: {
      description: 'The report; a graph that does not conform is no error',
      content: Object.fromEntries(
        reportFormats.map((type) => [type, { schema: type === reportFormats[0] ? report : text }]),
      ),
    },
    ...refusals,
  },
};
