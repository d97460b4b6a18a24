import type { TemplatedEmail } from '../../integrations/email/email.ts';
import type { Category, Sentiment } from '../../integrations/language/language.ts';
import { isPriority } from './action.ts';
import type { KnownCustomer } from './customer-lookup.ts';

/** What an answer to a piece of feedback is written from. */
export interface FeedbackAnswer {
  feedbackId: string;
  customer: KnownCustomer;
  subject: string;
  feedbackText: string;
  sentiment: Sentiment;
  categories: readonly Category[];
  /** The ticket of an escalation, which the customer is told. */
  ticketId?: string;
}

/** Chooses the template by what was decided and how the customer feels. */
export function composeAnswer(answer: FeedbackAnswer): TemplatedEmail {
  const { feedbackId, customer, subject, sentiment, categories, feedbackText, ticketId } = answer;
  return {
    key: `feedback:${feedbackId}`,
    recipient: { name: customer.name, address: customer.email },
    subject: `RE: ${subject}`,
    template: ticketId ? 'escalation_acknowledgment' : `${sentiment}_feedback_response`,
    data: {
      customerName: customer.name,
      feedbackId,
      categories,
      isPriority: isPriority(customer),
      feedbackText,
      ...(ticketId && { ticketId }),
    },
  };
}
