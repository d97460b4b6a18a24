import type { FastifyInstance } from 'fastify';
import { GraphwrightError } from '../../errors.ts';
import type { Runs } from '../runs/runs.ts';
import type { Events } from '../triggers/events.ts';
import { answerWithRun, keyOf } from './call.ts';
import { agentOf, mayCallAll, runsOf } from './caller.ts';
import type { CallerOf } from './fastify.ts';
import { problems } from './openapi.ts';
import { runSchema } from './run-schemas.ts';

/** Adds the routes by which outside systems tell what happened: GET /events and POST /events/:type. */
export function addEventRoutes(
  app: FastifyInstance,
  events: Events,
  { runs, callerOf }: { runs: Runs; callerOf: CallerOf },
): void {
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
      const caller = callerOf(request);
      if (!mayCallAll(caller))
        throw new GraphwrightError(
          'forbidden',
          `${caller.name} may not send events: they reach workflows that it may not call`,
        );
      const given = keyOf(request);
      const record = await events.send(type, request.body, {
        // Of two callers the same key means two events.
        id: caller.name === undefined ? given : given && `${caller.name}:${given}`,
        agent: agentOf(caller),
        owner: caller.name,
      });
      return answerWithRun(runsOf(runs, caller), record, {
        request,
        reply,
        location: `/runs/${record.id}`,
      });
    },
  );
}
