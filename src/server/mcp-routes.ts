import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { streamSignals } from '../workflows/expose/event-stream.ts';
import { mayCall } from '../workflows/expose/caller.ts';
import { groupsIn, inGroups } from '../workflows/expose/tool-groups.ts';
import { readJsonBodies } from '../workflows/expose/json-body.ts';
import type { Runs } from '../workflows/runs/runs.ts';
import type { AnyWorkflow } from '../workflows/workflow.ts';
import type { KeyAccess } from './access.ts';
import { assertKnownSender, type McpGuarding } from './mcp-guard.ts';

/** What MCP clients are offered. */
export interface McpRouteOptions extends McpGuarding {
  runs?: Runs;
}

/**
 * `POST /mcp`: MCP over streamable HTTP, without sessions, for clients of both protocol eras. Its streams
 * end when the server closes.
 */
export function mcpRoutes(
  workflows: readonly AnyWorkflow[],
  access: KeyAccess,
  { runs, ...guarding }: McpRouteOptions,
): FastifyPluginAsync {
  return async (app) => {
    readJsonBodies(app);
    const signalOf = streamSignals(app);
    // The SDK takes a tenth of a second to load, which a server that nobody asks for MCP need not spend.
    let loaded: Promise<import('./mcp-handler.ts').McpHandler> | undefined;
    const load = async () => {
      const { mcpHandler } = await import('./mcp-handler.ts');
      return mcpHandler(workflows, runs, (error) => app.log.warn(error, 'MCP'));
    };
    app.addHook('onRequest', async (request) => assertKnownSender(request, guarding));
    app.addHook('preClose', async () => (await loaded)?.close());
    app.post('/mcp', { schema: { hide: true } }, async (request, reply) => {
      const handler = await (loaded ??= load());
      const caller = access.callerOf(request);
      const callable = workflows.filter((workflow) => mayCall(caller, workflow));
      const groups = groupsOf(callable, request);
      const store = access.storeOf(request);
      const { raw } = reply.hijack();
      // Set before the SDK writes the head, so that they come along.
      for (const [name, value] of Object.entries(reply.getHeaders())) raw.setHeader(name, value!);
      // A client that goes away is no error.
      raw.on('error', () => undefined);
      signalOf(reply).addEventListener('abort', () => raw.destroy(), { once: true });
      await handler.serve(request.raw, raw, { body: request.body, caller, store, groups });
    });
  };
}

/** `?groups=feedback,queries`. @throws GraphwrightError `invalid_parameters` */
function groupsOf(workflows: readonly AnyWorkflow[], { query }: FastifyRequest) {
  const { groups } = query as { groups?: string | string[] };
  const wanted = groupsIn(groups === undefined ? undefined : [groups].flat().join());
  inGroups(workflows, wanted);
  return wanted;
}
