import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { blocksOf } from '../../support/documents.ts';
import { cleanEnvironment } from '../../support/command.ts';
import { startPostgres } from '../../support/postgres.ts';

const run = promisify(execFile);

test('the program of docs/cluster.md runs as it stands there', async () => {
  const program = blocksOf('docs/cluster.md').find(({ language }) => language === 'js')!;
  // Inside the package, which then finds itself by its name.
  await mkdir('data', { recursive: true });
  const directory = await mkdtemp('data/guide-');
  const postgres = await startPostgres();
  try {
    await writeFile(join(directory, program.file!), program.text);
    const database = await postgres.database('guide');
    const env = { ...cleanEnvironment(), GRAPHWRIGHT_RUNS_DATABASE_URL: database };
    const { stdout } = await run('node', [join(directory, program.file!)], { env });
    expect(stdout).toBe("{ greeting: 'Hello, Ada' }\n");
  } finally {
    await postgres.close();
    await rm(directory, { recursive: true });
  }
});

test('its commands name packages and a setting that are there', async () => {
  const [commands] = blocksOf('docs/cluster.md').filter(({ language }) => language === 'sh');
  const [, ...packages] = /^npm install (.*)$/m.exec(commands!.text)![1]!.split(' ');
  for (const name of packages) await import(name);
  expect(commands!.text).toContain('GRAPHWRIGHT_RUNS_DATABASE_URL=postgres://');
});
