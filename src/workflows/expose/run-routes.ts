import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { GraphwrightError } from '../../errors.ts';
import { parse } from '../../parse.ts';
import type { OwnedRuns } from '../runs/owned-runs.ts';
import type { RunFilter, Runs } from '../runs/runs.ts';
import { keyOf, nextPage, publicRun } from './call.ts';
import { runsOf } from './caller.ts';
import { coerce, type Given } from './coerce.ts';
import type { CallerOf } from './fastify.ts';
import { EventStream, streamSignals } from './event-stream.ts';
import { runEventSchema, runPageSchema, runSchema } from './run-schemas.ts';
import { problems } from './openapi.ts';
import type { JsonSchema } from './schemas.ts';

/** Milliseconds between signs of life while nothing happens. */
const heartbeat = 15_000;

type RunRequest = { Params: { id: string } };

/** Adds the routes by which runs are listed, followed and steered, under /runs. */
export function addRunRoutes(app: FastifyInstance, runs: Runs, callerOf: CallerOf): void {
  const seen: RunsOf = (request) => runsOf(runs, callerOf(request));
  addReading(app, seen);
  addSteering(app, seen);
  addEvents(app, seen);
}

/** The runs that the sender of a request sees. */
type RunsOf = (request: FastifyRequest) => OwnedRuns;

const status = z.enum(['started', 'processing', 'waiting', 'completed', 'failed', 'cancelled']);

const Filter = z.object({
  workflow: z.string().optional().describe('Only runs of this workflow'),
  status: z.array(status).optional().describe('Only runs in one of these states'),
  parent: z.string().optional().describe('Only children of this run'),
  since: z.iso.datetime().optional().describe('Accepted at this time or later'),
  before: z.iso.datetime().optional().describe('Accepted before this time'),
  cursor: z.string().optional().describe('The nextCursor of the page before'),
  limit: z.int().min(1).max(1_000).default(50).describe('How many, at most'),
});
const filterSchema = z.toJSONSchema(Filter, { io: 'input' }) as JsonSchema;

function addReading(app: FastifyInstance, seenBy: RunsOf): void {
  app.get(
    '/runs',
    {
      schema: describe('list_runs', 'List runs, the newest first', {
        querystring: filterSchema,
        ok: runPageSchema,
      }),
    },
    async (request, reply) => {
      const filter = readFilter(request);
      const { items, nextCursor } = await seenBy(request).list(filter);
      if (nextCursor !== undefined) reply.header('link', nextPage(request, nextCursor));
      return { items: items.map(publicRun), nextCursor };
    },
  );
  app.get<RunRequest>(
    '/runs/:id',
    { schema: describe('get_run', 'Show a run', { ok: runSchema }) },
    async (request) => publicRun(await known(seenBy(request), idOf(request))),
  );
  app.delete<RunRequest>(
    '/runs/:id',
    { schema: describe('delete_run', 'Remove a run that has ended') },
    async (request, reply) => {
      await seenBy(request).delete(idOf(request));
      return reply.code(204).send();
    },
  );
}

function addSteering(app: FastifyInstance, seenBy: RunsOf): void {
  const schema = (id: string, summary: string) => describe(id, summary, { ok: runSchema });
  app.post<RunRequest>(
    '/runs/:id/cancel',
    { schema: schema('cancel_run', 'End a run and its children') },
    async (request) => publicRun(await seenBy(request).cancel(idOf(request))),
  );
  app.post<RunRequest>(
    '/runs/:id/resume',
    {
      schema: schema(
        'resume_run',
        'Let a failed or cancelled run go on from its last finished step',
      ),
    },
    async (request) => publicRun(await seenBy(request).resume(idOf(request))),
  );
  app.post<RunRequest>(
    '/runs/:id/retry',
    { schema: schema('retry_run', 'Start a new run with the parameters of one that has ended') },
    async (request, reply) => {
      const record = await seenBy(request).retry(idOf(request));
      reply.code(202).header('location', `${app.prefix}/runs/${record.id}`);
      return publicRun(record);
    },
  );
  app.post<{ Params: { id: string; name: string } }>(
    '/runs/:id/signals/:name',
    {
      schema: describe(
        'signal_run',
        'Hand a signal to a run; the body is its payload, Idempotency-Key its id',
        { body: {} },
      ),
    },
    async (request, reply) => {
      const { name } = request.params;
      await seenBy(request).signal(idOf(request), {
        name,
        payload: request.body,
        id: keyOf(request),
      });
      return reply.code(204).send();
    },
  );
}

function addEvents(app: FastifyInstance, seenBy: RunsOf): void {
  const signalOf = streamSignals(app);
  const Query = z.object({ after: z.coerce.number().int().min(0).optional() });
  app.get<RunRequest>(
    '/runs/:id/events',
    {
      schema: {
        ...describe(
          'follow_run',
          'Follow a run: server-sent events until it ends; Last-Event-ID goes on',
          {
            querystring: {
              type: 'object',
              properties: {
                after: {
                  type: 'integer',
                  description: 'Only events with a greater sequence number',
                },
              },
            },
          },
        ),
        response: {
          200: {
            description: 'The events of the run',
            content: { 'text/event-stream': { schema: runEventSchema } },
          },
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const id = idOf(request);
      await known(seenBy(request), id);
      const given = request.headers['last-event-id'] ?? (request.query as { after?: string }).after;
      const { after } = parse(Query, { after: given }, 'invalid_parameters', 'after');
      const signal = signalOf(reply);
      const stream = new EventStream(reply);
      const beat = setInterval(() => void stream.send({}), heartbeat);
      try {
        for await (const { sequence, ...event } of seenBy(request).follow(id, { after, signal }))
          await stream.send({ id: String(sequence), event: event.type, data: event });
      } catch (thrown) {
        if (!signal.aborted) request.log.error(thrown);
      } finally {
        clearInterval(beat);
        stream.end();
      }
      return reply;
    },
  );
}

async function known(runs: OwnedRuns, id: string) {
  const record = await runs.get(id);
  if (!record) throw new GraphwrightError('not_found', `No run ${id}`);
  return record;
}

function idOf({ params: { id } }: { params: { id: string } }): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(id)) return id;
  throw new GraphwrightError(
    'invalid_parameters',
    'A run id has 1 to 64 letters, digits, hyphens and underscores',
    { problems: [{ pointer: '/id', detail: 'Not a run id' }] },
  );
}

function readFilter(request: FastifyRequest): RunFilter {
  const given = coerce(filterSchema, request.query as Record<string, Given>);
  return parse(Filter, given, 'invalid_parameters', 'The list of runs');
}

function describe(
  operationId: string,
  summary: string,
  { ok, ...rest }: { ok?: JsonSchema; querystring?: JsonSchema; body?: JsonSchema } = {},
) {
  const answer = ok ? { 200: ok } : { 204: { type: 'null', description: 'Done' } };
  return { operationId, summary, tags: ['runs'], ...rest, response: { ...answer, ...problems } };
}
