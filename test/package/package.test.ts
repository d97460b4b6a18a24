import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanEnvironment } from '../support/command.ts';
import { blocksOf } from '../support/documents.ts';

const run = promisify(execFile);
const readme = blocksOf('README.md');
let consumer: string;
let environment: NodeJS.ProcessEnv;

/** Runs a line of shell in the consumer's project, as its developer would. */
const shell = (line: string) => run('sh', ['-euc', line], { cwd: consumer, env: environment });

// An empty project with the packed package in it: nothing of this checkout is in reach but the tarball.
beforeAll(async () => {
  consumer = await mkdtemp(join(tmpdir(), 'graphwright-consumer-'));
  const bin = join(consumer, 'bin');
  await mkdir(bin);
  environment = { ...cleanEnvironment(), PATH: `${process.env['PATH']}${delimiter}${bin}` };
  await copyFile('test/support/curl.mjs', join(bin, 'curl'));
  await chmod(join(bin, 'curl'), 0o755);
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', consumer]);
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  await writeFile(
    join(consumer, 'package.json'),
    JSON.stringify({ type: 'module', private: true }),
  );
  const own = JSON.parse(await readFile('package.json', 'utf8')) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  const wanted = ['typescript', '@types/node', 'sentiment'].map(
    (name) => `${name}@${own.devDependencies[name]}`,
  );
  const packages = [
    join(consumer, filename),
    `zod@${own.dependencies['zod']}`,
    `fastify@${own.dependencies['fastify']}`,
    ...wanted,
  ];
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages], {
    cwd: consumer,
    env: environment,
  });
  for (const { file, text } of readme) if (file) await writeFile(join(consumer, file), text);
  await shell('npx graphwright demo --limit 100 --quiet');
}, 300_000);

afterAll(() => rm(consumer, { recursive: true, force: true }));

describe('the package, installed in an empty project', () => {
  test.each([
    ['strict settings, libraries and all', []],
    // LangChain's own types do not hold under this one.
    ['exact optional properties', ['--exactOptionalPropertyTypes', '--skipLibCheck']],
  ])(
    'type-checks with its own types under %s',
    async (_, more) => {
      const strict = [
        '--strict',
        '--noUncheckedIndexedAccess',
        '--module',
        'nodenext',
        '--target',
        'es2022',
      ];
      const files = readme.flatMap(({ file }) => (file?.endsWith('.ts') ? [file] : []));
      expect(files.length).toBeGreaterThan(4);
      await run('npx', ['tsc', ...strict, '--types', 'node', ...more, ...files], { cwd: consumer });
    },
    60_000,
  );

  test('offers each of its entries, and nothing else', async () => {
    const load = (entry: string) =>
      shell(`node -e "import('${entry}').then((m) => console.log(Object.keys(m).length > 0))"`);
    for (const entry of [
      'graphwright',
      'graphwright/langchain',
      'graphwright/fastify',
      'graphwright/mcp',
      'graphwright/agents',
      'graphwright/application',
      'graphwright/cluster',
      'graphwright/examples',
      'graphwright/testing',
    ])
      expect((await load(entry)).stdout, entry).toBe('true\n');
    await expect(load('graphwright/dist/errors.js')).rejects.toThrow(
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
    );
  });

  test('A17 names the packages that a cluster needs, where they are missing', async () => {
    const open = `ClusterRuns.open({ databaseUrl: 'postgres://localhost/runs', workflows: [] })`;
    const { stdout } = await shell(
      `node -e "import('graphwright/cluster').then(({ ClusterRuns }) => ${open}).catch((e) => console.log(e.code, e.message))"`,
    );
    expect(stdout).toContain('invalid_configuration');
    expect(stdout).toContain('npm install @dbos-inc/dbos-sdk pg');
  });

  test('loads no LangChain, Fastify, Comunica or Oxigraph with its root', async () => {
    const { stdout } = await shell(
      `NODE_DEBUG=esm node -e "import('graphwright')" 2>&1 | grep -cE 'node_modules/(langchain|@langchain|fastify|@comunica|oxigraph)/' || true`,
    );
    expect(stdout.trim()).toBe('0');
  });
});

