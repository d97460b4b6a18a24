import { z } from 'zod';
import { GraphwrightError } from '../../errors.ts';
import type { EmailSender } from '../../integrations/email/email.ts';
import { Category, Sentiment, type Language } from '../../integrations/language/language.ts';
import type { TicketDesk } from '../../integrations/tickets/tickets.ts';
import type { OntologyStore } from '../../ontology/store.ts';
import type { CustomerDataPipeline } from '../../pipelines/customer-data.ts';
import { runPipeline } from '../../pipelines/run-pipeline.ts';
import { Semaphore } from '../semaphore.ts';
import { onEvent } from '../triggers/trigger.ts';
import { Workflow, type Run } from '../workflow.ts';
import { decide, type Escalation } from './action.ts';
import { findCustomer, type KnownCustomer } from './customer-lookup.ts';
import { sendAnswer } from './feedback-answer.ts';
import {
  assertSame,
  feedbackIri,
  findFeedback,
  recordAction,
  recordFeedback,
  type FeedbackRecord,
} from './feedback-record.ts';
import { Action, CustomerFeedbackParameters, FeedbackId } from './parameters.ts';

/** What process_customer_feedback works with. */
export interface CustomerFeedbackConfiguration {
  store: OntologyStore;
  /** Asked for a customer that the graph does not hold. */
  customerPipeline: CustomerDataPipeline;
  language: Language;
  email: EmailSender;
  tickets: TicketDesk;
  /** How many pieces of feedback are handled at once; 5 by default. */
  maxParallelRequests?: number;
}

/** What became of a piece of feedback. */
export const CustomerFeedbackResult = z.object({
  feedbackId: FeedbackId,
  customerId: z.string(),
  success: z.boolean(),
  stepsCompleted: z
    .array(
      z.enum([
        'customer_data_retrieved',
        'sentiment_analyzed',
        'feedback_categorized',
        'feedback_stored',
        'ticket_opened',
        'response_sent',
      ]),
    )
    .describe('What was done, in order'),
  sentiment: Sentiment,
  categories: z.array(Category),
  action: Action.describe('What was decided'),
  feedbackUri: z.string().describe('IRI of the feedback in the graph'),
  responseId: z.string().optional().describe('Message-ID of the answer, when one was sent'),
  ticketId: z.string().optional().describe('The ticket, when the feedback was escalated'),
});
export type CustomerFeedbackResult = z.output<typeof CustomerFeedbackResult>;

/**
 * Records a piece of customer feedback, and answers or escalates it.
 *
 * The same feedback again changes nothing and sends nothing: what is stored stays, and the result is
 * the same. Other feedback under the same id is a `conflict`.
 */
export class ProcessCustomerFeedback extends Workflow<CustomerFeedbackConfiguration> {
  readonly name = 'process_customer_feedback';
  readonly description =
    'Record a piece of customer feedback with its sentiment and categories, then answer the customer by mail or escalate to a person with a ticket.';
  readonly parameters = CustomerFeedbackParameters;
  readonly result = CustomerFeedbackResult;
  override readonly group = 'feedback';
  override readonly hints = { idempotent: true, openWorld: true, sends: true };
  override readonly http = {
    method: 'POST',
    path: '/workflows/customer-feedback',
    location: '/workflows/customer-feedback/:feedbackId',
  } as const;
  override readonly on = [onEvent('new_feedback', CustomerFeedbackParameters)];
  override readonly policy = {
    maxParallel: this.configuration.maxParallelRequests ?? 5,
    approval: { when: ({ sendResponse }: CustomerFeedbackParameters) => sendResponse },
  };

  /** The pieces of feedback under way, so that the same one is never handled twice at once. */
  readonly #underWay = new Map<string, Semaphore>();

