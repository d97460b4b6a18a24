import { expect, test } from 'vitest';
import { hasEnded } from '../../../src/workflows/runs/runs.ts';
import { onEvent, wakeOn } from '../../../src/workflows/triggers/trigger.ts';
import { eventually, HandleOrder, openTriggers, Order } from './support.ts';

const placed = onEvent('order_placed', Order);
const paid = wakeOn('payment_received', Order, 'orderId', ({ orderId }) => orderId);
const payment = { orderId: 'o-1', amount: 5 };

test('A19 an event starts a run of what takes its type, once however often it is sent', async () => {
  await using place = await openTriggers([new HandleOrder({ on: [placed] })]);
  const { runs, triggers, close } = await place.open();
  const first = await triggers.events.send('order_placed', payment, { id: 'e-1' });
  const again = await triggers.events.send('order_placed', payment, { id: 'e-1' });
  expect(again.id).toBe(first.id);
  const { result } = await runs.wait(first.id, 5_000);
  const { items } = await runs.list({ workflow: 'handle_order' });
  expect(items).toHaveLength(1);
  expect(result).toEqual({
    started: [{ workflow: 'handle_order', run: items[0]!.id }],
    woken: [],
    missed: [],
  });
  expect((await runs.wait(items[0]!.id, 5_000)).result).toEqual(payment);
  await close();
});

test('A19 the id of an event cannot be used for another one', async () => {
  await using place = await openTriggers([new HandleOrder({ on: [placed] })]);
  const { triggers, close } = await place.open();
  await triggers.events.send('order_placed', payment, { id: 'e-1' });
  const other = triggers.events.send('order_placed', { ...payment, amount: 6 }, { id: 'e-1' });
  await expect(other).rejects.toMatchObject({ code: 'key_reused' });
  await close();
});

test('A19 an unknown type and a payload that does not fit are refused before anything is stored', async () => {
  await using place = await openTriggers([new HandleOrder({ on: [placed, paid] })]);
  const { runs, triggers, close } = await place.open();
  const { events } = triggers;
  await expect(events.send('order_place', payment)).rejects.toMatchObject({
    code: 'not_found',
    message: expect.stringContaining('did you mean order_placed?') as string,
  });
  for (const type of ['order_placed', 'payment_received'])
    await expect(events.send(type, { orderId: 'o-1', amount: -1 })).rejects.toMatchObject({
      code: 'invalid_parameters',
      problems: [{ pointer: '/amount' }],
    });
  expect((await runs.list()).items).toEqual([]);
  expect(events.types.map(({ type }) => type)).toEqual(['order_placed', 'payment_received']);
  await close();
});

test('A19 an event wakes the run that it is about, and no other', async () => {
  const order = new HandleOrder({ on: [paid], wait: true });
  await using place = await openTriggers([order]);
  const { runs, triggers, close } = await place.open();
  const mine = await runs.start(order, { orderId: 'o-1' });
  const other = await runs.start(order, { orderId: 'o-2' });
  const sent = await triggers.events.send('payment_received', payment, { id: 'e-1' });
  await triggers.events.send('payment_received', payment, { id: 'e-1' });
  expect((await runs.wait(sent.id, 5_000)).result).toMatchObject({
    woken: [{ workflow: 'handle_order', run: mine.id }],
  });
  expect((await runs.wait(mine.id, 5_000)).result).toEqual({ orderId: 'o-1', payment });
  expect(hasEnded((await runs.get(other.id))!)).toBe(false);
  await close();
});

test('A19 an event that comes before its run waits for it, through a restart too', async () => {
  const order = new HandleOrder({ on: [paid], wait: true });
  await using place = await openTriggers([order]);
  const before = await place.open();
  const { id } = await before.triggers.events.send('payment_received', payment);
  await eventually(async () => (await before.runs.get(id))?.status === 'waiting');
  await before.close();
  const { runs, close } = await place.open();
  const { id: late } = await runs.start(order, { orderId: 'o-1' });
  expect((await runs.wait(late, 5_000)).result).toEqual({ orderId: 'o-1', payment });
  expect((await runs.wait(id, 5_000)).result).toMatchObject({ woken: [{ run: late }] });
  await close();
});

test('A19 an event about a run that has ended says that it was missed', async () => {
  const order = new HandleOrder({ on: [paid] });
  await using place = await openTriggers([order]);
  const { runs, triggers, close } = await place.open();
  const { id } = await runs.start(order, { orderId: 'o-1' });
  await runs.wait(id, 5_000);
  const sent = await triggers.events.send('payment_received', payment);
  expect((await runs.wait(sent.id, 5_000)).result).toMatchObject({ missed: ['handle_order'] });
  await close();
});
