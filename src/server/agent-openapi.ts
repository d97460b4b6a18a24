import type { FastifySchema } from 'fastify';
import { z } from 'zod';
import { Completion, CompletionRequest } from '../agents/completion.ts';
import { StoredMessage } from '../agents/stored-messages.ts';
import { problems } from '../workflows/expose/openapi.ts';

const json = (schema: z.ZodType, io: 'input' | 'output' = 'output') => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
};

const named = (key: string, description: string) => ({
  type: 'object',
  required: [key],
  properties: { [key]: { type: 'string', description } },
});

const Summary = z.object({
  name: z.string(),
  description: z.string(),
  model: z.string().optional().describe('Absent while no chat model is configured'),
  tools: z.array(z.string()).describe('The workflows that it may call for you'),
  agents: z.array(z.string()).describe('The agents that it may ask'),
});

const times = { id: z.uuid(), createdAt: z.iso.datetime(), updatedAt: z.iso.datetime() };
const Thread = z.object({ ...times, turns: z.int() });
const Turn = z.object({
  agent: z.string(),
  at: z.iso.datetime(),
  messages: z.array(StoredMessage),
});

/** The routes of agents in OpenAPI, as @fastify/swagger reads it. */
export function agentSchemas(): Record<
  'list' | 'complete' | 'stream' | 'threads' | 'thread' | 'forget',
  FastifySchema
> {
  const agent = named('name', 'The agent');
  const thread = named('id', 'The thread');
  const body = json(CompletionRequest, 'input');
  return {
    list: describe('list_agents', 'List the agents', {
      ok: json(z.object({ items: z.array(Summary) })),
    }),
    complete: describe('complete', 'Ask an agent', { params: agent, body, ok: json(Completion) }),
    stream: {
      ...describe('stream_completion', 'Ask an agent, and hear what it does meanwhile', {
        params: agent,
        body,
      }),
      response: {
        200: {
          description:
            'Events: start, token, tool_call, tool_result, and end with the whole answer, or error with a problem',
          content: { 'text/event-stream': { schema: { type: 'string' } } },
        },
        ...problems,
      },
    },
    threads: describe('list_threads', 'List your conversations with agents, the newest first', {
      querystring: {
        type: 'object',
        properties: {
          limit: { type: 'integer', minimum: 1, maximum: 1_000, default: 50 },
          cursor: { type: 'string', description: 'The nextCursor of the page before' },
        },
      },
      ok: json(z.object({ items: z.array(Thread), nextCursor: z.string().optional() })),
    }),
    thread: describe('get_thread', 'Show a conversation', {
      params: thread,
      ok: json(z.object({ ...times, turns: z.array(Turn) })),
    }),
    forget: describe('delete_thread', 'Remove a conversation', { params: thread }),
  };
}

interface Parts {
  params?: object;
  querystring?: object;
  body?: object;
  ok?: object;
}

const describe = (
  operationId: string,
  summary: string,
  { ok, ...parts }: Parts,
): FastifySchema => ({
  operationId,
  summary,
  tags: ['agents'],
  ...parts,
  response: {
    ...(ok
      ? { 200: { description: 'Done', ...ok } }
      : { 204: { description: 'Done', type: 'null' } }),
    ...problems,
  },
});
