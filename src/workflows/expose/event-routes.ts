import type { FastifyInstance } from 'fastify';
import type { Runs } from '../runs/runs.ts';
import type { Events } from '../triggers/events.ts';
import { answerWithRun, keyOf } from './call.ts';
import { problems } from './openapi.ts';
import { runSchema } from './run-schemas.ts';

/** Adds the routes by which outside systems tell what happened: GET /events and POST /events/:type. */
export function addEventRoutes(app: FastifyInstance, events: Events, runs: Runs): void {
  const tags = ['events'];
  app.get(
    '/events',
    { schema: { operationId: 'list_event_types', tags, summary: 'List the types of events' } },
    () => ({ items: events.types }),
  );
  app.post<{ Params: { type: string } }>(
    '/events/:type',
    {
      schema: {
        operationId: 'send_event',
        tags,
        summary:
          'Tell that something happened; an event with the same Idempotency-Key is the same event',
        params: {
          type: 'object',
          required: ['type'],
          properties: { type: { type: 'string', enum: events.types.map(({ type }) => type) } },
        },
        body: {
          anyOf: events.types.flatMap(({ payloads }) => payloads.map(({ schema }) => schema)),
        },
        response: {
          200: {
            description: 'What it started and woke',
            type: 'object',
            additionalProperties: true,
          },
          202: { ...runSchema, description: 'The run that delivers it' },
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const { type } = request.params;
      const record = await events.send(type, request.body, {
        id: keyOf(request),
        agent: { surface: 'http' },
      });
      return answerWithRun(runs, record, { request, reply, location: `/runs/${record.id}` });
    },
  );
}
