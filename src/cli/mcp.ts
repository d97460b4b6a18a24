import { once } from 'node:events';
import { Writable } from 'node:stream';
import type { Configuration } from '../configuration-schema.ts';
import { GraphwrightError } from '../errors.ts';
import { retry } from '../retry.ts';
import { openApplication, type Application } from '../server/application.ts';
import { commandAgent, conclude, configurationOf, warnOn, type CommonFlags } from './common.ts';
import type { McpOptions } from '../workflows/expose/mcp/mcp-server.ts';
import { groupsIn, inGroups } from '../workflows/expose/tool-groups.ts';
import { runningServer } from './running-server.ts';

/**
 * `graphwright mcp`: serves MCP over standard input and output until the client closes them. Nothing but
 * the protocol goes to standard output; what goes wrong is told on standard error.
 */
export async function mcp(flags: CommonFlags & { groups?: string }): Promise<void> {
  const output = claimStandardOutput();
  await conclude(flags, async () => {
    const configuration = configurationOf(flags);
    const application = await open(configuration, flags);
    try {
      const caller = { approveOverMcp: configuration.approval.overStdio };
      await serve(application, output, { caller, groups: groupsIn(flags.groups) });
    } finally {
      await application.close();
    }
  });
}

/** Keeps standard output to the protocol: whatever else writes there, such as a module of workflows, writes to standard error. */
function claimStandardOutput(): Writable {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  return new Writable({
    write: (chunk: Uint8Array, _encoding, done) => void write(chunk, (error) => done(error)),
  });
}

/** An assistant that starts anew, or tries which protocol is spoken, may still be ending its last process. */
const patience = { attempts: 8, maxDelay: 500 };

const open = (configuration: Configuration, flags: CommonFlags): Promise<Application> =>
  retry(async () => {
    try {
      return await openApplication(configuration, warnOn(flags));
    } catch (cause) {
      const error = GraphwrightError.from(cause);
      throw error.code === 'data_in_use' ? await inUse(configuration.data, error) : error;
    }
  }, patience);

/** Two processes cannot have one data directory; but its server speaks MCP itself, and will not end soon. */
async function inUse(data: string, cause: GraphwrightError): Promise<GraphwrightError> {
  const url = await runningServer(data);
  const advice = url
    ? `the server at ${url} has it: let the assistant connect to ${url}/mcp, or stop that server, or name another directory with --data`
    : 'end the process that has it, or name another directory with --data';
  const retriable = url === undefined;
  return new GraphwrightError('data_in_use', `${data} is in use; ${advice}`, { cause, retriable });
}

async function serve(
  { store, runs, workflows }: Application,
  output: Writable,
  { groups, caller }: Pick<McpOptions, 'groups' | 'caller'>,
): Promise<void> {
  inGroups(workflows, groups);
  const { serveStdio, StdioServerTransport } = await import('@modelcontextprotocol/server/stdio');
  const { mcpServer } = await import('../workflows/expose/mcp/mcp-server.ts');
  const agent = { ...commandAgent(), surface: 'mcp' };
  const handle = serveStdio(() => mcpServer(workflows, { store, runs, agent, groups, caller }), {
    transport: new StdioServerTransport(process.stdin, output),
    onerror: ({ message }) => process.stderr.write(`warning mcp: ${message}\n`),
  });
  const ends = [once(process.stdin, 'close'), once(process, 'SIGINT'), once(process, 'SIGTERM')];
  await Promise.race(ends);
  await handle.close();
  process.stdin.destroy();
}
