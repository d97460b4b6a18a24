import { z } from 'zod';

/** How a customer is served. */
export const Segment = z.enum(['standard', 'premium', 'enterprise']);
export type Segment = z.output<typeof Segment>;

/** A purchase; `amount` in units of `currency` (ISO 4217). */
export const Transaction = z.object({
  id: z.string().min(1),
  date: z.iso.datetime({ offset: true }),
  amount: z.number(),
  currency: z.string().regex(/^[A-Z]{3}$/),
  description: z.string().optional(),
});
export type Transaction = z.output<typeof Transaction>;

/** A contact with the customer: a call, a mail, a visit. */
export const Interaction = z.object({
  id: z.string().min(1),
  date: z.iso.datetime({ offset: true }),
  channel: z.string().min(1),
  summary: z.string().optional(),
});
export type Interaction = z.output<typeof Interaction>;

/** A customer as outside systems know one; `lifetimeValue` in the business's own currency. */
export const CustomerRecord = z.object({
  id: z.string().min(1),
  name: z.string().min(1),
  email: z.email(),
  segment: Segment.default('standard'),
  lifetimeValue: z.number().default(0),
  transactions: z.array(Transaction).default([]),
  interactions: z.array(Interaction).default([]),
});
export type CustomerRecord = z.output<typeof CustomerRecord>;

/** What to fetch besides the customer itself: nothing, unless asked. */
export interface CustomerRequest {
  includeTransactions?: boolean;
  includeInteractions?: boolean;
  signal?: AbortSignal;
}

/**
 * Where customers are known: a CRM, a file.
 *
 * All methods reject with a GraphwrightError: `integration_failed` and `timeout` when another try may
 * help, `integration_refused` when the source's data does not fit, `invalid_configuration`,
 * `invalid_parameters` for an id that no customer of the source can have, `cancelled`.
 */
export interface CustomerSource {
  /** The customer, or undefined when the source knows none by that id. */
  getCustomer(id: string, request?: CustomerRequest): Promise<CustomerRecord | undefined>;
  /** Every customer, one at a time, each id once. */
  listCustomers(request?: CustomerRequest): AsyncIterable<CustomerRecord>;
}
