import { createServer } from 'node:http';
import { tool } from '@langchain/core/tools';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, InMemoryTransport, McpServer } from '@modelcontextprotocol/server';
import fastify from 'fastify';
import { description, input, parameters, plan, result } from '../workflow.mjs';
import { called } from './ours.mjs';
import { post } from './post.mjs';

function mcp() {
  const server = new McpServer({ name: 'bench', version: '1' });
  server.registerTool(
    'plan_order',
    { description, inputSchema: parameters, outputSchema: result },
    async (order) => {
      const planned = plan(order);
      const text = JSON.stringify(planned);
      return { content: [{ type: 'text', text }], structuredContent: planned };
    },
  );
  return server;
}

/** Fastify with a schema for what comes and what goes, as its guide has it. */
function app() {
  const made = fastify();
  const { $schema: _, ...body } = parameters.toJSONSchema({ io: 'input' });
  const { $schema: __, ...answer } = result.toJSONSchema();
  made.post('/plan_order', { schema: { body, response: { 200: answer } } }, async (request) =>
    plan(/** @type {any} */ (request.body)),
  );
  return made;
}

/** The same work behind what one would write without Graphwright. @type {readonly import('./list.mjs').Path[]} */
export const byHand = [
  {
    name: 'langchain by hand',
    label: 'LangChain tool()',
    by: 'by hand',
    async open() {
      const made = tool(
        async (order) => {
          const planned = plan(order);
          return [JSON.stringify(planned), planned];
        },
        {
          name: 'plan_order',
          description,
          schema: parameters,
          responseFormat: 'content_and_artifact',
        },
      );
      const call = { type: 'tool_call', id: 'c1', name: 'plan_order', args: input };
      return { call: async () => (await made.invoke(/** @type {any} */ (call))).artifact };
    },
  },
  {
    name: 'mcp by hand',
    label: 'McpServer, in memory',
    by: 'by hand',
    async open() {
      const [here, there] = InMemoryTransport.createLinkedPair();
      await mcp().connect(there);
      return called(here);
    },
  },
  {
    name: 'mcp http by hand',
    label: 'McpServer, HTTP',
    by: 'by hand',
    async open() {
      const handler = createMcpHandler(mcp);
      const answer = toNodeHandler(handler);
      const server = createServer((request, response) => void answer(request, response));
      await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      const url = new URL(`http://127.0.0.1:${port}/mcp`);
      const client = await called(new StreamableHTTPClientTransport(url));
      const close = async () => {
        await client.close();
        await handler.close();
        server.closeAllConnections();
        server.close();
      };
      return { call: client.call, close };
    },
  },
  {
    name: 'rest by hand',
    label: 'Fastify, injected',
    by: 'by hand',
    async open() {
      const made = app();
      const request = /** @type {const} */ ({ method: 'POST', url: '/plan_order', payload: input });
      return { call: async () => (await made.inject(request)).json(), close: () => made.close() };
    },
  },
  {
    name: 'rest http by hand',
    label: 'Fastify, HTTP',
    by: 'by hand',
    async open() {
      const made = app();
      const url = await made.listen({ port: 0 });
      const client = post(`${url}/plan_order`, input);
      return { call: client.call, close: () => client.close().then(() => made.close()) };
    },
  },
];
