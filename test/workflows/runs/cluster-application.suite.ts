import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfiguration } from '../../../src/configuration.ts';
import { openApplication } from '../../../src/server/application.ts';
import { execute } from '../../../src/workflows/execute.ts';
import { temporaryDirectory } from '../../support/command.ts';
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
