import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { cleanEnvironment, temporaryDirectory } from '../support/command.ts';
import { blocksOf } from '../support/documents.ts';

const shell = promisify(execFile);
const modules = join(process.cwd(), 'node_modules');

test('the programs, the command and the configuration of the guide work as they stand', async () => {
  await using directory = await temporaryDirectory();
  const cwd = directory.path;
  await mkdir(join(cwd, 'node_modules'));
  for (const name of ['@opentelemetry', '@rdfjs', '@types', 'zod'])
    await symlink(join(modules, name), join(cwd, 'node_modules', name));
  await symlink(process.cwd(), join(cwd, 'node_modules/graphwright'));
  await writeFile(join(cwd, 'package.json'), '{"type":"module"}');
  const run = async (line: string) => {
    const command = line.replaceAll('npx graphwright', `node ${process.cwd()}/dist/cli/main.js`);
    return (await shell('sh', ['-euc', command], { cwd, env: cleanEnvironment() })).stdout;
  };
  const tell: Record<string, (file: string, text: string) => Promise<string>> = {
    async ts(file, text) {
      await writeFile(join(cwd, file), text);
      const flags = '--strict --skipLibCheck --module nodenext --target es2022 --types node';
      await run(`node ${join(modules, 'typescript/bin/tsc')} ${flags} ${file}`);
      return run(`node ${file.replace('.ts', '.js')}`);
    },
    async yaml(file, text) {
      await writeFile(join(cwd, file), text);
      return run(`npx graphwright config show --config ${file}`);
    },
    sh: (_, text) => run(text),
  };
  const told: string[] = [];
  for (const { language, file = '', text } of blocksOf('docs/tracing.md'))
    told.push(await tell[language]!(file, text));
  const [program, , command, configuration] = told as [string, string, string, string];
  expect(program.match(/^(SELECT|step|run)( \w+)?/gm)).toEqual([
    'SELECT',
    'step count',
    'run count_people',
  ]);
  expect(program).toContain("'graphwright.workflow': 'count_people'");
  expect(command).toContain("name: 'run categorize_feedback_text'");
  expect(command).toContain('"categories"');
  expect(configuration).toMatch(/server\.keys +\(hidden\)/);
}, 120_000);
