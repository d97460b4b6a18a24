import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { InMemoryTransport } from '@modelcontextprotocol/server';
import { openEmbedded } from '../../../dist/ontology/embedded/open-embedded.js';
import { server } from '../../../dist/server/server.js';
import { execute } from '../../../dist/workflows/execute.js';
import { parseParameters } from '../../../dist/workflows/expose/command.js';
import { asTools } from '../../../dist/workflows/expose/langchain.js';
import { mcpServer } from '../../../dist/workflows/expose/mcp/index.js';
import { input, PlanOrder } from '../workflow.mjs';
import { post } from './post.mjs';

const workflow = new PlanOrder({});
const none = async () => '';
const words = ['--order-id', 'o-1', '--street', 'Korenlei 1'].concat(
  '--lines',
  JSON.stringify(input.lines),
);

/** @returns {Promise<{ app: import('fastify').FastifyInstance, close: () => Promise<void> }>} */
async function app() {
  const graph = await openEmbedded({});
  const made = await server({ store: graph.store, workflows: [workflow] });
  await made.ready();
  const close = async () => {
    await made.close();
    await graph.close();
  };
  return { app: made, close };
}

/** @type {readonly import('./list.mjs').Path[]} */
export const ours = [
  {
    name: 'execute',
    label: 'execute',
    by: 'ours',
    open: async () => ({ call: () => execute(workflow, input) }),
  },
  {
    name: 'command',
    label: 'command line, in process',
    by: 'ours',
    open: async () => ({
      async call() {
        const read = await parseParameters(workflow, words, { readStdin: none, readFile: none });
        return JSON.parse(JSON.stringify(await execute(workflow, read)));
      },
    }),
  },
  {
    name: 'langchain',
    label: 'LangChain tool',
    by: 'ours',
    beside: 'langchain by hand',
    async open() {
      const [tool] = asTools([workflow]);
      const call = { type: 'tool_call', id: 'c1', name: workflow.name, args: input };
      return { call: async () => (await tool.invoke(call)).artifact };
    },
  },
  {
    name: 'mcp',
    label: 'MCP tool, in memory',
    by: 'ours',
    beside: 'mcp by hand',
    async open() {
      const [here, there] = InMemoryTransport.createLinkedPair();
      await mcpServer([workflow]).connect(there);
      return called(here);
    },
  },
  {
    name: 'mcp http',
    label: 'MCP tool, HTTP',
    by: 'ours',
    beside: 'mcp http by hand',
    async open() {
      const served = await app();
      const url = await served.app.listen({ port: 0 });
      const client = await called(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)));
      return { call: client.call, close: () => client.close().then(served.close) };
    },
  },
  {
    name: 'rest',
    label: 'REST, injected',
    by: 'ours',
    beside: 'rest by hand',
    async open() {
      const served = await app();
      const request = /** @type {const} */ ({
        method: 'POST',
        url: '/workflows/plan_order',
        payload: input,
      });
      return {
        call: async () => (await served.app.inject(request)).json(),
        close: served.close,
      };
    },
  },
  {
    name: 'rest http',
    label: 'REST, HTTP',
    by: 'ours',
    beside: 'rest http by hand',
    async open() {
      const served = await app();
      const url = await served.app.listen({ port: 0 });
      const client = post(`${url}/workflows/plan_order`, input);
      return { call: client.call, close: () => client.close().then(served.close) };
    },
  },
];

/** A client of a server at the other end. @param {any} transport */
export async function called(transport) {
  const client = new Client({ name: 'bench', version: '1' });
  await client.connect(transport);
  const call = async () => {
    const { structuredContent } = await client.callTool({ name: 'plan_order', arguments: input });
    return /** @type {any} */ (structuredContent);
  };
  return { call, close: () => client.close() };
}
