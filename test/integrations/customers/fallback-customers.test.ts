import { describe, expect, test } from 'vitest';
import { CrmCustomers } from '../../../src/integrations/customers/crm-customers.ts';
import { CsvCustomers } from '../../../src/integrations/customers/csv-customers.ts';
import { fallbackCustomers } from '../../../src/integrations/customers/fallback-customers.ts';
import { httpServer, json, type Answer } from '../support/http-server.ts';

const crmAnswer: Answer = (request, response, number) => {
  const ada = { id: 'c-001', name: 'Ada of the CRM', email: 'ada@example.org' };
  if (request.url!.startsWith('/customers/'))
    return json(ada, request.url === '/customers/c-001' ? 200 : 404)(request, response, number);
  json({ items: [ada, { ...ada, id: 'crm-only' }] })(request, response, number);
};

describe('A2 several customer sources as one', () => {
  test('the first that knows a customer answers, and each is listed once', async () => {
    await using server = await httpServer(crmAnswer);
    const crm = new CrmCustomers({ baseUrl: server.url });
    const file = new CsvCustomers({ path: 'demo/customers.csv' });
    const customers = fallbackCustomers([crm, file]);

    expect((await customers.getCustomer('c-001'))?.name).toBe('Ada of the CRM');
    expect((await customers.getCustomer('c-002'))?.id).toBe('c-002');
    expect(await customers.getCustomer('nobody')).toBeUndefined();

    const ids: string[] = [];
    for await (const { id } of customers.listCustomers()) ids.push(id);
    expect(ids.slice(0, 3)).toEqual(['c-001', 'crm-only', 'c-002']);
    expect(ids).toHaveLength(201);
  });

  test('a source that fails is not passed over', async () => {
    await using server = await httpServer(json({}, 500));
    const crm = new CrmCustomers({ baseUrl: server.url, retry: { attempts: 1 } });
    const file = new CsvCustomers({ path: 'demo/customers.csv' });
    const answer = fallbackCustomers([crm, file]).getCustomer('c-001');
    await expect(answer).rejects.toMatchObject({ code: 'integration_failed' });
  });
});
