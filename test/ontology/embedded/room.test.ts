import v8 from 'node:v8';
import { Store } from 'oxigraph';
import { expect, test } from 'vitest';
import { Room } from '../../../src/ontology/embedded/room.ts';

const used = () => v8.getHeapStatistics().external_memory;

test("while much is added to it, the engine's memory grows in large steps", () => {
  const store = new Store();
  let added = 0;
  const add = () => {
    const lines = Array.from({ length: 1000 }, () => `<x:${(added += 1)}> <x:p> "${added}" .\n`);
    store.load(lines.join(''), { format: 'application/n-triples', lenient: true });
  };
  const stepsWhile = (count: number, adding: () => void) => {
    let steps = 0;
    for (let n = 0; n < count; n += 1) {
      const before = used();
      adding();
      if (used() > before) steps += 1;
    }
    return steps;
  };
  const small = stepsWhile(60, add);
  const room = new Room();
  const large = stepsWhile(60, () => room.for(add));
  expect(small).toBeGreaterThan(10);
  expect(large).toBeLessThan(small / 2);
});

test('it does not grow for pages that arrive meanwhile', () => {
  const room = new Room();
  const before = used();
  const pages: Uint8Array[] = [];
  const page = 2 ** 18;
  for (let n = 0; n < 20; n += 1) {
    pages.push(new Uint8Array(page));
    room.for(() => undefined);
  }
  expect(used() - before).toBeLessThan(pages.length * page + 2 ** 20);
});
