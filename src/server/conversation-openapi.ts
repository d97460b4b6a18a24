import type { FastifySchema } from 'fastify';
import { z } from 'zod';
import { EntryView } from '../workflows/conversations/surfaces/views.ts';
import { problems } from '../workflows/expose/openapi.ts';

const { $schema: _, ...entry } = z.toJSONSchema(EntryView);

const text = { type: 'string' };

/** The routes of conversations that no workflow describes, in OpenAPI as @fastify/swagger reads it. */
export const conversationSchemas = {
  graph: {
    operationId: 'draw_flow',
    summary: 'Draw a flow',
    tags: ['conversations'],
    params: { type: 'object', required: ['flow'], properties: { flow: text } },
    response: {
      200: {
        description: 'The flow as a picture or as a Mermaid flowchart',
        content: {
          'image/svg+xml': { schema: text },
          'text/vnd.mermaid': { schema: text },
          'text/plain': { schema: text },
        },
      },
      ...problems,
    },
  },
  events: {
    operationId: 'follow_conversation',
    summary:
      'Follow a conversation: server-sent events `reply`, `saying` and `entry`; Last-Event-ID goes on',
    tags: ['conversations'],
    params: { type: 'object', required: ['id'], properties: { id: text } },
    querystring: {
      type: 'object',
      properties: {
        after: { type: 'integer', description: 'Only what came after this version' },
      },
    },
    response: {
      200: {
        description: 'What happens; an entry has its version as id',
        content: { 'text/event-stream': { schema: entry } },
      },
      ...problems,
    },
  },
} satisfies Record<string, FastifySchema>;
