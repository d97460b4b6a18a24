import type { FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import { isLoopback } from './api-key.ts';

/** Who may reach /mcp besides programs on this machine. */
export interface McpGuarding {
  /** Names that the server goes by, each with its port if that is to be held to. */
  hosts: readonly string[];
  /** Origins of web pages, such as https://assistant.example.org. */
  origins: readonly string[];
}

/**
 * Holds a request to the names and pages that were said. A key does not stand in for this: a page that a
 * name leads here (DNS rebinding), or that has no origin to tell, may make a browser send one along.
 * @throws GraphwrightError `forbidden` naming the setting that would let it in.
 */
export function assertKnownSender(
  { headers, host }: FastifyRequest,
  { hosts, origins }: McpGuarding,
): void {
  const url = `http://${host}`;
  const name = URL.canParse(url) ? new URL(url).hostname : '';
  if (
    !isLoopback(name.replaceAll(/[[\]]/g, '')) &&
    ![name, host].some((own) => hosts.includes(own))
  )
    throw new GraphwrightError(
      'forbidden',
      `/mcp is not offered as ${JSON.stringify(host)}; name the host in server.mcpHosts to let it in`,
    );
  const { origin } = headers;
  if (origin !== undefined && !origins.includes(origin) && origin !== url)
    throw new GraphwrightError(
      'forbidden',
      `Pages of ${origin} may not call /mcp; name the origin in server.mcpOrigins to let them in`,
    );
}
