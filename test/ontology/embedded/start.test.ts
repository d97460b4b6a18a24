import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openEmbedded, type Embedded } from '../../../src/ontology/embedded/open-embedded.ts';
import { sparql } from '../../../src/ontology/sparql.ts';
import { factory, iri } from '../../../src/ontology/terms.ts';

const graph = iri('https://example.org/g');
const fact = factory.quad(graph, graph, factory.literal('one'));

/** Threads that were started. */
let threads: number;
let embedded: Embedded;
const count = () => {
  threads += 1;
};

beforeEach(async () => {
  threads = 0;
  process.on('worker', count);
  // Nothing that waits for a time happens by itself.
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  embedded = await openEmbedded({ readers: 3 });
});
afterEach(async () => {
  await embedded.close();
  vi.useRealTimers();
  process.off('worker', count);
});

test('one question at the start brings one copy of the graph, besides the state file', async () => {
  expect(await embedded.store.ask(sparql`ASK {}`)).toBe(true);
  expect(threads).toBe(2);
});

test('the first write brings the copy that it is made in', async () => {
  expect(await embedded.store.insert(graph, [fact])).toMatchObject({ position: 1, inserted: 1 });
  expect(threads).toBe(3);
});

test('the copies that nobody has asked for come by themselves after a moment', async () => {
  vi.advanceTimersByTime(200);
  await vi.waitUntil(() => threads === 5, 20_000);
  await embedded.store.insert(graph, [fact]);
  expect(threads).toBe(5);
});

test('a store that is closed before they came lets none of them in', async () => {
  await embedded.close();
  vi.advanceTimersByTime(1000);
  await nextTurn();
  expect(threads).toBe(2);
});
