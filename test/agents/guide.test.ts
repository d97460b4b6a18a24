import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { chatServer } from '../support/chat-server.ts';
import { cleanEnvironment, graphwright, start, temporaryDirectory } from '../support/command.ts';
import { blocksOf } from '../support/documents.ts';

const run = promisify(execFile);

test('the guide of agents runs as it stands, on a model server of our own', async () => {
  await using directory = await temporaryDirectory();
  const cwd = directory.path;
  const count = [{ tool: 'query_graph', args: { query: 'SELECT (1 AS ?one) WHERE {}' } }];
  const status = [{ tool: 'get_feedback_status', args: { feedbackId: 'amazon-1' } }];
  await using server = await chatServer(
    count,
    'Forty.',
    status,
    'It was answered.',
    'It was answered as well.',
    count,
    'Still forty.',
  );
  const [ask, settings, http, program, ...others] = blocksOf('docs/agents.md');
  expect(others).toEqual([]);
  await writeFile(join(cwd, settings!.file!), settings!.text);
  await writeFile(join(cwd, program!.file!), program!.text);
  await mkdir(join(cwd, 'node_modules'));
  await symlink(process.cwd(), join(cwd, 'node_modules', 'graphwright'));
  const bin = join(cwd, 'bin');
  await mkdir(bin);
  await copyFile('test/support/curl.mjs', join(bin, 'curl'));
  await chmod(join(bin, 'curl'), 0o755);
  const env = {
    GRAPHWRIGHT_AGENTS_API_KEY: 'sk-of-the-test',
    GRAPHWRIGHT_AGENTS_BASE_URL: server.url,
    GRAPHWRIGHT_DATA: 'data/demo',
    PATH: `${bin}${delimiter}${process.env['PATH']}`,
  };
  const shell = (text: string) =>
    run('sh', ['-euc', text], { cwd, env: { ...cleanEnvironment(), ...env } });
  await graphwright(['demo', '--limit', '5', '--quiet'], { cwd });

  const command = `node ${join(process.cwd(), 'dist/cli/main.js')}`;
  const asked = await shell(ask!.text.replace('npx graphwright', command));
  expect(asked.stdout).toBe('Forty.\n');

  const { child, ended } = start(['serve', '--port', '0'], { cwd, env });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const address = () => /"url":"([^"]+)"/.exec(log)?.[1];
  const url = await vi.waitUntil(address, { timeout: 60_000 });
  const { stdout } = await shell(http!.text.replaceAll('http://127.0.0.1:7411', url));
  expect(stdout).toContain('"name":"feedback_clerk"');
  expect(stdout).toContain('"text":"It was answered."');
  expect(stdout).toMatch(/event: start[^]*event: token[^]*event: end/);
  child.kill('SIGTERM');
  await ended;

  expect((await shell(`node ${program!.file}`)).stdout).toBe('Still forty.\n');
}, 120_000);
