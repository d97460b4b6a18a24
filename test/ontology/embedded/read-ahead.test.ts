import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { handOn, readAhead } from '../../../src/ontology/embedded/read-ahead.ts';

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
    await expect.poll(() => made).toBe(3);
    expect((await reading.next()).value).toBe(1);
    await expect.poll(() => made).toBe(4);
    await sleep(20);
    expect(made).toBe(4);
    await reading.return();
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
    await expect.poll(() => left).toBe(true);
    expect(made).toBeLessThan(10);
  });

  test('is left at once, also while the source gives nothing', async () => {
    async function* stalled() {
      yield 1;
      await new Promise(() => undefined);
    }
    for await (const number of readAhead(stalled(), 3)) {
      expect(number).toBe(1);
      break;
    }
  });
});

describe('handing on', () => {
  async function* letters() {
    yield* 'abcdef';
  }
  const read = () => readAhead(letters(), 2);

  test('gives what came of each, in order, with no more under way than allowed', async () => {
    let underWay = 0;
    let most = 0;
    const slowly = async (letter: string) => {
      most = Math.max(most, (underWay += 1));
      await sleep(letter === 'b' ? 10 : 2);
      underWay -= 1;
      return letter.toUpperCase();
    };
    const found: string[] = [];
    for await (const letter of handOn(read(), 2, slowly)) found.push(letter);
    expect(found.join('')).toBe('ABCDEF');
    expect(most).toBe(2);
  });

  test('fails as soon as one fails, though the source gives nothing further', async () => {
    async function* stalled() {
      yield 'a';
      await new Promise(() => undefined);
    }
    const refuse = async (letter: string) => {
      throw new Error(`no ${letter}`);
    };
    const reading = handOn(readAhead(stalled(), 2), 2, refuse);
    await expect(reading.next()).rejects.toThrow('no a');
  });

  test('fails as the source does', async () => {
    async function* broken() {
      yield 'a';
      throw new Error('no more');
    }
    const reading = handOn(readAhead(broken(), 2), 2, async (letter) => letter);
    await expect(reading.next()).rejects.toThrow('no more');
  });

  test('leaves the source when nobody wants more', async () => {
    const items = read();
    for await (const letter of handOn(items, 2, async (each) => each)) if (letter === 'a') break;
    expect(await items.return()).toEqual({ done: true, value: undefined });
  });
});
