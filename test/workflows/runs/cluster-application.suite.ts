import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfiguration } from '../../../src/configuration.ts';
import { openApplication } from '../../../src/server/application.ts';
import { execute } from '../../../src/workflows/execute.ts';
import { start, temporaryDirectory } from '../../support/command.ts';
import { startPostgres } from '../../support/postgres.ts';

test('A17 A28 the application keeps its runs in Postgres when it is told to, and goes on with them', async () => {
  await using directory = await temporaryDirectory();
  const postgres = await startPostgres();
  try {
    const environment = {
      GRAPHWRIGHT_RUNS_DATABASE_URL: await postgres.database('application'),
      GRAPHWRIGHT_CUSTOMERS_CSV: join(process.cwd(), 'demo/customers.csv'),
    };
    const { configuration } = loadConfiguration({ environment, directory: directory.path });
    const feedback = {
      feedbackId: 'f-1',
      customerId: 'c-001',
      subject: 'The headset',
      feedbackText: 'It is great.',
    };
    const open = () => openApplication({ ...configuration, data: directory.path });
    const first = await open();
    const job = first.workflows.find(({ name }) => name === 'process_customer_feedback')!;
    // Begun, and left: with a delay nothing of it has been done before the close.
    const { id } = await first.runs.start(job, feedback, { delay: 500 });
    await first.close();

    const second = await open();
    await second.start();
    expect(await second.runs.wait(id, 20_000)).toMatchObject({ status: 'completed' });
    const status = second.workflows.find(({ name }) => name === 'get_feedback_status')!;
    expect(await execute(status, { feedbackId: 'f-1' })).toMatchObject({ status: 'processed' });
    await second.close();
  } finally {
    await postgres.close();
  }
});

test('A17 a command that resumes a run warns while nobody carries out runs, and follows the run once somebody does', async () => {
  await using directory = await temporaryDirectory();
  const postgres = await startPostgres();
  try {
    const environment = {
      GRAPHWRIGHT_RUNS_DATABASE_URL: await postgres.database('asking'),
      GRAPHWRIGHT_CUSTOMERS_CSV: join(process.cwd(), 'demo/customers.csv'),
    };
    const { configuration } = loadConfiguration({ environment, directory: directory.path });
    const open = () => openApplication({ ...configuration, data: join(directory.path, 'own') });
    const first = await open();
    const sentiment = first.workflows.find(({ name }) => name === 'analyze_feedback_sentiment')!;
    const { id } = await first.runs.start(
      sentiment,
      { text: 'It is great.' },
      { delay: 3_600_000 },
    );
    await first.runs.cancel(id);
    await first.close();

    const data = join(directory.path, 'of the command');
    const command = start(['runs', 'resume', id, '--data', data], { env: environment });
    let told = '';
    command.child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
    const warning = `warning unavailable: The run ${id} of analyze_feedback_sentiment waits in a queue`;
    await expect.poll(() => told, { timeout: 20_000 }).toContain(warning);
    const second = await open();
    await second.start();
    const { code, stdout } = await command.ended;
    expect(stdout).toContain('completed');
    expect(code).toBe(0);
    await second.close();
  } finally {
    await postgres.close();
  }
});
