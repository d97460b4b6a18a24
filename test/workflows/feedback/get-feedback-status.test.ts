import { describe, expect, test } from 'vitest';
import { CustomerDataPipeline } from '../../../src/pipelines/customer-data.ts';
import { customersOf } from '../../../src/testing/index.ts';
import { execute } from '../../../src/workflows/execute.ts';
import { GetFeedbackStatus } from '../../../src/workflows/feedback/get-feedback-status.ts';
import { EmbeddedRuns } from '../../../src/workflows/runs/embedded-runs.ts';
import { feedback, feedbackKit } from '../../support/feedback.ts';

describe('A13 the status of feedback', () => {
  test('is processed, with sentiment, categories, time and whether an answer went out', async () => {
    await using kit = await feedbackKit();
    await kit.handle();
    expect(
      await execute(new GetFeedbackStatus({ store: kit.store }), { feedbackId: 'f-1' }),
    ).toEqual({
      feedbackId: 'f-1',
      status: 'processed',
      timestamp: expect.stringMatching(/^2026-01-01T00:00:00/),
      sentiment: 'positive',
      categories: ['product'],
      action: 'auto_respond',
      responseSent: true,
    });
  });

  test('is processing while its run goes on, and failed, with the reason, once that failed', async () => {
    let answer: (() => void) | undefined;
    const silent = new Promise<undefined>((resolve) => (answer = () => resolve(undefined)));
    const customers = { ...customersOf(), getCustomer: () => silent };

    await using kit = await feedbackKit({
      customerPipeline: new CustomerDataPipeline({ customers }),
    });
    const runs = await EmbeddedRuns.open({ state: kit.state, workflows: [kit.workflow] });
    const status = new GetFeedbackStatus({ store: kit.store, runs });
    const { id } = await runs.start(kit.workflow, feedback);
    expect(await execute(status, { feedbackId: 'f-1' })).toMatchObject({
      status: 'processing',
      categories: [],
      responseSent: false,
    });
    answer?.();
    await runs.wait(id, 5_000);
    expect(await execute(status, { feedbackId: 'f-1' })).toMatchObject({
      status: 'failed',
      error: { code: 'not_found' },
    });
    await runs.close();
  });

  test('of feedback that nobody handed in is not found', async () => {
    await using kit = await feedbackKit();
    await expect(
      execute(new GetFeedbackStatus({ store: kit.store }), { feedbackId: 'f-2' }),
    ).rejects.toMatchObject({
      code: 'not_found',
      problems: [{ pointer: '/feedbackId' }],
    });
  });
});
