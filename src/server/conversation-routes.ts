import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { GraphwrightError } from '../errors.ts';
import { parse } from '../parse.ts';
import type { Followed } from '../workflows/conversations/api.ts';
import { mermaidOf } from '../workflows/conversations/drawing/mermaid.ts';
import { svgOf } from '../workflows/conversations/drawing/svg.ts';
import type { Conversations } from '../workflows/conversations/engine/conversations.ts';
import { OneConversation } from '../workflows/conversations/surfaces/operation.ts';
import { knownFlow, seenEntry } from '../workflows/conversations/surfaces/seen.ts';
import { tenantOf } from '../workflows/conversations/surfaces/tenant.ts';
import { mayCall } from '../workflows/expose/caller.ts';
import { EventStream, streamSignals } from '../workflows/expose/event-stream.ts';
import { problemDetails } from '../workflows/expose/problem.ts';
import type { KeyAccess } from './access.ts';
import { conversationSchemas } from './conversation-openapi.ts';
import { forgetCharset, sendText } from './negotiation.ts';

/** Milliseconds between signs of life while nobody says anything. */
const heartbeat = 15_000;

/** What may be said of {@link conversationRoutes}. */
export interface ConversationRouteOptions {
  /** Milliseconds in which a client that has much waiting must take some of it; 10,000 by default. */
  stalled?: number;
}

/**
 * What the workflows of conversations do not say by themselves: `GET /conversations/:id/events` follows one as
 * server-sent events, and `GET /conversations/flows/:flow/graph` draws a flow.
 */
export function conversationRoutes(
  conversations: Conversations,
  access: KeyAccess,
  { stalled }: ConversationRouteOptions = {},
): FastifyPluginAsync {
  return async (app) => {
    // The schemas of the routes are documentation.
    app.setValidatorCompiler(() => () => true);
    app.setSerializerCompiler(() => (data) => JSON.stringify(data));
    addGraph(app, conversations, access);
    addEvents(app, conversations, { access, stalled });
  };
}

const mermaid = 'text/vnd.mermaid';
const svg = 'image/svg+xml';

function addGraph(app: FastifyInstance, conversations: Conversations, access: KeyAccess): void {
  app.get<{ Params: { flow: string } }>(
    '/conversations/flows/:flow/graph',
    { schema: conversationSchemas.graph, onRequest: forgetCharset, exposeHeadRoute: false },
    async (request, reply) => {
      assertAllowed(request, access, 'get_flow');
      const flow = knownFlow(conversations.flows, request.params.flow);
      const wanted = request.accepts().type([svg, mermaid, 'text/plain']);
      if (wanted === svg) return sendText(reply, svg, await svgOf(flow));
      if (typeof wanted === 'string') return sendText(reply, wanted, mermaidOf(flow));
      throw new GraphwrightError(
        'not_acceptable',
        `A flow is drawn as ${svg} or ${mermaid}; ask for one of them with Accept`,
      );
    },
  );
}

const Query = z.object({ after: z.coerce.number().int().min(0).optional() });

type EventsRequest = FastifyRequest<{ Params: { id: string }; Querystring: { after?: string } }>;

function addEvents(
  app: FastifyInstance,
  conversations: Conversations,
  { access, stalled }: ConversationRouteOptions & { access: KeyAccess },
): void {
  const signalOf = streamSignals(app);
  app.get(
    '/conversations/:id/events',
    { schema: conversationSchemas.events, exposeHeadRoute: false },
    async (request: EventsRequest, reply) => {
      assertAllowed(request, access, 'get_conversation_history');
      const { id } = parse(
        OneConversation,
        request.params,
        'invalid_parameters',
        'The conversation',
      );
      const key = { tenant: tenantOf(access.callerOf(request).name), id };
      // Before the stream begins, so that it is refused as on every route.
      await conversations.status(key);
      const given = request.headers['last-event-id'] ?? request.query.after;
      const { after } = parse(Query, { after: given }, 'invalid_parameters', 'after');
      const signal = signalOf(reply);
      const stream = new EventStream(reply, stalled);
      const beat = setInterval(() => void stream.send({}), heartbeat);
      try {
        for await (const followed of conversations.follow(key, { after, signal }))
          await send(stream, followed);
      } catch (thrown) {
        const error = GraphwrightError.from(thrown);
        if (!signal.aborted && error.kind === 'unexpected') request.log.error(thrown);
        await stream.send({ event: 'error', data: problemDetails(error, request.url) });
      } finally {
        clearInterval(beat);
        stream.end();
      }
      return reply;
    },
  );
}

/** A commit, and each of its replies for those who only show what is said. */
async function send(stream: EventStream, followed: Followed): Promise<void> {
  if (followed.type === 'saying') {
    const { step, text } = followed;
    return stream.send({ event: 'saying', data: { step, text } });
  }
  const { type: _, ...entry } = followed;
  const { version, messageId } = entry;
  for (const event of entry.events)
    if (event.type === 'reply')
      await stream.send({ event: 'reply', data: { version, messageId, ...event.reply } });
  // The id comes last: whoever goes on from it has had all that belongs to it.
  await stream.send({ id: String(version), event: 'entry', data: seenEntry(entry) });
}

function assertAllowed(request: FastifyRequest, access: KeyAccess, name: string): void {
  const caller = access.callerOf(request);
  if (!mayCall(caller, { name }))
    throw new GraphwrightError('forbidden', `${caller.name} may not call ${name}`);
}
