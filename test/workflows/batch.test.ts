import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { batch } from '../../src/workflows/batch.ts';
import { Semaphore } from '../../src/workflows/semaphore.ts';

describe('A2 a batch', () => {
  test('runs at most five at once by default and keeps the order of the items', async () => {
    let now = 0;
    let most = 0;
    const items = Array.from({ length: 23 }, (_, index) => index);
    const outcomes = await batch(items, async (item) => {
      most = Math.max(most, ++now);
      await sleep(item % 3);
      now -= 1;
      return item * 2;
    });
    expect(most).toBe(5);
    expect(outcomes).toEqual(items.map((item) => ({ status: 'completed', result: item * 2 })));
  });

  test('goes on after a failure and reports it in its place', async () => {
    const outcomes = await batch([1, 2, 3], async (item) => {
      if (item === 2) throw new Error('two');
      return item;
    });
    expect(outcomes.map(({ status }) => status)).toEqual(['completed', 'failed', 'completed']);
    expect(outcomes[1]).toMatchObject({ error: { code: 'internal', message: 'two' } });
  });

  test('begins nothing more once it is cancelled', async () => {
    const stop = new AbortController();
    let begun = 0;
    const outcomes = await batch(
      [1, 2, 3, 4],
      async () => {
        begun += 1;
        stop.abort();
      },
      { maxParallel: 1, signal: stop.signal },
    );
    expect(begun).toBe(1);
    expect(
      outcomes
        .slice(1)
        .every((outcome) => outcome.status === 'failed' && outcome.error.code === 'cancelled'),
    ).toBe(true);
  });

  test('counts as it goes', async () => {
    const seen: string[] = [];
    await batch(['a', 'b'], async () => undefined, {
      onProgress: (done, total) => seen.push(`${done}/${total}`),
    });
    expect(seen).toEqual(['1/2', '2/2']);
  });
});

test('a semaphore refuses a limit that is no whole number from 1', () => {
  for (const limit of [0, -1, 1.5, Number.NaN])
    expect(() => new Semaphore(limit)).toThrow(RangeError);
});
