import { expect, test } from 'vitest';
import { WinkLanguage } from '../../../src/integrations/language/wink-language.ts';
import { AnalyzeFeedbackSentiment } from '../../../src/workflows/feedback/analyze-feedback-sentiment.ts';
import { CategorizeFeedbackText } from '../../../src/workflows/feedback/categorize-feedback-text.ts';
import { GetFeedbackStatus } from '../../../src/workflows/feedback/get-feedback-status.ts';
import { EmbeddedRuns } from '../../../src/workflows/runs/embedded-runs.ts';
import { expectParity } from '../../conformance/parity.ts';
import { feedback, feedbackKit } from '../../support/feedback.ts';

test('N1 A12 A13 each workflow gives the same result and the same error code on every surface', async () => {
  await using kit = await feedbackKit();
  const { store, state, workflow } = kit;
  const language = new WinkLanguage();
  const runs = await EmbeddedRuns.open({ state, workflows: [workflow] });
  const texts = {
    good: [
      { text: 'The product design is excellent but the price is too high.' },
      { text: '"; DROP ALL #' },
    ],
    bad: [
      { input: {}, code: 'invalid_parameters' as const },
      { input: { text: ' ' }, code: 'invalid_parameters' as const },
      { input: { text: 'fine', language: 'en' }, code: 'invalid_parameters' as const },
      { input: { text: 7 }, code: 'invalid_parameters' as const, typeOnly: true },
    ],
  };
  const calls = await expectParity(
    [
      {
        workflow,
        good: [
          feedback,
          { ...feedback, feedbackId: 'f-2', customerId: 'premium', sendResponse: false },
          {
            ...feedback,
            feedbackId: 'f-3',
            sentiment: 'negative',
            categories: ['billing', 'legal'],
          },
        ],
        bad: [
          { input: { ...feedback, feedbackId: 'f-4', customerId: 'nobody' }, code: 'not_found' },
          {
            input: { ...feedback, feedbackId: 'f-4', customerId: 'x" . } ; DROP ALL #' },
            code: 'not_found',
          },
          { input: { ...feedback, subject: 'Another' }, code: 'conflict' },
          { input: { ...feedback, feedbackId: '../x' }, code: 'invalid_parameters' },
          { input: { ...feedback, sentiment: 'angry' }, code: 'invalid_parameters' },
          { input: { ...feedback, priority: 1 }, code: 'invalid_parameters' },
          {
            input: { ...feedback, sendResponse: 'true' },
            code: 'invalid_parameters',
            typeOnly: true,
          },
        ],
      },
      { workflow: new AnalyzeFeedbackSentiment({ language }), ...texts },
      { workflow: new CategorizeFeedbackText({ language }), ...texts },
      {
        workflow: new GetFeedbackStatus({ store }),
        good: [{ feedbackId: 'f-1' }, { feedbackId: 'f-2' }],
        bad: [
          { input: { feedbackId: 'nobody' }, code: 'not_found' },
          { input: { feedbackId: '..%2f..%2fetc' }, code: 'invalid_parameters' },
        ],
      },
    ],
    runs,
  );
  expect(calls).toBeGreaterThan(100);
  expect(kit.outbox.sent).toHaveLength(2);
  await runs.close();
});
