import { z } from 'zod';
import { GraphwrightError } from '../../errors.ts';
import { parse } from '../../parse.ts';
import { JsonClient, type JsonClientConfiguration } from '../http.ts';
import { Integration } from '../integration.ts';
import { CustomerRecord, type CustomerRequest, type CustomerSource } from './customers.ts';

// A CRM may add fields to its answers at any time: unlike what callers send, the unknown is left out.
const Page = z.looseObject({
  items: z.array(CustomerRecord),
  nextCursor: z.string().nullish(),
});
const Customer = CustomerRecord.transform((customer) => customer);

/**
 * Customers of a CRM that speaks JSON over HTTP, below its base URL:
 * - `GET customers/{id}?include=transactions,interactions` answers one {@link CustomerRecord}, or 404;
 * - `GET customers?cursor=…&include=…` answers `{ items, nextCursor }`, the last page without nextCursor.
 *
 * `include` is left out when only the customers themselves are wanted.
 */
export class CrmCustomers extends Integration<JsonClientConfiguration> implements CustomerSource {
  readonly #client = new JsonClient(this.configuration);

  async getCustomer(
    id: string,
    request: CustomerRequest = {},
  ): Promise<CustomerRecord | undefined> {
    const query = { include: include(request) };
    const { signal } = request;
    const answer = await this.#client.get({ path: ['customers', id], query, signal });
    if (answer === undefined) return undefined;
    const what = `The CRM's record of customer ${JSON.stringify(id)}`;
    const customer = parse(Customer, answer, 'integration_refused', what);
    if (customer.id !== id) throw refused(`${what} is of ${JSON.stringify(customer.id)}`);
    return asAsked(customer, request);
  }

  async *listCustomers(request: CustomerRequest = {}): AsyncGenerator<CustomerRecord> {
    const cursors = new Set<string>();
    for (let cursor: string | undefined; ;) {
      const { items, nextCursor } = await this.#page(cursor, request);
      for (const customer of items) yield asAsked(customer, request);
      if (!nextCursor) return;
      if (cursors.has(nextCursor))
        throw refused(`The CRM's list of customers goes in a circle at cursor ${nextCursor}`);
      cursors.add((cursor = nextCursor));
    }
  }

  async #page(
    cursor: string | undefined,
    request: CustomerRequest,
  ): Promise<z.output<typeof Page>> {
    const query = { cursor, include: include(request) };
    const answer = await this.#client.get({ path: ['customers'], query, signal: request.signal });
    if (answer === undefined) throw refused('The CRM has no list of customers: is the URL right?');
    const what = `The CRM's list of customers${cursor ? ` at cursor ${cursor}` : ''}`;
    return parse(Page, answer, 'integration_refused', what);
  }
}

function include({ includeTransactions, includeInteractions }: CustomerRequest) {
  const parts = [includeTransactions && 'transactions', includeInteractions && 'interactions'];
  return parts.filter(Boolean).join(',') || undefined;
}

/** A CRM may send more than it was asked for; callers get what they asked for. */
function asAsked(
  customer: CustomerRecord,
  { includeTransactions, includeInteractions }: CustomerRequest,
): CustomerRecord {
  return {
    ...customer,
    transactions: includeTransactions ? customer.transactions : [],
    interactions: includeInteractions ? customer.interactions : [],
  };
}

const refused = (message: string) => new GraphwrightError('integration_refused', message);
