import { Store } from 'oxigraph';
import { expect, test } from 'vitest';
import { linesOfGraph } from '../../../src/ontology/embedded/graph-lines.ts';

test('a graph that is too long for one text comes in parts, and says the same', () => {
  const store = new Store();
  const lines = Array.from(
    { length: 3_000 },
    (_, n) => `<urn:s:${n}> <urn:p:${n % 7}> "${'x'.repeat(n % 50)}"@en <urn:g> .`,
  );
  lines.push('_:b <urn:p:0> _:c <urn:g> .', '_:b <urn:p:1> <<( <urn:a> <urn:b> "1" )>> <urn:g> .');
  store.load(lines.join('\n'), { format: 'application/n-quads' });
  store.load('<urn:other> <urn:p:0> "of another graph" .', { format: 'application/n-quads' });
  const whole = [...linesOfGraph(store, 'urn:g')];
  for (const part of [1_000, 40_000, 10_000_000])
    expect([...linesOfGraph(store, 'urn:g', { whole: 0, part })].toSorted()).toEqual(
      whole.toSorted(),
    );
  expect(whole).toHaveLength(lines.length);
  expect([...linesOfGraph(store, undefined, { whole: 0, part: 10 })]).toHaveLength(1);
});