describe('the README', () => {
  test('has no block that is not run here or by the test run itself', () => {
    const kinds = readme.map(({ language, file, text, words }) => {
      if (file) return 'file';
      if (language === 'sh' && /^npm (test|run demo)\n$/.test(text)) return 'ci';
      return language === 'sh' && (words.includes('client') || text.startsWith('npx graphwright'))
        ? 'shell'
        : `unknown ${language}`;
    });
    expect(new Set(kinds)).toEqual(new Set(['ci', 'file', 'shell']));
  });

  test('its program prints the customers', async () => {
    expect((await shell('node program.js')).stdout.trim().split(', ')).toHaveLength(3);
  });

  test('its LangChain tool answers', async () => {
    const { stdout } = await shell('node assistant.js');
    expect(stdout).toContain('List the customers of a segment');
    expect(stdout).toContain('"customers":[');
  });

  test('its Fastify app answers', async () => {
    expect((await shell('node app.js')).stdout).toMatch(/^200 \{ customers: \[ '/);
  });

  test('its test passes', async () => {
    expect((await shell('node --test workflows.test.js')).stdout).toMatch(/pass 1/);
  });

  test('its command and its server answer', async () => {
    const [runs, serves] = readme.filter(
      ({ text, language }) => language === 'sh' && text.startsWith('npx graphwright'),
    );
    expect(JSON.parse((await shell(runs!.text)).stdout)).toEqual({
      customers: [expect.any(String)],
    });
    const server = spawn('sh', ['-c', `exec ${serves!.text}`], {
      cwd: consumer,
      env: environment,
      detached: true,
    });
    try {
      await listening();
      const answers = [];
      for (const { text } of readme.filter(({ words }) => words.includes('client')))
        answers.push((await shell(text)).stdout);
      const [list, accepted, , table] = answers;
      expect(JSON.parse(list!)).toEqual({ customers: [expect.any(String)] });
      expect(JSON.parse(accepted!)).toMatchObject({
        workflow: 'process_customer_feedback',
        status: 'started',
      });
      expect(
        await processed(readme.filter(({ words }) => words.includes('client'))[2]!.text),
      ).toMatchObject({ responseSent: true });
      expect(table).toMatch(/^sentiment,count\r?\n/);
    } finally {
      process.kill(-server.pid!, 'SIGTERM');
      await once(server, 'exit');
    }
  }, 60_000);
});

async function listening(): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const answer = await fetch('http://localhost:7411/readyz').catch(() => undefined);
    if (answer?.ok) return;
    await sleep(50);
  }
  throw new Error('The server did not start');
}

/** Asks until the run that was accepted has ended. */
async function processed(line: string): Promise<{ status: string }> {
  for (let tries = 0; tries < 100; tries++) {
    const status = JSON.parse((await shell(line)).stdout) as { status: string };
    if (status.status !== 'processing') return status;
    await sleep(50);
  }
  throw new Error('The feedback was not processed');
}

describe('the guides', () => {
  const guides = [
    'docs/approval.md',
    'docs/configuration.md',
    'docs/conversation-settings.md',
    'docs/conversations.md',
    'docs/feedback.md',
    'docs/forms.md',
    'docs/graph.md',
    'docs/loading.md',
    'docs/mcp.md',
    'docs/provenance.md',
    'docs/queries.md',
    'docs/runs.md',
    'docs/shapes.md',
    'docs/triggers.md',
  ];

  test.each(guides)(
    '%s: every command and every program works',
    { timeout: 180_000 },
    async (path) => {
      // What asks a server is tried where there is one.
      const blocks = blocksOf(path).filter(({ words }) => !words.includes('server'));
      expect(blocks.length).toBeGreaterThan(0);
      for (const { language, file, text } of blocks) {
        const lines = {
          ts: compiled,
          yaml: configured,
          json: greeted,
          sparql: kept,
          turtle: kept,
          sh: async () => text,
        }[language];
        expect(lines, language).toBeDefined();
        expect((await shell(await lines!(file ?? '', text))).stdout).not.toBe('');
      }
    },
  );
});

/** Compiles a program of a guide; gives back the line that runs it. */
async function compiled(file: string, text: string): Promise<string> {
  await writeFile(join(consumer, file), text);
  await shell(`npx tsc --strict --module nodenext --target es2022 --types node ${file}`);
  return `node ${file.replace('.ts', '.js')}`;
}

/** Writes a configuration of a guide; gives back the line that reads it. */
async function configured(file: string, text: string): Promise<string> {
  await writeFile(join(consumer, file), text);
  return `npx graphwright config show --config ${file}`;
}

/** Writes a query of a guide; gives back the line that shows it. */
async function kept(file: string, text: string): Promise<string> {
  await mkdir(join(consumer, dirname(file)), { recursive: true });
  await writeFile(join(consumer, file), text);
  return `cat ${file}`;
}

/** Gives back the line that greets the server of an assistant's configuration, as the assistant would. */
async function greeted(_file: string, text: string): Promise<string> {
  const { command, args } = (
    JSON.parse(text) as { mcpServers: { graphwright: { command: string; args: string[] } } }
  ).mcpServers.graphwright;
  const params = {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'a', version: '1' },
  };
  const hello = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
  return `printf '%s\\n' '${hello}' | ${command} ${args.join(' ')}`;
}
