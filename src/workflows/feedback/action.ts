import type { CustomerRecord, Segment } from '../../integrations/customers/customers.ts';
import type { Category, Sentiment } from '../../integrations/language/language.ts';
import type { TicketRequest } from '../../integrations/tickets/tickets.ts';
import type { Action } from './parameters.ts';

const personal: readonly Segment[] = ['premium', 'enterprise'];
const critical: readonly Category[] = ['bug', 'security', 'billing', 'legal'];
const highValue = 5000;

/** What the choice of an action rests on. */
export interface Case {
  customer: Pick<CustomerRecord, 'segment' | 'lifetimeValue'>;
  sentiment: Sentiment;
  categories: readonly Category[];
  sendResponse: boolean;
}

/** Why a person looks at it, and how soon. */
export type Escalation = Pick<TicketRequest, 'reason' | 'priority'>;

/** What is done; an escalation says why. */
export interface Decision {
  action: Action;
  escalation?: Escalation;
}

/** Whether the customer's segment is answered by a person. */
export const isPriority = ({ segment }: Pick<CustomerRecord, 'segment'>): boolean =>
  personal.includes(segment);

/**
 * Decides between answering, escalating and letting be: premium and enterprise customers, negative
 * feedback of customers worth more than 5,000, and critical categories go to a person. The first
 * reason that holds is the one given.
 */
export function decide(given: Case): Decision {
  const escalation = escalate(given);
  if (escalation) return { action: 'escalate', escalation };
  return { action: given.sendResponse ? 'auto_respond' : 'no_action' };
}

function escalate({ customer, sentiment, categories }: Case): Escalation | undefined {
  const negative = sentiment === 'negative';
  if (isPriority(customer))
    return { reason: `${customer.segment}_customer`, priority: negative ? 'urgent' : 'normal' };
  if (negative && customer.lifetimeValue > highValue)
    return { reason: 'negative_high_value', priority: 'high' };
  const category = categories.find((candidate) => critical.includes(candidate));
  if (category)
    return { reason: `critical_category_${category}`, priority: negative ? 'high' : 'normal' };
  return undefined;
}
