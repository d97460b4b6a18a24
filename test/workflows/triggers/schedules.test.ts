import { expect, test } from 'vitest';
import { hasEnded } from '../../../src/workflows/runs/runs.ts';
import { onSchedule, type ScheduleOptions } from '../../../src/workflows/triggers/trigger.ts';
import { eventually, HandleOrder, openTriggers } from './support.ts';

const scheduled = (pattern: string, options: ScheduleOptions = {}) =>
  new HandleOrder({
    on: [onSchedule(pattern, { parameters: (at) => ({ orderId: at.toISOString() }), ...options })],
  });

const times = (items: readonly { result?: unknown }[]) =>
  items.map(({ result }) => (result as { orderId: string }).orderId).toSorted();

test('A28 a schedule starts a run at each of its times', async () => {
  await using place = await openTriggers([scheduled('* * * * * *')]);
  const { runs, close } = await place.open();
  const items = await eventually(async () => {
    const page = await runs.list({ workflow: 'handle_order', status: 'completed' });
    return page.items.length >= 2 && page.items;
  });
  const [first, second] = times(items).map((at) => Date.parse(at));
  expect(second! - first!).toBe(1_000);
  await close();
});

test.each([
  ['once', ['2026-01-01T05:00:00.000Z']],
  ['all', [1, 2, 3, 4, 5].map((hour) => `2026-01-01T0${hour}:00:00.000Z`)],
  ['skip', []],
] as const)('A28 of the times that nobody was there for, %s: %j', async (missed, expected) => {
  let now = new Date('2026-01-01T00:30:00Z');
  await using place = await openTriggers([scheduled('0 * * * *', { missed })], () => now);
  const before = await place.open();
  await eventually(async () => (await before.runs.list({ status: 'waiting' })).items.length === 1);
  await before.close();
  now = new Date('2026-01-01T05:30:00Z');
  const { runs, close } = await place.open();
  await eventually(
    async () => (await runs.list({ workflow: 'keep_schedule', status: 'completed' })).items[0],
  );
  const all = async () => (await runs.list({ workflow: 'handle_order' })).items;
  await eventually(async () => (await all()).every(({ status }) => status === 'completed'));
  expect(times(await all())).toEqual(expected);
  await close();
});

test('A28 a schedule is read by the clock of its time zone', async () => {
  let now = new Date('2026-03-28T12:00:00Z');
  const workflow = scheduled('0 7 * * *', { timeZone: 'Europe/Berlin', missed: 'all' });
  await using place = await openTriggers([workflow], () => now);
  await (await place.open()).close();
  now = new Date('2026-03-29T12:00:00Z');
  const { runs, close } = await place.open();
  const [item] = await eventually(async () => {
    const { items } = await runs.list({ workflow: 'handle_order', status: 'completed' });
    return items.length > 0 && items;
  });
  // The night before, the clocks there went forward.
  expect(item!.result).toEqual({ orderId: '2026-03-29T05:00:00.000Z' });
  await close();
});

test('A28 a schedule that no workflow has any more is let go of', async () => {
  await using place = await openTriggers([scheduled('0 0 1 1 *')]);
  const before = await place.open();
  await eventually(async () => (await before.runs.list({ status: 'waiting' })).items.length === 1);
  await before.close();
  const { runs, close } = await place.open([]);
  await eventually(async () =>
    (await runs.list({ workflow: 'keep_schedule' })).items.every(hasEnded),
  );
  expect((await runs.list({ workflow: 'handle_order' })).items).toEqual([]);
  await close();
});

test.each([
  ['61 * * * *', 'UTC'],
  ['every day', 'UTC'],
  ['0 7 * * *', 'Europe/Atlantis'],
])(
  'A28 the schedule %j in %s is refused when the workflow is offered',
  async (pattern, timeZone) => {
    await using place = await openTriggers([scheduled(pattern, { timeZone })]);
    await expect(place.open()).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining(pattern) as string,
    });
  },
);
