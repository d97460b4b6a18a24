import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { readAhead } from '../../../src/ontology/embedded/read-ahead.ts';

describe('reading ahead', () => {
  let made: number;
  let left: boolean;

  /** Numbers from 1, and a failure in place of one of them. */
  async function* numbers(last: number, failing = Infinity) {
    made = 0;
    left = false;
    try {
      while (made < last) {
        await sleep(1);
        made += 1;
        if (made === failing) throw new Error(`no ${failing}`);
        yield made;
      }
    } finally {
      left = true;
    }
  }

  test('gives everything, in order', async () => {
    const found: number[] = [];
    for await (const number of readAhead(numbers(9), 3)) found.push(number);
    expect(found).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('makes so many before they are asked for, and no more', async () => {
    const reading = readAhead(numbers(100), 3);
    expect((await reading.next()).value).toBe(1);
    await expect.poll(() => made).toBe(4);
    await sleep(20);
    expect(made).toBe(4);
    await reading.return(undefined);
  });

  test('fails where the source did, after what came before', async () => {
    const found: number[] = [];
    const reading = async () => {
      for await (const number of readAhead(numbers(9, 4), 3)) found.push(number);
    };
    await expect(reading()).rejects.toThrow('no 4');
    expect(found).toEqual([1, 2, 3]);
  });

  test('leaves the source when nobody wants more', async () => {
    for await (const number of readAhead(numbers(100), 3)) if (number === 2) break;
    expect(left).toBe(true);
    expect(made).toBeLessThan(10);
  });
});
