import type { CustomerSource } from './customers.ts';

/**
 * Several sources as one: the first that knows a customer answers. A source that fails is not passed
 * over, since what a later one says could be out of date.
 */
export function fallbackCustomers(sources: readonly CustomerSource[]): CustomerSource {
  return {
    async getCustomer(id, request) {
      for (const source of sources) {
        const customer = await source.getCustomer(id, request);
        if (customer) return customer;
      }
      return undefined;
    },
    async *listCustomers(request) {
      const seen = new Set<string>();
      for (const source of sources)
        for await (const customer of source.listCustomers(request)) {
          if (!seen.has(customer.id)) yield customer;
          seen.add(customer.id);
        }
    },
  };
}
