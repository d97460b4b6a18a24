import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphwright, start, temporaryDirectory } from '../support/command.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let data: string;
beforeAll(async () => {
  directory = await temporaryDirectory();
  data = join(directory.path, 'data');
});
afterAll(() => directory[Symbol.asyncDispose]());

const run = (words: string[], options: Parameters<typeof graphwright>[1] = {}) =>
  graphwright(['run', ...words, '--data', data], options);

const categorize = 'categorize_feedback_text';

describe('graphwright run', () => {
  test('without a name lists the workflows', async () => {
    const { code, stdout } = await run([]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ ?process_customer_feedback +\S/m);
    const listed = JSON.parse((await run(['--json'])).stdout) as { name: string }[];
    expect(listed.map(({ name }) => name)).toContain(categorize);
  });

  test("shows a workflow's parameters", async () => {
    const { code, stdout } = await run(['process_customer_feedback', '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/--customer-id +string +required +\S/);
    expect(stdout).toMatch(/--send-response +boolean +default true +\S/);
  });

  test('N1 takes parameters as flags, from a file and from standard input alike', async () => {
    const text = 'The invoice was wrong and billing never answers';
    const file = join(directory.path, 'parameters.json');
    await writeFile(file, JSON.stringify({ text }));
    const answers = await Promise.all([
      graphwright(['run', categorize, '--text', text, `--data=${data}-1`]),
      graphwright(['--data', `${data}-2`, 'run', categorize, '--file', file]),
      graphwright(['run', '--data', `${data}-3`, categorize, '-'], {
        stdin: JSON.stringify({ text }),
      }),
    ]);
    for (const answer of answers) expect(answer).toEqual({ ...answers[0], code: 0, stderr: '' });
    expect(JSON.parse(answers[0].stdout)).toHaveProperty('categories');
  });

  test.each([
    [['categorise_feedback_text'], 4, 'not_found', `did you mean ${categorize}?`],
    [[categorize, '--txt', 'x'], 2, 'invalid_parameters', 'did you mean --text?'],
    [[categorize], 2, 'invalid_parameters', '/text'],
    [[categorize, '-'], 2, 'invalid_parameters', 'standard input'],
    [['get_feedback_status', '--feedback-id', 'nobody'], 4, 'not_found', 'nobody'],
    [[categorize, '--text', 'x', '--config'], 2, 'invalid_configuration', '--data'],
  ])('A15 refuses %j with its exit code and nothing on standard output', async (...given) => {
    const [words, code, error, message] = given;
    const ended = await run(words);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toMatch(new RegExp(`^error ${error}: `));
    expect(ended.stderr).toContain(message);
  });

  test('A15 refuses a common flag without its value', async () => {
    for (const flag of ['--config', '--data=']) {
      const { code, stderr } = await graphwright(['run', categorize, flag], {
        cwd: directory.path,
      });
      expect(code).toBe(2);
      expect(stderr).toContain('needs a value');
    }
  });

  test('A15 tells its errors as JSON', async () => {
    const { code, stdout, stderr } = await run([categorize, '--text', ' ', '--json']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(JSON.parse(stderr)).toMatchObject({
      code: 'invalid_parameters',
      kind: 'validation',
      problems: [{ pointer: '/text' }],
    });
  });
});

describe('workflows of one’s own', () => {
  const env = { GRAPHWRIGHT_WORKFLOWS: resolve('test/cli/own-workflows.mjs') };

  test('run beside the others', async () => {
    const { code, stdout } = await run(['wait_forever', '--seconds', '0', '--json'], { env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{}\n' });
  });

  test('end with 130 when they are interrupted', async () => {
    const { child, ended } = start(['run', 'wait_forever', '--data', data], { env });
    await once(child.stderr, 'data');
    child.kill('SIGINT');
    expect(await ended).toMatchObject({
      code: 130,
      stdout: '',
      stderr: expect.stringContaining('error cancelled'),
    });
  });

  test.each([
    ['export const workflow = [];', 'must export'],
    ['export const workflows = 7;', 'must export'],
    ['export const workflows = [undefined];', 'a list of workflows'],
    ['export const workflows = () => [{ name: "half" }];', 'a list of workflows'],
    ['import "./nowhere.mjs";', 'cannot be loaded'],
    [
      'export const workflows = ({ runs, workflows }) => [{ name: "process_customer_feedback", parameters: {}, run() {} }];',
      'Two',
    ],
  ])('are refused when the module says %s', async (code, message) => {
    const file = join(directory.path, `bad-${message.length}-${code.length}.mjs`);
    await writeFile(file, code);
    const ended = await run([], { env: { GRAPHWRIGHT_WORKFLOWS: file } });
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^error invalid_configuration: /);
    expect(ended.stderr).toContain(message);
  });
});
