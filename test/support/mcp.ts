import { Client } from '@modelcontextprotocol/client';
import { InMemoryTransport } from '@modelcontextprotocol/server';
import { mcpServer, type McpOptions } from '../../src/workflows/expose/mcp/index.ts';
import type { AnyWorkflow } from '../../src/workflows/workflow.ts';

/** A client of a server of its own, both in this process; they part at the end of the block. */
export async function mcpClient(
  workflows: readonly AnyWorkflow[],
  options: McpOptions = {},
): Promise<AsyncDisposable & { client: Client }> {
  const [here, there] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name: 'test', version: '1' });
  await mcpServer(workflows, options).connect(there);
  await client.connect(here);
  return { client, [Symbol.asyncDispose]: () => client.close() };
}

/** The one text of a tool's answer. */
export function textOf({ content }: { content: unknown }): string {
  const [only, ...more] = content as { type: string; text: string }[];
  if (only?.type !== 'text' || more.length) throw new Error(JSON.stringify(content));
  return only.text;
}
