import type { IncomingMessage, ServerResponse } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, type AuthInfo } from '@modelcontextprotocol/server';
import type { OntologyStore } from '../ontology/store.ts';
import type { Caller } from '../workflows/expose/caller.ts';
import { mcpServer } from '../workflows/expose/mcp/mcp-server.ts';
import type { Runs } from '../workflows/runs/runs.ts';
import type { AnyWorkflow } from '../workflows/workflow.ts';

/** Who sent a request, and what they have of the graph. */
interface Sender {
  caller: Caller;
  store: OntologyStore;
  /** Only tools of these groups; all when it is undefined. */
  groups?: readonly string[];
}

/** Answers MCP requests over HTTP. */
export interface McpHandler {
  serve(
    request: IncomingMessage,
    response: ServerResponse,
    sent: Sender & { body: unknown },
  ): Promise<void>;
  /** Ends what is under way. */
  close(): Promise<void>;
}

/** Makes a server of its own for each request, with what its sender may have. */
export function mcpHandler(
  workflows: readonly AnyWorkflow[],
  runs: Runs | undefined,
  onerror: (error: Error) => void,
): McpHandler {
  const handler = createMcpHandler(
    ({ authInfo }) => mcpServer(workflows, { runs, ...(authInfo!.extra as unknown as Sender) }),
    { onerror },
  );
  const answer = toNodeHandler(handler, { onerror });
  return {
    async serve(request, response, { body, caller, store, groups }) {
      // The SDK hands on what was made of the key, and never reads it.
      const auth: AuthInfo = {
        token: '',
        clientId: caller.name ?? '',
        scopes: [],
        extra: { caller, store, groups },
      };
      await answer(Object.assign(request, { auth }), response, body);
    },
    close: () => handler.close(),
  };
}
