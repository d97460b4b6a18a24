import { expect } from 'vitest';
import { sparql } from '../../../src/ontology/sparql.ts';
import {
  ECommerceSystem,
  type ECommerceConfiguration,
} from '../../../src/workflows/conversations/examples/e-commerce/e-commerce-system.ts';
import type { Message } from '../../../src/workflows/conversations/message.ts';

/** The clock of the shop's data. */
export const today = new Date('2026-11-21T12:00:00Z');

/** A return that the shop's rules allow. */
export const allowedReturn = {
  orderId: 'O-1001',
  productId: 'P-201',
  pieces: 2,
  customerId: 'c-101',
  reason: 'damaged' as const,
  refund: 109.9,
};

/** Opens the shop at the day its data was made for. */
export const openShop = (more: ECommerceConfiguration = {}): Promise<ECommerceSystem> =>
  ECommerceSystem.open({ now: () => today, ...more });

/** A customer's session: what was said so far, and a way to say more. */
export async function customer(shop: ECommerceSystem, customerId?: string, flow?: string) {
  const start = await shop.startSession({
    ...(customerId !== undefined && { customerId }),
    ...(flow !== undefined && { flow }),
  });
  const { sessionId, tenant, id } = start;
  const key = { tenant, id };
  return {
    sessionId,
    key,
    first: wordsOf(start),
    async say(message: string | Message): Promise<string> {
      return wordsOf(await shop.send(sessionId, message));
    },
    status: () => shop.conversations.status(key),
    /** Waits until it waits for nothing outside, and gives all that was replied since a version. */
    async settled(): Promise<string> {
      await expect
        .poll(async () => (await shop.conversations.status(key)).status, { timeout: 30_000 })
        .not.toBe('waiting');
      const entries = await shop.conversations.history(key, { order: 'oldest', limit: 1000 });
      return entries
        .flatMap(({ events }) => events)
        .flatMap((event) => (event.type === 'reply' ? [event.reply.content] : []))
        .join('\n');
    },
  };
}

const wordsOf = ({ replies }: { replies: readonly { content: string }[] }) =>
  replies.map(({ content }) => content).join('\n');

/** The returns in the graph, with the refund of each. */
export async function returnsIn(shop: ECommerceSystem) {
  const rows = await shop.store.select(
    sparql`PREFIX gw: <https://w3id.org/graphwright#>
      SELECT ?id ?line ?pieces ?reason ?amount ?currency ?status {
        GRAPH <urn:graphwright:graph:return_data> {
          ?return a gw:Return ; gw:identifier ?id ; gw:returnOf ?line ; gw:quantity ?pieces ; gw:returnReason ?reason .
          ?refund a gw:Refund ; gw:refundFor ?return ; gw:refundAmount ?amount ; gw:priceCurrency ?currency ;
            gw:refundStatus ?status .
        }
      } ORDER BY ?id`,
  );
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, { value }]) => [name, value])),
  );
}
