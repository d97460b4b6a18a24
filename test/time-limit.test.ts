import { expect, test } from 'vitest';
import { collectGarbage } from '../src/ontology/embedded/collect-garbage.ts';
import { timeLimit } from '../src/time-limit.ts';

test('a time limit among other signals aborts although garbage was collected in between', async () => {
  const other = new AbortController();
  const aborted = new Promise((resolve) => {
    const either = AbortSignal.any([other.signal, timeLimit(50)]);
    either.addEventListener('abort', () => resolve((either.reason as Error).name), { once: true });
  });
  await new Promise((resolve) => setTimeout(resolve));
  collectGarbage();
  expect(await aborted).toBe('TimeoutError');
});

test('a time limit longer than a timer can be is not over at once', async () => {
  const limit = timeLimit(2 ** 40);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(limit.aborted).toBe(false);
});
