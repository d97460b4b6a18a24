import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorTable } from '../../src/errors.ts';
import { cleanEnvironment, graphwright, temporaryDirectory } from '../support/command.ts';

const elapsed = (words: string[]) => {
  const begin = performance.now();
  execFileSync('node', words, { env: cleanEnvironment() });
  return performance.now() - begin;
};

describe('graphwright --help', () => {
  test('names every command and every exit code', async () => {
    const { code, stdout, stderr } = await graphwright(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const name of ['run', 'serve', 'query', 'update', 'config', 'demo'])
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    const codes = new Set(Object.values(errorTable).map(({ exit }) => exit));
    const [, documented = ''] = stdout.split('Exit codes:');
    for (const exit of codes) expect(documented).toMatch(new RegExp(`\\b${exit} [a-z]`));
  });

  test('has the version of the package beside it', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect(await graphwright(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  test('answers in under 200 ms more than Node itself', () => {
    const times = Array.from(
      { length: 5 },
      () => elapsed(['dist/cli/main.js', '--help']) - elapsed(['-e', '0']),
    );
    expect(Math.min(...times)).toBeLessThan(200);
  });
});

describe('A15 a typing mistake', () => {
  test.each([
    [['qurey'], 'query'],
    [['query', '--fromat', 'csv'], '--format'],
    [['config', 'shwo'], 'show'],
    [['--dta', 'x', 'query'], '--data'],
  ])('in %j is told with the nearest right word', async (words, right) => {
    const { code, stdout, stderr } = await graphwright(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error invalid_parameters: /);
    expect(stderr).toContain(`Did you mean ${right}?`);
  });

  test('is JSON for programs', async () => {
    const { code, stderr } = await graphwright(['--json', 'qurey']);
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'invalid_parameters', kind: 'validation' });
  });

  test('is red where colours are wanted, and plain under NO_COLOR', async () => {
    const coloured = await graphwright(['qurey'], { env: { FORCE_COLOR: '1', NO_COLOR: '' } });
    expect(coloured.stderr).toContain('\u001b[31m');
    const plain = await graphwright(['qurey'], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
    expect(plain.stderr).not.toContain('\u001b');
  });
});

describe('graphwright config show', () => {
  test('shows each value with its source, and no secret', async () => {
    await using directory = await temporaryDirectory();
    const cwd = directory.path;
    await writeFile(join(cwd, 'graphwright.config.yaml'), 'server: { port: 9000 }\n');
    const env = { GRAPHWRIGHT_SERVER_API_KEY: 'hush-hush-hush-hush' };
    const words = await graphwright(['config', 'show', '--data', 'here'], { cwd, env });
    expect(words).toMatchObject({ code: 0, stderr: '' });
    expect(words.stdout).toMatch(/server\.port +9000 +\S*graphwright\.config\.yaml/);
    expect(words.stdout).toMatch(/server\.apiKey +\(hidden\) +GRAPHWRIGHT_SERVER_API_KEY/);
    expect(words.stdout).toMatch(/data +here +flag/);
    expect(words.stdout).not.toContain('hush');
    for (const form of [
      ['config', 'show', '--json'],
      ['--json', 'config', 'show'],
    ]) {
      const { stdout } = await graphwright(form, { cwd, env });
      expect(JSON.parse(stdout)).toContainEqual({
        key: 'server.apiKey',
        value: '(hidden)',
        source: 'GRAPHWRIGHT_SERVER_API_KEY',
      });
    }
  });

  test('A15 tells what is wrong and exits with 2', async () => {
    const { code, stdout, stderr } = await graphwright(['config', 'show'], {
      env: { GRAPHWRIGHT_SERVER_PROT: '1' },
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^error invalid_configuration: .*did you mean GRAPHWRIGHT_SERVER_PORT\?/,
    );
  });
});
