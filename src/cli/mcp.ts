import { once } from 'node:events';
import { Writable } from 'node:stream';
import type { Configuration } from '../configuration.ts';
import { GraphwrightError } from '../errors.ts';
import { retry } from '../retry.ts';
import { openApplication, type Application } from '../server/application.ts';
import { commandAgent, conclude, configurationOf, warnOn, type CommonFlags } from './common.ts';
import { runningServer } from './running-server.ts';

/**
 * `graphwright mcp`: serves MCP over standard input and output until the client closes them. Nothing but
 * the protocol goes to standard output; what goes wrong is told on standard error.
 */
export async function mcp(flags: CommonFlags): Promise<void> {
  const output = claimStandardOutput();
  await conclude(flags, async () => {
    const application = await open(configurationOf(flags), flags);
    try {
      await serve(application, output);
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

async function open(configuration: Configuration, flags: CommonFlags): Promise<Application> {
  try {
    // An assistant that starts anew, or tries which protocol is spoken, may still be ending its last process.
    return await retry(() => openApplication(configuration, warnOn(flags)), {
      attempts: 8,
      maxDelay: 500,
    });
  } catch (cause) {
    const error = GraphwrightError.from(cause);
    if (error.code !== 'data_in_use') throw error;
    throw await inUse(configuration.data, error);
  }
}

/** Two processes cannot have one data directory, but a server of it speaks MCP itself. */
async function inUse(data: string, cause: GraphwrightError): Promise<GraphwrightError> {
  const url = await runningServer(data);
  const advice = url
    ? `the server at ${url} has it: let the assistant connect to ${url}/mcp, or stop that server, or name another directory with --data`
    : 'end the process that has it, or name another directory with --data';
  return new GraphwrightError('data_in_use', `${data} is in use; ${advice}`, { cause });
}

async function serve({ store, runs, workflows }: Application, output: Writable): Promise<void> {
  const { serveStdio, StdioServerTransport } = await import('@modelcontextprotocol/server/stdio');
  const { mcpServer } = await import('../workflows/expose/mcp/mcp-server.ts');
  const agent = { ...commandAgent(), surface: 'mcp' };
  const handle = serveStdio(() => mcpServer(workflows, { store, runs, agent }), {
    transport: new StdioServerTransport(process.stdin, output),
    onerror: ({ message }) => process.stderr.write(`warning mcp: ${message}\n`),
  });
  const ends = [once(process.stdin, 'close'), once(process, 'SIGINT'), once(process, 'SIGTERM')];
  await Promise.race(ends);
  await handle.close();
  process.stdin.destroy();
}
