import { describe, expect, test } from 'vitest';
import type { JsonClientConfiguration } from '../../../src/integrations/http.ts';
import { CrmCustomers } from '../../../src/integrations/customers/crm-customers.ts';
import { httpServer, json, type Answer } from '../support/http-server.ts';

const transaction = {
  id: 't-1',
  date: '2026-01-05T10:00:00Z',
  amount: 19.9,
  currency: 'EUR',
  description: 'A lamp',
};
const interaction = { id: 'i-1', date: '2026-02-01T09:30:00+01:00', channel: 'phone' };
const ada = {
  id: 'c-1',
  name: 'Ada Example',
  email: 'ada@example.org',
  segment: 'premium',
  lifetimeValue: 1200.5,
  transactions: [transaction],
  interactions: [interaction],
};

/** Runs with a CRM that answers so; the CRM is gone afterwards. */
async function withCrm<T>(
  answer: Answer,
  action: (crm: CrmCustomers, requests: string[]) => Promise<T>,
  configuration: Partial<JsonClientConfiguration> = {},
): Promise<T> {
  await using server = await httpServer(answer);
  const retry = { attempts: 2, baseDelay: 1 };
  const crm = new CrmCustomers({ baseUrl: server.url, retry, ...configuration });
  return await action(crm, server.requests);
}

const threePages: Answer = (request, response, number) => {
  const items = [1, 2].map((n) => ({ ...ada, id: `c-${number}${n}` }));
  const nextCursor = number < 3 ? `page ${number + 1}` : null;
  json({ items, nextCursor })(request, response, number);
};
const downOnce: Answer = (request, response, number) =>
  json(number === 1 ? {} : ada, number === 1 ? 503 : 200)(request, response, number);
const drop: Answer = (request) => request.socket.destroy();
const stall: Answer = () => {};

const all = async <T>(items: AsyncIterable<T>) => {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
};

describe('A2 customers of a CRM', () => {
  test('gives the customer with what was asked for', async () => {
    const [full, requests] = await withCrm(json(ada), async (crm, urls) => {
      const both = { includeTransactions: true, includeInteractions: true };
      return [await crm.getCustomer('c-1', both), urls];
    });
    expect(full).toEqual(ada);
    expect(requests).toEqual(['/customers/c-1?include=transactions%2Cinteractions']);
  });

  test('gives nothing that was not asked for, even when the CRM sends it', async () => {
    const [bare, requests] = await withCrm(json(ada), async (crm, urls) => [
      await crm.getCustomer('c-1'),
      urls,
    ]);
    expect(bare).toEqual({ ...ada, transactions: [], interactions: [] });
    expect(requests).toEqual(['/customers/c-1']);
  });

  test('fills in what the CRM leaves out, and leaves out what it adds', async () => {
    const answer = { id: 'c-2', name: 'Bo', email: 'bo@example.org', loyaltyTier: 'gold' };
    const customer = await withCrm(json(answer), (crm) => crm.getCustomer('c-2'));
    expect(customer).toEqual({
      id: 'c-2',
      name: 'Bo',
      email: 'bo@example.org',
      segment: 'standard',
      lifetimeValue: 0,
      transactions: [],
      interactions: [],
    });
  });

  test('a customer that the CRM does not know is undefined', async () => {
    const answer = json({ error: 'unknown' }, 404);
    expect(await withCrm(answer, (crm) => crm.getCustomer('c-9'))).toBeUndefined();
  });

  test.each(['../admin', 'x" . } ; DROP ALL #'])(
    'the id %j asks for that customer and nothing else',
    async (id) => {
      const urls = await withCrm(json({}, 404), async (crm, requests) => {
        expect(await crm.getCustomer(id)).toBeUndefined();
        return requests;
      });
      expect(urls.map((url) => url.split('/').length)).toEqual([3]);
      expect(decodeURIComponent(urls[0]!)).toBe(`/customers/${id}`);
    },
  );

  test('follows the pages of the list to the end', async () => {
    const { ids, requests } = await withCrm(threePages, async (crm, urls) => {
      const customers = await all(crm.listCustomers({ includeInteractions: true }));
      expect(customers.map(({ interactions }) => interactions.length)).toEqual([1, 1, 1, 1, 1, 1]);
      return { ids: customers.map(({ id }) => id), requests: urls };
    });
    expect(ids).toEqual(['c-11', 'c-12', 'c-21', 'c-22', 'c-31', 'c-32']);
    expect(requests).toEqual([
      '/customers?include=interactions',
      '/customers?cursor=page+2&include=interactions',
      '/customers?cursor=page+3&include=interactions',
    ]);
  });

  test('asks for no further page than the caller takes', async () => {
    const requests = await withCrm(json({ items: [ada], nextCursor: 'on' }), async (crm, urls) => {
      for await (const customer of crm.listCustomers()) {
        expect(customer.id).toBe('c-1');
        break;
      }
      return urls;
    });
    expect(requests).toHaveLength(1);
  });
});

