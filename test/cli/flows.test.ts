import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { graphwright, start, temporaryDirectory } from '../support/command.ts';

const order = `id: order
name: Order
steps:
  - id: size
    type: user_input
    prompt: Which size?
    input: { type: choice, options: [Small, Large] }
  - id: thanks
    type: agent_response
    prompt: Thank you for the {size} one.
`;

const broken = `id: broken
name: Broken
steps:
  - id: ask
    type: user_input
    prompt: How is {whom}?
    next: thank
  - id: thanks
    type: agent_response
`;

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
const inDirectory = (...words: string[]) => graphwright(words, { cwd: directory.path });

beforeAll(async () => {
  directory = await temporaryDirectory();
  await mkdir(join(directory.path, 'flows'));
  await writeFile(join(directory.path, 'flows', 'order.yaml'), order);
  await writeFile(join(directory.path, 'graphwright.config.yaml'), '');
  await writeFile(join(directory.path, 'broken.yaml'), broken);
});
afterAll(() => directory[Symbol.asyncDispose]());

describe('V2 graphwright flows', () => {
  test('lists those of the directory beside the configuration', async () => {
    const listed = await inDirectory('flows', 'list');
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    expect(listed.stdout).toMatch(/order +Order +2/);
    const { items } = JSON.parse((await inDirectory('flows', 'list', '--json')).stdout);
    expect(items).toMatchObject([{ id: 'order', steps: ['size', 'thanks'] }]);
  });

  test('draws one by its name and by its file, as Mermaid and SVG', async () => {
    const named = await inDirectory('flows', 'graph', 'order');
    expect(named).toMatchObject({ code: 0, stderr: '' });
    expect(named.stdout).toMatch(/^flowchart TD\n/);
    const filed = await inDirectory('flows', 'graph', 'flows/order.yaml');
    expect(filed.stdout).toBe(named.stdout);
    const written = await inDirectory('flows', 'graph', 'order', '--output', 'order.svg');
    expect(written).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await readFile(join(directory.path, 'order.svg'), 'utf8')).toMatch(/^<svg /);
  });

  test('says what there is not, by exit code and in words', async () => {
    const unknown = await inDirectory('flows', 'graph', 'ordr');
    expect(unknown).toMatchObject({ code: 4, stdout: '' });
    expect(unknown.stderr).toContain('No flow ordr; did you mean order?');
    const format = await inDirectory('flows', 'graph', 'order', '--format', 'png');
    expect(format).toMatchObject({ code: 2, stdout: '' });
    expect(format.stderr).toContain('--format: png is none; there are mermaid and svg');
  });

  test('lints files, all that is wrong by file and line', async () => {
    const targets = broken.replace('{whom}', 'it').concat('    prompt: Thanks\n');
    await writeFile(join(directory.path, 'targets.yaml'), targets);
    const [good, bad, lost] = await Promise.all([
      inDirectory('flows', 'lint', 'flows/order.yaml'),
      inDirectory('flows', 'lint', 'flows/order.yaml', 'broken.yaml', 'none.yaml'),
      inDirectory('flows', 'lint', 'targets.yaml', '--json'),
    ]);
    expect(good).toMatchObject({
      code: 0,
      stdout: 'flows/order.yaml: order, 2 steps, all right\n',
    });
    expect(bad).toMatchObject({ code: 2, stdout: '' });
    expect(bad.stderr).toContain('broken.yaml:6: Step ask: nothing sets {whom}');
    expect(bad.stderr).toContain('broken.yaml:8: Step thanks: without an agent, the prompt');
    expect(bad.stderr).toContain('none.yaml cannot be read');
    expect(bad.stderr).not.toContain('order.yaml:');
    expect(JSON.parse(lost.stderr)).toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringMatching(/targets\.yaml:\d+: .*thank.*did you mean thanks\?/s),
    });
  });

  test('a broken flow is refused at the start, with every mistake of every file', async () => {
    await using other = await temporaryDirectory();
    await mkdir(join(other.path, 'own'));
    await writeFile(join(other.path, 'own', 'a.yaml'), broken);
    await writeFile(join(other.path, 'own', 'b.yml'), 'id: b\nname: [\n');
    const { code, stderr } = await graphwright(['flows', 'list'], {
      cwd: other.path,
      env: { GRAPHWRIGHT_FLOWS: 'own' },
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/a\.yaml:6: Step ask: .*\n.*a\.yaml:8: Step thanks/);
    expect(stderr).toMatch(/b\.yml:\d/);
  });

  test('knows the workflows and agents that flows may name, and opens nothing for it', async () => {
    const naming = (query: string, agent: string) =>
      `id: naming\nname: Naming\nsteps:\n  - { id: found, type: database_query, query: ${query} }\n  - { id: said, type: agent_response, agent: ${agent}, prompt: Go on }\n`;
    await writeFile(join(directory.path, 'right.yaml'), naming('find_customers', 'graph_analyst'));
    await writeFile(join(directory.path, 'wrong.yaml'), naming('find_custmers', 'graph_analist'));
    const right = await inDirectory('flows', 'lint', 'right.yaml');
    expect(right).toMatchObject({ code: 0, stderr: '' });
    const wrong = await inDirectory('flows', 'lint', 'wrong.yaml');
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain('wrong.yaml:4: Step found: there is no find_custmers; did you');
    expect(wrong.stderr).toContain('wrong.yaml:5: Step said: there is no agent graph_analist; did');
    await inDirectory('flows', 'list');
    await inDirectory('flows', 'graph', 'order');
    expect(existsSync(join(directory.path, 'data'))).toBe(false);
  });

  test('lists the flows of a module of one’s own, beside those of the directory', async () => {
    await using other = await temporaryDirectory();
    const own = `export const flows = ({ store }) => [{
      id: 'own', name: 'Own', description: typeof store.select, pattern: 'simple_chat', start: 'a', ends: ['a'],
      settings: {}, variables: {},
      steps: [{ name: 'a', kind: 'code', onArrival: true, transitions: [], execute: () => ({ action: 'complete' }) }],
    }];\n`;
    await writeFile(join(other.path, 'own.mjs'), own);
    await writeFile(
      join(other.path, 'calls.yaml'),
      order.replace('id: order', 'id: calls').concat('    next: flow:own\n'),
    );
    const env = { GRAPHWRIGHT_WORKFLOWS: 'own.mjs', GRAPHWRIGHT_FLOWS: '.' };
    const listed = await graphwright(['flows', 'list', '--json'], { cwd: other.path, env });
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    const { items } = JSON.parse(listed.stdout);
    expect(items).toMatchObject([{ id: 'own', description: 'function' }, { id: 'calls' }]);
  });

  test('asks the server that has the data', async () => {
    await using served = await temporaryDirectory();
    await mkdir(join(served.path, 'flows'));
    await writeFile(join(served.path, 'flows', 'order.yaml'), order);
    await writeFile(join(served.path, 'graphwright.config.yaml'), 'flows: flows\n');
    const { child, ended } = start(['serve', '--port', '0'], { cwd: served.path });
    let log = '';
    child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
    await vi.waitUntil(() => log.includes('"url"'), { timeout: 60_000 });
    const options = { cwd: served.path };
    const listed = await graphwright(['flows', 'list', '--json'], options);
    expect(JSON.parse(listed.stdout)).toMatchObject({ items: [{ id: 'order' }] });
    const drawn = await graphwright(['flows', 'graph', 'order', '--format', 'svg'], options);
    expect(drawn.stdout).toMatch(/^<svg /);
    child.kill('SIGTERM');
    await ended;
  }, 120_000);
}, 60_000);
