import { describe, expect, test } from 'vitest';
import type { CustomerRecord } from '../../../src/integrations/customers/customers.ts';
import { CsvCustomers } from '../../../src/integrations/customers/csv-customers.ts';

describe('A2 the customers of the demo', () => {
  test('are 200 invented people over all segments, none of whom can get mail', async () => {
    const customers: CustomerRecord[] = [];
    for await (const customer of new CsvCustomers({ path: 'demo/customers.csv' }).listCustomers())
      customers.push(customer);

    const ids = Array.from({ length: 200 }, (_, n) => `c-${String(n + 1).padStart(3, '0')}`);
    expect(customers.map(({ id }) => id)).toEqual(ids);
    expect(new Set(customers.map(({ name }) => name)).size).toBe(200);
    expect(new Set(customers.map(({ email }) => email)).size).toBe(200);
    expect(customers.filter(({ email }) => !/@example\.(com|org|net)$/.test(email))).toEqual([]);

    const of = (segment: string) => customers.filter((customer) => customer.segment === segment);
    expect(['standard', 'premium', 'enterprise'].map((name) => of(name).length)).toEqual([
      140, 40, 20,
    ]);
    const valuable = of('standard').filter(({ lifetimeValue }) => lifetimeValue > 5000);
    expect(valuable.length).toBeGreaterThan(10);
  });
});