describe('A15 failures of a CRM', () => {
  const refused = { code: 'integration_refused', retriable: false };

  test('a record that does not fit is refused by the names of its fields', async () => {
    const answer = json({ ...ada, email: 'ada at home', segment: 'vip', transactions: [{}] });
    const error = await withCrm(answer, (crm) => crm.getCustomer('c-1').catch((e: unknown) => e));
    expect(error).toMatchObject(refused);
    expect(String(error)).toMatch(/customer "c-1".*\/email.*\/segment.*\/transactions\/0\/id/);
  });

  test.each([null, [], 'c-1', [ada]])('%j instead of a record is refused', async (answer) => {
    await withCrm(json(answer), async (crm) => {
      await expect(crm.getCustomer('c-1')).rejects.toMatchObject(refused);
    });
  });

  test('the record of another customer is refused', async () => {
    await withCrm(json({ ...ada, id: 'admin' }), async (crm) => {
      await expect(crm.getCustomer('c-1')).rejects.toThrow(/"c-1" is of "admin"/);
    });
  });

  test('a bad record within the list is refused by its place', async () => {
    await withCrm(json({ items: [ada, { ...ada, email: '' }] }), async (crm) => {
      await expect(all(crm.listCustomers())).rejects.toThrow(/\/items\/1\/email/);
    });
  });

  test('a list that goes in a circle ends', async () => {
    await withCrm(json({ items: [], nextCursor: 'again' }), async (crm) => {
      await expect(all(crm.listCustomers())).rejects.toThrow(/circle at cursor again/);
    });
  });

  test('a base URL without customers below it is told', async () => {
    await withCrm(json({}, 404), async (crm) => {
      await expect(all(crm.listCustomers())).rejects.toThrow(/is the URL right/);
    });
  });

  test('a CRM that is down for a moment is asked again', async () => {
    expect(await withCrm(downOnce, (crm) => crm.getCustomer('c-1'))).toMatchObject({ id: 'c-1' });
  });

  test('a CRM that drops the connection is asked again, and then reported', async () => {
    await withCrm(drop, async (crm, requests) => {
      const failure = { code: 'integration_failed', retriable: true };
      await expect(crm.getCustomer('c-1')).rejects.toMatchObject(failure);
      expect(requests).toHaveLength(2);
    });
  });

  test('a CRM that stalls meets the deadline, and the caller can leave earlier', async () => {
    await withCrm(
      stall,
      async (crm) => {
        await expect(crm.getCustomer('c-1')).rejects.toMatchObject({ code: 'timeout' });
      },
      { timeout: 50 },
    );
    await withCrm(stall, async (crm) => {
      const answer = crm.getCustomer('c-1', { signal: AbortSignal.timeout(50) });
      await expect(answer).rejects.toMatchObject({ code: 'cancelled' });
    });
  });
});
