import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ECommerceSystem } from '../../../src/workflows/conversations/examples/e-commerce/e-commerce-system.ts';
import { customer, openShop } from './e-commerce-kit.ts';

let shop: ECommerceSystem;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

describe('V24 customer support routes to the flow for the issue, and takes over again', () => {
  test('an order is tracked, a product is asked about, and then it is over', async () => {
    const ines = await customer(shop, 'c-101');
    expect(ines.first).toMatch(/Welcome to the shop!\nWhat can I help you with today\?/);
    const orders = await ines.say('Order status or tracking');
    expect(orders).toContain('I see to it: order tracking.');
    expect(orders).toContain('orderId: O-1002, orderStatus: shipped, placedOn: 2026-11-18');
    const tracked = await ines.say('o-1002');
    expect(tracked).toContain('Order O-1002 is on its way: 1 × Oak tray (P-204).');
    expect(tracked).toContain('tracking number NP553977. It is expected on 2026-11-24.');
    expect(tracked).toContain('Is there anything else I can help you with today?');
    expect(await ines.say('2')).toContain('What can I help you with today?');
    expect(await ines.say('Product questions')).toContain('Which product is it about?');
    expect(await ines.say('espresso')).toContain('3 in stock, sent today.');
    expect(await ines.say('No')).toContain('Is there anything else');
    expect(await ines.say("No, that's everything")).toContain('Thank you for your visit.');
    expect(await ines.status()).toMatchObject({ flow: 'customer_support', status: 'completed' });
  });

  test.each([
    ['Account or billing', 'under Settings'],
    ['Technical support', 'off and on again'],
    ['Other inquiry', 'A colleague answers within a day.'],
  ])('"%s" is handled where it is', async (issue, answer) => {
    const mei = await customer(shop, 'c-103');
    expect(await mei.say(issue)).toContain('Please describe it in a few words.');
    const handled = await mei.say('My invoice is missing');
    expect(handled).toContain('I have noted: My invoice is missing.');
    expect(handled).toContain(answer);
    expect(await mei.say('1')).toContain('Thank you');
  });
});

describe('V24 orders are tracked in the graph', () => {
  const track = (id?: string) => customer(shop, id, 'order_tracking');

  test.each([
    ['c-101', 'O-1001', 'Order O-1001 was delivered on 2026-11-05: '],
    ['c-102', 'O-1003', 'Order O-1003 of 2026-11-20 is being prepared: 3 × Travel kettle (P-202).'],
  ])('%s hears where %s is', async (id, order, answer) => {
    const talk = await track(id);
    expect(await talk.say(order)).toContain(answer);
    expect((await talk.status()).status).toBe('completed');
  });

  test('an unknown order may be given again', async () => {
    const talk = await track('c-102');
    expect(await talk.say('O-9999')).toContain('There is no order O-9999 among yours.');
    expect(await talk.say('Give another number')).toContain('Which one is it about?');
    expect(await talk.say('O-1003')).toContain('is being prepared');
  });

  test("T22 somebody else's order is like one that is not there, whatever is said", async () => {
    const talk = await track('c-102');
    expect(talk.first).not.toContain('O-1001');
    for (const number of ['O-1001', '" } ?order gw:identifier "O-1001', 'O-1001{session.userId}']) {
      const said = await talk.say(number);
      expect(said).toContain(`There is no order ${number} among yours.`);
      expect(said).not.toContain('Espresso');
      await talk.say('try_again');
    }
    const answer = await talk.say('{own_orders.rows}');
    expect(answer).toContain('There is no order {own_orders.rows} among yours.');
    expect(JSON.stringify((await talk.status()).state)).not.toContain('Espresso');
  });

  test('who has none, or is nobody, is told so', async () => {
    expect((await track('c-103')).first).toBe('There are no orders of yours.');
    expect((await track()).first).toContain('Please sign in first');
  });
});

describe('V24 products and their stock', () => {
  const ask = () => customer(shop, undefined, 'product_inquiry');

  test('V8 0 in stock is an answer, and an unknown stock is none', async () => {
    const talk = await ask();
    expect(await talk.say('travel')).toContain('0 in stock. More are expected on 2026-12-04.');
    expect((await talk.status()).state['products']).toMatchObject({ rows: [{ stock: 0 }] });
    await talk.say('yes');
    const tray = await talk.say('P-204');
    expect(tray).toContain('Oak tray (P-204): 18 EUR. Solid oak, oiled.');
    expect(tray).toContain('I do not know how many are in stock.');
  });

  test('of several the customer chooses one, and of none hears so', async () => {
    const talk = await ask();
    const several = await talk.say('kettle');
    expect(several).toContain('There are several:\n- productId: P-201, name: Ceramic kettle');
    expect(await talk.say('p-201')).toContain('14 in stock');
    await talk.say('yes');
    expect(await talk.say('piano')).toContain('We have no product called piano.');
    expect(await talk.say('no')).toBe('');
    expect((await talk.status()).status).toBe('completed');
  });
});
