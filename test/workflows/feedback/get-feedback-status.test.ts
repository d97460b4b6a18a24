import { describe, expect, test } from 'vitest';
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

  test('is failed, with the reason, when its run failed; processing while it goes on; unknown otherwise', async () => {
    await using kit = await feedbackKit();
    const runs = await EmbeddedRuns.open({ state: kit.state, workflows: [kit.workflow] });
    const status = new GetFeedbackStatus({ store: kit.store, runs });
    const { id } = await runs.start(kit.workflow, { ...feedback, customerId: 'nobody' });
    expect(await execute(status, { feedbackId: 'f-1' })).toMatchObject({
      status: 'processing',
      categories: [],
      responseSent: false,
    });
    await runs.wait(id, 5_000);
    expect(await execute(status, { feedbackId: 'f-1' })).toMatchObject({
      status: 'failed',
      error: { code: 'not_found' },
    });
    await expect(execute(status, { feedbackId: 'f-2' })).rejects.toMatchObject({
      code: 'not_found',
      problems: [{ pointer: '/feedbackId' }],
    });
    await runs.close();
  });
});
