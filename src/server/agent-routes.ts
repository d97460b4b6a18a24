import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { CompletionOptions } from '../agents/agents-configuration.ts';
import type { Agents } from '../agents/agents.ts';
import type { AgentEvent, CompletionRequest } from '../agents/completion.ts';
import { GraphwrightError } from '../errors.ts';
import { parse } from '../parse.ts';
import { departure } from '../workflows/expose/call.ts';
import { EventStream, streamSignals } from '../workflows/expose/event-stream.ts';
import { readJsonBodies } from '../workflows/expose/json-body.ts';
import { problemDetails } from '../workflows/expose/problem.ts';
import type { KeyAccess } from './access.ts';
import { agentSchemas } from './agent-openapi.ts';

/** Milliseconds between signs of life while an agent thinks. */
const heartbeat = 15_000;

/** What may be said of {@link agentRoutes}. */
export interface AgentRouteOptions {
  /** Milliseconds in which a client that has much waiting must take some of it; 10,000 by default. */
  stalled?: number;
}

type AgentRequest = FastifyRequest<{ Params: { name: string } }>;

/**
 * `GET /agents` lists the agents; `POST /agents/:name/completion` asks one, `/stream-completion` tells what
 * it does meanwhile; `/agents/threads` has the conversations of whoever asks.
 */
export function agentRoutes(
  agents: Agents,
  access: KeyAccess,
  { stalled }: AgentRouteOptions = {},
): FastifyPluginAsync {
  return async (app) => {
    readJsonBodies(app);
    // The schemas of the routes are documentation: the agents are what parses.
    app.setValidatorCompiler(() => () => true);
    app.setSerializerCompiler(() => (data) => JSON.stringify(data));
    const schemas = agentSchemas();
    app.get('/agents', { schema: schemas.list }, (request) => ({
      items: agents.list(access.callerOf(request)),
    }));
    const ask = (request: AgentRequest, options: Partial<CompletionOptions>) =>
      agents.complete(request.params.name, request.body as CompletionRequest, {
        caller: access.callerOf(request),
        ...options,
      });
    app.post(
      '/agents/:name/completion',
      { schema: schemas.complete },
      (request: AgentRequest, reply) => ask(request, { signal: departure(reply) }),
    );
    const signalOf = streamSignals(app);
    app.post(
      '/agents/:name/stream-completion',
      { schema: schemas.stream },
      async (request: AgentRequest, reply) => {
        const signal = signalOf(reply);
        const open = () => new EventStream(reply, stalled);
        await streamed(request, open, (onEvent) => ask(request, { signal, onEvent }));
        return reply;
      },
    );
    addThreads(app, agents, access);
  };
}

type Answering = (onEvent: (event: AgentEvent) => Promise<void>) => Promise<unknown>;

/** Sends each event; what goes wrong before the first one is answered as on every route. */
async function streamed(
  request: FastifyRequest,
  open: () => EventStream,
  answer: Answering,
): Promise<void> {
  let stream: EventStream | undefined;
  let beat: NodeJS.Timeout | undefined;
  const begin = () => {
    const begun = open();
    beat = setInterval(() => void begun.send({}), heartbeat);
    return begun;
  };
  try {
    await answer(({ type, ...data }) => (stream ??= begin()).send({ event: type, data }));
  } catch (thrown) {
    if (!stream) throw thrown;
    const error = GraphwrightError.from(thrown);
    if (error.kind === 'unexpected') request.log.error(thrown);
    await stream.send({ event: 'error', data: problemDetails(error, request.url) });
  } finally {
    clearInterval(beat);
    stream?.end();
  }
}

const Page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1_000).default(50),
  cursor: z.string().optional(),
});

type ThreadRequest = FastifyRequest<{ Params: { id: string } }>;

function addThreads(app: FastifyInstance, { threads }: Agents, access: KeyAccess): void {
  const { threads: list, thread: show, forget } = agentSchemas();
  const owner = (request: FastifyRequest) => access.callerOf(request).name;
  app.get('/agents/threads', { schema: list }, (request) =>
    threads.list(owner(request), parse(Page, request.query, 'invalid_parameters', 'threads')),
  );
  app.get('/agents/threads/:id', { schema: show }, async (request: ThreadRequest) => {
    const { id } = request.params;
    const turns = await threads.turns(id, owner(request));
    return { ...(await threads.get(id, owner(request))), turns };
  });
  app.delete('/agents/threads/:id', { schema: forget }, async (request: ThreadRequest, reply) => {
    await threads.delete(request.params.id, owner(request));
    return reply.code(204).send();
  });
}
