import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { cleanEnvironment, temporaryDirectory } from '../support/command.ts';

const program = `
  import { createRequire } from 'node:module';
  import { loadConfiguration, openApplication } from './dist/server/application.js';
  const { configuration } = loadConfiguration({ flags: { data: process.argv[1] }, directory: process.argv[1] });
  const application = await openApplication(configuration);
  await application.start();
  const [workflow] = application.workflows.filter(({ name }) => name === 'categorize_feedback_text');
  const run = await application.runs.start(workflow, { text: 'It broke.' });
  const { status } = await application.runs.wait(run.id, 20_000);
  await application.close();
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  const traced = loaded.filter((path) => path.includes('@opentelemetry')).length > 0;
  process.stdout.write(JSON.stringify({ status, traced }));
`;

/** What a program tells that runs a workflow with some settings. */
async function told(environment: Record<string, string>) {
  await using directory = await temporaryDirectory();
  const words = ['--input-type=module', '--eval', program, directory.path];
  const env = { ...cleanEnvironment(), ...environment };
  const { stdout } = await promisify(execFile)('node', words, { env });
  return JSON.parse(stdout) as unknown;
}

describe('tracing', { timeout: 120_000 }, () => {
  test('is off by default, and nothing of OpenTelemetry is loaded', async () => {
    expect(await told({})).toEqual({ status: 'completed', traced: false });
  });

  test('is turned on by a setting, and needs no SDK', async () => {
    const environment = { GRAPHWRIGHT_TRACING: 'spans' };
    expect(await told(environment)).toEqual({ status: 'completed', traced: true });
  });
});
