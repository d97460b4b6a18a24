import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStateFile, type StateFile } from '../../src/ontology/embedded/state-file.ts';
import { EmbeddedRuns } from '../../src/workflows/runs/embedded-runs.ts';
import type { Runs } from '../../src/workflows/runs/runs.ts';
import { expectParity } from '../conformance/parity.ts';
import { Echo, FailOnDemand, PlanOrder, SearchShelf } from '../support/sample-workflows.ts';

const order = {
  orderId: 'o-1',
  address: { street: 'Korenlei 1' },
  lines: [
    { item: 'cup', count: 2 },
    { item: 'jug', count: 1 },
  ],
};

describe('N1 A15 every surface gives the same result and the same error code', () => {
  let state: StateFile;
  let runs: Runs;
  beforeAll(async () => {
    state = await openStateFile({ path: ':memory:' });
    runs = await EmbeddedRuns.open({ state, workflows: [] });
  });
  afterAll(async () => {
    await runs.close();
    await state.close();
  });

  test('with nested objects, arrays, numbers, booleans, enums, defaults and options', async () => {
    const calls = await expectParity(
      [
        {
          workflow: new PlanOrder({}),
          good: [
            order,
            { ...order, giftWrap: false, discount: 0.5, priority: 'high', at: '10:30:00' },
            { ...order, tags: ['one'], at: undefined },
            { ...order, tags: ['[draft]', '--x', '-5', 'true', 'a,b', '{'] },
            { ...order, address: { street: '"; DROP ALL #', city: 'Ieper ✓\n' }, lines: [] },
          ],
          bad: [
            { input: {}, code: 'invalid_parameters' },
            { input: { ...order, colour: 'red' }, code: 'invalid_parameters' },
            { input: { ...order, orderId: '../x' }, code: 'invalid_parameters' },
            { input: { ...order, orderId: 5 }, code: 'invalid_parameters', typeOnly: true },
            { input: { ...order, giftWrap: 'true' }, code: 'invalid_parameters', typeOnly: true },
            { input: { ...order, discount: '0.5' }, code: 'invalid_parameters', typeOnly: true },
            { input: { ...order, tags: 'one' }, code: 'invalid_parameters', typeOnly: true },
            { input: { ...order, address: null }, code: 'invalid_parameters' },
            { input: { ...order, discount: 1.5 }, code: 'invalid_parameters' },
            { input: { ...order, discount: -1 }, code: 'invalid_parameters' },
            { input: { ...order, discount: 'half' }, code: 'invalid_parameters' },
            { input: { ...order, priority: 'medium' }, code: 'invalid_parameters' },
            { input: { ...order, lines: [{ item: 'cup', count: 0 }] }, code: 'invalid_parameters' },
            {
              input: { ...order, lines: [{ item: 'cup', count: 1, colour: 'red' }] },
              code: 'invalid_parameters',
            },
          ],
        },
      ],
      runs,
    );
    expect(calls).toBeGreaterThan(120);
  });

  test('where parameters come from path and query', async () => {
    const calls = await expectParity([
      {
        workflow: new SearchShelf({}),
        good: [
          { shelf: 'a' },
          { shelf: 'a b/ü?&', limit: 5, exact: true, mood: 'busy' },
          { shelf: '12', sizes: [1, -2.5, 3e3], exact: false, near: { x: 1, y: -1 } },
        ],
        bad: [
          { input: { shelf: 'a', limit: 101 }, code: 'invalid_parameters' },
          { input: { shelf: 'a', limit: 1.5 }, code: 'invalid_parameters' },
          { input: { shelf: 'a', limit: '' }, code: 'invalid_parameters' },
          { input: { shelf: 'a', limit: '0x10' }, code: 'invalid_parameters' },
          { input: { shelf: 'a', exact: 'yes' }, code: 'invalid_parameters' },
          { input: { shelf: 'a', sizes: [1, 'x'] }, code: 'invalid_parameters' },
          { input: { shelf: 'a', near: { x: 1 } }, code: 'invalid_parameters' },
          { input: { shelf: 'a', mood: 'loud' }, code: 'invalid_parameters' },
          { input: { shelf: 'a', colour: 'red' }, code: 'invalid_parameters' },
        ],
      },
    ]);
    expect(calls).toBeGreaterThan(50);
  });

  test('with an error of each kind: validation, outside world, defect', async () => {
    const calls = await expectParity(
      [
        {
          workflow: new FailOnDemand({}),
          good: [],
          bad: [
            { input: { how: 'conflict' }, code: 'conflict' },
            { input: { how: 'integration_failed' }, code: 'integration_failed' },
            { input: { how: 'store_full' }, code: 'store_full' },
            { input: { how: 'defect' }, code: 'internal' },
            { input: { how: 'result' }, code: 'invalid_result' },
            { input: { how: 'otherwise' }, code: 'invalid_parameters' },
          ],
        },
      ],
      runs,
    );
    expect(calls).toBeGreaterThan(40);
  });

  test('with results that are not objects', async () => {
    const calls = await expectParity(
      [{ workflow: new Echo({}), good: [{ text: 'a "text"' }, { text: '' }, {}], bad: [] }],
      runs,
    );
    expect(calls).toBeGreaterThan(20);
  });
});
