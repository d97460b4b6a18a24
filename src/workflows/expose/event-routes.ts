import type { FastifyInstance } from 'fastify';
import { GraphwrightError } from '../../errors.ts';
import type { Conversations } from '../conversations/engine/conversations.ts';
import type { JsonObject } from '../conversations/json.ts';
import { tenantOf } from '../conversations/surfaces/tenant.ts';
import type { Runs } from '../runs/runs.ts';
import type { Events } from '../triggers/events.ts';
import { answerWithRun, keyOf } from './call.ts';
import { agentOf, mayCall, mayCallAll, runsOf, type Caller } from './caller.ts';
import type { CallerOf } from './fastify.ts';
import { problems } from './openapi.ts';
import { runSchema } from './run-schemas.ts';

/** Who takes events besides the workflows, and who sends them. */
interface EventRouteOptions {
  runs: Runs;
  conversations?: Pick<Conversations, 'deliver' | 'flows'> | undefined;
  callerOf: CallerOf;
}

/**
 * Adds the routes by which outside systems tell what happened: GET /events and POST /events/:type. One whose
 * body has a `correlationId` is handed to the sender's conversations as well, with the body's `payload`.
 */
export function addEventRoutes(
  app: FastifyInstance,
  events: Events,
  { runs, conversations, callerOf }: EventRouteOptions,
): void {
  const tags = ['events'];
  const typesOf = () => [...events.types, ...awaitedTypes(conversations?.flows ?? [])];
  app.get(
    '/events',
    { schema: { operationId: 'list_event_types', tags, summary: 'List the types of events' } },
    () => ({ items: typesOf() }),
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
          properties: {
            type: { type: 'string', enum: [...new Set(typesOf().map(({ type }) => type))] },
          },
        },
        body: {
          anyOf: typesOf().flatMap(({ payloads }) => payloads.map(({ schema }) => schema)),
        },
        response: {
          200: {
            description: 'What it started and woke, or which conversation took it',
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
      const given = keyOf(request);
      const isTaken = events.types.some((each) => each.type === type);
      const about = conversations && correlated(request.body);
      const tell = () =>
        about && conversations.deliver(tenantOf(caller.name), { id: given, ...about, type });
      assertMaySend(caller, isTaken || !about);
      if (!isTaken && about) {
        const { id, outcome, turn } = (await tell())!;
        return { id, outcome, ...(turn && { conversation: turn.id }) };
      }
      const record = await events.send(type, request.body, {
        // Of two callers the same key means two events.
        id: caller.name === undefined ? given : given && `${caller.name}:${given}`,
        agent: agentOf(caller),
        owner: caller.name,
      });
      await tell();
      return answerWithRun(runsOf(runs, caller), record, {
        request,
        reply,
        location: `/runs/${record.id}`,
      });
    },
  );
}

/** @throws GraphwrightError `forbidden` */
function assertMaySend(caller: Caller, reachesWorkflows: boolean): void {
  if (reachesWorkflows ? mayCallAll(caller) : mayCall(caller, { name: 'send_message' })) return;
  throw new GraphwrightError(
    'forbidden',
    reachesWorkflows
      ? `${caller.name} may not send events: they reach workflows that it may not call`
      : `${caller.name} may not send events to conversations: it may not call send_message`,
  );
}

type Correlated = { correlationId: string; id?: string; payload?: JsonObject };

/** What an event says that names what it is about; conversations look at it more closely. */
function correlated(body: unknown): Correlated | undefined {
  if (typeof body !== 'object' || body === null || !('correlationId' in body)) return undefined;
  const { correlationId, id, payload } = body as Correlated;
  return {
    correlationId,
    ...(id !== undefined && { id }),
    ...(payload !== undefined && { payload }),
  };
}

const correlatedSchema = {
  type: 'object',
  required: ['correlationId'],
  properties: {
    correlationId: { type: 'string', description: 'What it is about: an order number, or an id' },
    id: { type: 'string', description: 'The same id again is the same event' },
    payload: {},
  },
};

/** The types of events that flows wait for. */
const awaitedTypes = (flows: Conversations['flows']) =>
  [...new Set(flows.flatMap(({ events = [] }) => events))].toSorted().map((type) => ({
    type,
    payloads: flows
      .filter(({ events = [] }) => events.includes(type))
      .map(({ id }) => ({ flow: id, effect: 'continues', schema: correlatedSchema })),
  }));
