import { z } from 'zod';
import { GraphwrightError, type SerializedError } from '../../errors.ts';
import { Category, Sentiment } from '../../integrations/language/language.ts';
import type { OntologyStore } from '../../ontology/store.ts';
import { hasEnded, type RunRecord, type Runs } from '../runs/runs.ts';
import { Workflow, type Run } from '../workflow.ts';
import { findFeedback } from './feedback-record.ts';
import { Action, FeedbackId } from './parameters.ts';

/** What get_feedback_status works with. */
export interface FeedbackStatusConfiguration {
  store: OntologyStore;
  /** Tells of feedback that is still under way or has failed. */
  runs?: Pick<Runs, 'latest'>;
}

const Parameters = z.object({ feedbackId: FeedbackId });

/** Where a piece of feedback is, and what was found. */
export const FeedbackStatus = z.object({
  feedbackId: FeedbackId,
  status: z.enum(['processing', 'processed', 'failed']),
  timestamp: z.string().optional().describe('When the feedback was recorded, ISO 8601'),
  sentiment: Sentiment.optional(),
  categories: z.array(Category).describe('Empty while they are not known'),
  action: Action.optional(),
  responseSent: z.boolean(),
  error: z.object({ code: z.string(), message: z.string() }).optional().describe('Why it failed'),
});
export type FeedbackStatus = z.output<typeof FeedbackStatus>;

/** Tells how far the processing of a piece of feedback is. */
export class GetFeedbackStatus extends Workflow<FeedbackStatusConfiguration> {
  readonly name = 'get_feedback_status';
  readonly description =
    'Get the status of a piece of customer feedback: whether it is processed, its sentiment and categories, and whether an answer went out.';
  readonly parameters = Parameters;
  readonly result = FeedbackStatus;
  override readonly hints = { readOnly: true, idempotent: true };
  override readonly http = {
    method: 'GET',
    path: '/workflows/customer-feedback/:feedbackId',
  } as const;

  async run({ feedbackId }: z.output<typeof Parameters>, { signal }: Run): Promise<FeedbackStatus> {
    const { store, runs } = this.configuration;
    // First the run: what the graph says after it ended is final.
    const run = await runs?.latest('process_customer_feedback', 'feedbackId', feedbackId);
    const record = await findFeedback(store, feedbackId, signal);
    if (!record && !run) throw unknown(feedbackId);
    return {
      feedbackId,
      status: statusOf(run),
      timestamp: record?.timestamp,
      sentiment: record?.sentiment,
      categories: record?.categories ?? [],
      action: record?.action,
      responseSent: record?.responseSent ?? false,
      error: run?.error && publicError(run.error),
    };
  }
}

function publicError(error: SerializedError): FeedbackStatus['error'] {
  const { code, message } = GraphwrightError.fromJSON(error).toPublic();
  return { code, message };
}

function statusOf(run: RunRecord | undefined): FeedbackStatus['status'] {
  if (run && !hasEnded(run)) return 'processing';
  return run?.error ? 'failed' : 'processed';
}

const unknown = (feedbackId: string) =>
  new GraphwrightError('not_found', `No feedback ${feedbackId}`, {
    problems: [{ pointer: '/feedbackId', detail: 'No feedback by this id' }],
  });
