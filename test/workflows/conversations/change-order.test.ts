import { expect, test } from 'vitest';
import { ChangeOrder } from '../../../src/workflows/conversations/storage/file/change-order.ts';

/** Changes that end when they are told to, and what has begun. */
function changes() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const change = (name: string) => async () => {
    begun.push(name);
    await new Promise<void>((resolve) => ends.set(name, resolve));
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const end = async (name: string) => {
    ends.get(name)!();
    await settled();
  };
  return { begun, change, end, settled };
}

test('changes of different conversations go on side by side, those of one conversation in order', async () => {
  const order = new ChangeOrder();
  const { begun, change, end, settled } = changes();
  void order.beside('a', change('a1'));
  void order.beside('a', change('a2'));
  void order.beside('b', change('b1'));
  await settled();
  expect(begun).toEqual(['a1', 'b1']);
  await end('a1');
  expect(begun).toEqual(['a1', 'b1', 'a2']);
});

test('a change that concerns all waits for those before it, and those after it wait for it', async () => {
  const order = new ChangeOrder();
  const { begun, change, end, settled } = changes();
  void order.beside('a', change('a1'));
  void order.beside('b', change('b1'));
  void order.alone(change('all'));
  void order.beside('a', change('a2'));
  void order.beside('c', change('c1'));
  await settled();
  await end('a1');
  expect(begun).toEqual(['a1', 'b1']);
  await end('b1');
  expect(begun).toEqual(['a1', 'b1', 'all']);
  await end('all');
  expect(begun).toEqual(['a1', 'b1', 'all', 'a2', 'c1']);
});

test('a change that fails is told to whoever asked for it, and holds up nobody', async () => {
  const order = new ChangeOrder();
  const fail = async () => {
    throw new Error('no room');
  };
  const failed = [order.beside('a', fail), order.alone(fail)];
  const after = order.beside('a', async () => 'done');
  await expect(failed[0]).rejects.toThrow('no room');
  await expect(failed[1]).rejects.toThrow('no room');
  await expect(after).resolves.toBe('done');
});
