// Adds the OpenAPI keywords to the type of Fastify's route schemas.
/// <reference types="@fastify/swagger" />
import type { FastifySchema } from 'fastify';
import type { AnyWorkflow, HttpBinding } from '../workflow.ts';
import { problemSchema } from './problem.ts';
import { runSchema } from './run-schemas.ts';
import { describeEffects, inputSchema, outputSchema, type JsonSchema } from './schemas.ts';

/** The keys in a path of Fastify's form: `/a/:b` has `b`. */
export const pathKeys = (path: string): string[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, key]) => key!);

/** Describes a workflow's route in OpenAPI 3.1, as @fastify/swagger reads it. */
export function routeSchema(
  workflow: AnyWorkflow,
  method: HttpBinding['method'],
  path: string,
  background: boolean,
): FastifySchema {
  const input = inputSchema(workflow);
  const inPath = pathKeys(path);
  const others = Object.keys(input.properties ?? {}).filter((key) => !inPath.includes(key));
  const rest = others.length ? pick(input, others) : undefined;
  return {
    operationId: workflow.name,
    summary: workflow.description,
    description: describeEffects(workflow),
    tags: ['workflows'],
    ...(inPath.length && { params: pick(input, inPath) }),
    ...(rest && (method === 'GET' ? { querystring: rest } : { body: rest })),
    response: {
      [workflow.http?.direct && workflow.http.location ? 201 : 200]: {
        description: 'The result',
        ...outputSchema(workflow),
      },
      ...(background && {
        202: {
          ...runSchema,
          description: 'The run goes on in the background; Location says where to follow it',
        },
      }),
      ...problems,
    },
  };
}

/** How every route refuses and fails, for OpenAPI. */
export const problems = {
  '4XX': problem('The call was refused'),
  '5XX': problem('The call failed'),
};

function problem(description: string) {
  return { description, content: { 'application/problem+json': { schema: problemSchema } } };
}

function pick(schema: JsonSchema, keys: readonly string[]): JsonSchema {
  const properties = Object.fromEntries(keys.map((key) => [key, schema.properties?.[key] ?? {}]));
  const required = schema.required?.filter((key) => keys.includes(key)) ?? [];
  return { type: 'object', properties, required, additionalProperties: false };
}
