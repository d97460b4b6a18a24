import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as FirstClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as FirstTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanEnvironment, graphwright, start, temporaryDirectory } from '../support/command.ts';
import { textOf } from '../support/mcp.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeAll(async () => {
  directory = await temporaryDirectory();
});
afterAll(() => directory[Symbol.asyncDispose]());

/** How an assistant would start it. */
const command = (...words: string[]) => ({
  command: 'node',
  args: [join(process.cwd(), 'dist/cli/main.js'), 'mcp', ...words],
  cwd: directory.path,
  env: cleanEnvironment() as Record<string, string>,
  stderr: 'ignore' as const,
});

const analyze = { name: 'analyze_feedback_sentiment', arguments: { text: 'I love it!' } };

describe('A31 graphwright mcp', () => {
  test.each(['legacy', 'auto'] as const)('serves a client of mode %s', async (mode) => {
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(new StdioClientTransport(command()));
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('process_customer_feedback');
    const answer = await client.callTool(analyze);
    expect(answer.structuredContent).toMatchObject({ sentiment: 'positive' });
    await client.close();
  });

  test('serves a client of the first SDK', async () => {
    const client = new FirstClient({ name: 'test', version: '1' });
    await client.connect(new FirstTransport(command()));
    const answer = await client.callTool(analyze);
    expect(JSON.parse(textOf(answer as { content: unknown }))).toMatchObject({
      sentiment: 'positive',
    });
    await client.close();
  });

  test('writes nothing but the protocol to standard output, whatever its modules say', async () => {
    const path = join(directory.path, 'loud.mjs');
    await writeFile(
      path,
      "console.log('loud'); process.stdout.write('louder');\nexport const workflows = [];\n",
    );
    const env = { GRAPHWRIGHT_WORKFLOWS: path };
    const { child, ended } = start(['mcp'], { cwd: directory.path, env });
    const initialize = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: {
        protocolVersion: '2025-06-18',
        capabilities: {},
        clientInfo: { name: 'test', version: '1' },
      },
    };
    child.stdin.write(`${JSON.stringify(initialize)}\n`);
    await once(child.stdout, 'data');
    child.stdin.end();
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(0);
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).id)).toEqual([1]);
    expect(stderr).toContain('loud\nlouder');
  });

  test('a wrong environment is told on standard error alone', async () => {
    const env = { GRAPHWRIGHT_SERVER_PORT: 'many' };
    const ended = await graphwright(['mcp'], { cwd: directory.path, env });
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('server.port');
  });

  test('N8 T28 offers to decide only when the configuration says so, and never on what it asked for', async () => {
    const env = { GRAPHWRIGHT_WORKFLOWS: resolve('test/cli/sending-workflows.mjs') };
    const talk = async (more: Record<string, string>) => {
      const client = new Client({ name: 'test', version: '1' });
      const parameters = command();
      await client.connect(
        new StdioClientTransport({ ...parameters, env: { ...parameters.env, ...env, ...more } }),
      );
      const { tools } = await client.listTools();
      return { client, decides: tools.some(({ name }) => name === 'decide_approval') };
    };
    const asking = await talk({});
    expect(asking.decides).toBe(false);
    const answer = await asking.client.callTool({ name: 'send_note', arguments: { text: 'x' } });
    await asking.client.close();
    const { approval } = answer.structuredContent as {
      approval: { id: string; parametersDigest: string };
    };
    const deciding = await talk({ GRAPHWRIGHT_APPROVAL_OVER_STDIO: 'true' });
    expect(deciding.decides).toBe(true);
    const { id, parametersDigest } = approval;
    const decision = { id, parametersDigest, decision: 'approve' };
    const refused = await deciding.client.callTool({
      name: 'decide_approval',
      arguments: decision,
    });
    await deciding.client.close();
    expect(JSON.parse(textOf(refused))).toMatchObject({ error: 'forbidden' });
    await expect(readFile(join(directory.path, 'sent.txt'))).rejects.toThrow('ENOENT');
  });

  test('says where to connect when a server has the data directory', async () => {
    const serving = start(['serve', '--port', '0'], { cwd: directory.path });
    const [line] = (await once(serving.child.stderr, 'data')) as [Buffer];
    const { url } = JSON.parse(line.toString()) as { url: string };
    const { code, stdout, stderr } = await graphwright(['mcp'], { cwd: directory.path });
    expect([code, stdout]).toEqual([6, '']);
    expect(stderr).toContain('error data_in_use: ');
    expect(stderr).toContain(`${url}/mcp`);
    serving.child.kill('SIGTERM');
    expect(await serving.ended).toMatchObject({ code: 0 });
  });
});
