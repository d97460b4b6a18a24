import { z } from 'zod';
import { GraphwrightError } from '../../errors.ts';
import { sparql } from '../../ontology/sparql.ts';
import type { OntologyStore } from '../../ontology/store.ts';
import { graphName, gw } from '../../ontology/terms.ts';
import { onEvent } from '../triggers/trigger.ts';
import { Workflow, type Run } from '../workflow.ts';
import { feedbackIri } from './feedback-record.ts';
import { FeedbackId } from './parameters.ts';

/** What record_feedback_response is given. */
export const FeedbackResponse = z.object({
  feedbackId: FeedbackId,
  responseText: z.string().trim().min(1).max(20_000).describe('What was answered to the customer'),
});
type FeedbackResponse = z.output<typeof FeedbackResponse>;

const Result = z.object({
  feedbackId: FeedbackId,
  responseTime: z.iso.datetime().describe('When the first response was recorded'),
});

/** Records that feedback was responded to, by whatever way. The same response again changes nothing. */
export class RecordFeedbackResponse extends Workflow<{ store: OntologyStore }> {
  readonly name = 'record_feedback_response';
  readonly description =
    'Record a response that was given to a piece of customer feedback, and when.';
  readonly parameters = FeedbackResponse;
  readonly result = Result;
  override readonly hints = { idempotent: true };
  override readonly on = [onEvent('feedback_response', FeedbackResponse)];

  async run({ feedbackId, responseText }: FeedbackResponse, run: Run) {
    const { store } = this.configuration;
    const now = run.now();
    await run.step('record_response', () =>
      store.update(recording(feedbackId, responseText, now), { signal: run.signal }),
    );
    const responseTime = await run.step('read_response', () => this.#time(feedbackId, run));
    if (responseTime) return { feedbackId, responseTime };
    throw new GraphwrightError('not_found', `No feedback ${feedbackId}`, {
      problems: [{ pointer: '/feedbackId', detail: 'No feedback by this id' }],
    });
  }

  async #time(feedbackId: string, { signal }: Run): Promise<string | undefined> {
    const [row] = await this.configuration.store.select(
      sparql`SELECT ?time WHERE {
        GRAPH ${graph} { ${feedbackIri(feedbackId)} ${gw('responseTime')} ?time }
      }`,
      { signal },
    );
    return row && new Date(row['time']!.value).toISOString();
  }
}

const graph = graphName('feedback_data');

/** Of feedback that is not there it records nothing; of the times, the first one stays. */
const recording = (feedbackId: string, text: string, now: Date) => sparql`
  INSERT {
    GRAPH ${graph} {
      ${feedbackIri(feedbackId)} ${gw('hasResponse')} ${text} ; ${gw('responseTime')} ?time
    }
  }
  WHERE {
    GRAPH ${graph} { ${feedbackIri(feedbackId)} a ${gw('Feedback')} }
    OPTIONAL { GRAPH ${graph} { ${feedbackIri(feedbackId)} ${gw('responseTime')} ?known } }
    BIND (COALESCE(?known, ${now}) AS ?time)
  }`;
