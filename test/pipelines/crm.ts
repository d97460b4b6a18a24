import type { CustomerRecord } from '../../src/integrations/customers/customers.ts';
import { CrmCustomers } from '../../src/integrations/customers/crm-customers.ts';
import { httpServer, json } from '../integrations/support/http-server.ts';

/** A customer as a CRM has one; what is not given is plain. */
export const customer = (id: string, rest: Partial<CustomerRecord> = {}): CustomerRecord => ({
  id,
  name: `Customer ${id}`,
  email: `${id}@example.org`,
  segment: 'standard',
  lifetimeValue: 10,
  transactions: [],
  interactions: [],
  ...rest,
});

/** A CRM over HTTP whose records the test may change, and the integration that reads it. */
export async function crm(...records: CustomerRecord[]) {
  const known = new Map(records.map((record) => [record.id, record]));
  const server = await httpServer((request, response, number) => {
    const path = new URL(request.url!, 'http://crm').pathname.split('/').map(decodeURIComponent);
    const [, , id] = path;
    const found = id === undefined ? { items: [...known.values()] } : known.get(id);
    json(found ?? {}, found ? 200 : 404)(request, response, number);
  });
  const customers = new CrmCustomers({ baseUrl: server.url, retry: { attempts: 1 } });
  const put = (record: CustomerRecord) => known.set(record.id, record);
  return { customers, put, requests: server.requests, close: server.close };
}
