import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfiguration } from '../../src/configuration.ts';
import { sparql } from '../../src/ontology/sparql.ts';
import { gw, thing } from '../../src/ontology/terms.ts';
import { openApplication, type Application } from '../../src/server/application.ts';
import { execute } from '../../src/workflows/execute.ts';
import { graphwright, temporaryDirectory } from '../support/command.ts';
import { testApp, type TestApp } from './apps.ts';

const apiKey = 'correct-horse-battery';

describe('A10 an application whose graph is on another server', () => {
  let other: TestApp;
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let environment: Record<string, string>;
  beforeAll(async () => {
    directory = await temporaryDirectory();
    other = await testApp({ apiKey });
    await other.app.listen({ port: 0, host: '127.0.0.1' });
    const address = `http://127.0.0.1:${(other.app.server.address() as AddressInfo).port}`;
    environment = {
      GRAPHWRIGHT_DATA: join(directory.path, 'data'),
      GRAPHWRIGHT_CUSTOMERS_CSV: join(process.cwd(), 'demo/customers.csv'),
      GRAPHWRIGHT_STORE_QUERY_URL: `${address}/query`,
      GRAPHWRIGHT_STORE_UPDATE_URL: `${address}/update`,
      GRAPHWRIGHT_STORE_TOKEN: apiKey,
    };
  });
  afterAll(async () => {
    await other[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  const open = (): Promise<Application> =>
    openApplication(loadConfiguration({ environment, directory: directory.path }).configuration);

  test('runs the same workflows, which write there', async () => {
    const application = await open();
    const job = application.workflows.find(({ name }) => name === 'process_customer_feedback')!;
    const feedback = {
      feedbackId: 'f-1',
      customerId: 'c-001',
      subject: 'The headset',
      feedbackText: 'It is great.',
    };
    const result = await execute(job, feedback);
    expect(result).toMatchObject({ success: true, sentiment: 'positive' });
    expect(await execute(job, feedback)).toEqual(result);
    const run = await application.runs.start(job, { ...feedback, feedbackId: 'f-2' });
    expect(await application.runs.wait(run.id, 20_000)).toMatchObject({ status: 'completed' });
    await application.close();
    for (const id of ['f-1', 'f-2'])
      expect(
        await other.store.ask(sparql`ASK { ${thing('feedback', id)} ${gw('responseSent')} true }`),
      ).toBe(true);
  });

  test('is queried by the command', async () => {
    const words = [
      'query',
      'SELECT ?t { <urn:graphwright:feedback:f-1> <https://w3id.org/graphwright#text> ?t }',
      '--format',
      'csv',
    ];
    expect(await graphwright(words, { env: environment, cwd: directory.path })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('It is great.'),
    });
  });

  test('hides its token', async () => {
    const { stdout } = await graphwright(['config', 'show', '--json'], {
      env: environment,
      cwd: directory.path,
    });
    expect(stdout).toContain('store.token');
    expect(stdout).not.toContain(apiKey);
  });
});