  async run(parameters: CustomerFeedbackParameters, run: Run) {
    const { feedbackId } = parameters;
    const turn = this.#underWay.get(feedbackId) ?? new Semaphore(1);
    this.#underWay.set(feedbackId, turn);
    try {
      return await turn.run(() => this.#process(parameters, run), run.signal);
    } finally {
      if (turn.idle) this.#underWay.delete(feedbackId);
    }
  }

  async #process(
    parameters: CustomerFeedbackParameters,
    run: Run,
  ): Promise<CustomerFeedbackResult> {
    const { feedbackId, customerId, sendResponse } = parameters;
    const stepsCompleted: CustomerFeedbackResult['stepsCompleted'] = [];

    const customer = await run.step('get_customer', () => this.#customer(customerId, run));
    stepsCompleted.push('customer_data_retrieved');

    const stored = await this.#stored(parameters, run);
    const mood = stored ?? (await run.step('analyze_sentiment', () => this.#mood(parameters, run)));
    stepsCompleted.push('sentiment_analyzed');

    const categories =
      stored?.categories ?? (await run.step('categorize', () => this.#categories(parameters, run)));
    stepsCompleted.push('feedback_categorized');

    const { sentiment } = mood;
    const { action, escalation } = decide({ customer, sentiment, categories, sendResponse });
    await run.step('store_feedback', () =>
      this.#store(parameters, { ...mood, categories, action }, stored, run),
    );
    stepsCompleted.push('feedback_stored');

    const ticketId =
      escalation &&
      (await run.step('open_ticket', () => this.#ticket(parameters, escalation, run)));
    if (ticketId) stepsCompleted.push('ticket_opened');

    const answer = { ...parameters, customer, sentiment, categories, ticketId };
    const responseId = sendResponse
      ? await run.effect('send_response', () => sendAnswer(this.configuration, answer, run), {
          // The graph and the transport know whether the mail went out.
          onUnknown: 'repeat',
        })
      : undefined;
    if (responseId) stepsCompleted.push('response_sent');

    const feedbackUri = feedbackIri(feedbackId).value;
    return {
      feedbackId,
      customerId,
      success: true,
      stepsCompleted,
      sentiment,
      categories,
      action,
      feedbackUri,
      responseId,
      ticketId,
    };
  }

  async #customer(id: string, run: Run): Promise<KnownCustomer> {
    const { store, customerPipeline } = this.configuration;
    const known = await findCustomer(store, id, run.signal);
    if (known) return known;
    const context = { store, signal: run.signal, now: run.now };
    await runPipeline(customerPipeline, { customerId: id }, context);
    const fetched = await findCustomer(store, id, run.signal);
    if (fetched) return fetched;
    throw new GraphwrightError(
      'invalid_result',
      `${customerPipeline.name} wrote no customer ${id}`,
    );
  }

  /** The same feedback from an earlier run, whose findings stay. */
  async #stored({ feedbackText: text, ...rest }: CustomerFeedbackParameters, run: Run) {
    const stored = await findFeedback(this.configuration.store, rest.feedbackId, run.signal);
    if (stored) assertSame(stored, { ...rest, text });
    return stored;
  }

  async #mood({ sentiment, feedbackText }: CustomerFeedbackParameters, run: Run): Promise<Mood> {
    if (sentiment) return { sentiment };
    return this.configuration.language.analyzeSentiment(feedbackText, run.signal);
  }

  async #categories({ categories, feedbackText }: CustomerFeedbackParameters, run: Run) {
    if (categories.length) return [...new Set(categories)].toSorted();
    const analysis = await this.configuration.language.categorize(feedbackText, run.signal);
    return analysis.categories.toSorted();
  }

  async #store(
    { feedbackId, customerId, subject, feedbackText: text }: CustomerFeedbackParameters,
    findings: Mood & Pick<FeedbackRecord, 'categories' | 'action'>,
    stored: FeedbackRecord | undefined,
    run: Run,
  ): Promise<void> {
    const { store } = this.configuration;
    if (stored?.action === findings.action) return;
    if (stored) return recordAction(store, feedbackId, findings.action, run.signal);
    const { sentiment, score, confidence, categories, action } = findings;
    const timestamp = run.now().toISOString();
    await recordFeedback(
      store,
      {
        feedbackId,
        customerId,
        subject,
        text,
        sentiment,
        score,
        confidence,
        categories,
        action,
        timestamp,
        responseSent: false,
      },
      run.signal,
    );
  }

  async #ticket(
    { feedbackId, customerId, subject }: CustomerFeedbackParameters,
    escalation: Escalation,
    run: Run,
  ): Promise<string> {
    const key = `feedback:${feedbackId}`;
    const request = { key, customerId, feedbackId, subject, ...escalation, openedAt: run.now() };
    return (await this.configuration.tickets.openTicket(request, run.signal)).id;
  }
}

type Mood = Pick<FeedbackRecord, 'sentiment' | 'score' | 'confidence'>;
