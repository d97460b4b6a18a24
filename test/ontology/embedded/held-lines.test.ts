import { Store } from 'oxigraph';
import { describe, expect, test } from 'vitest';
import { canonicalLines, load } from '../../../src/ontology/embedded/canonical.ts';
import { heldLines } from '../../../src/ontology/embedded/held-lines.ts';

const xsd = 'http://www.w3.org/2001/XMLSchema#';

/** Statements of every kind, each with one that differs from it in the last term alone. */
const pairs = canonicalLines([
  '<urn:a> <urn:p> <urn:b> .',
  '<urn:a> <urn:p> <urn:c> .',
  '<urn:a> <urn:p> <urn:b> <urn:g> .',
  '<urn:a> <urn:p> <urn:b> <urn:h> .',
  '<urn:a> <urn:p> "text" <urn:g> .',
  '<urn:a> <urn:p> "other" <urn:g> .',
  '<urn:a> <urn:p> "a \\"quoted\\" \\\\ line\\nand <urn:x> <urn:y> ." <urn:g> .',
  '<urn:a> <urn:p> "a \\"quoted\\" \\\\ line\\nand <urn:x> <urn:z> ." <urn:g> .',
  '<urn:a> <urn:p> "Grüße"@de <urn:g> .',
  '<urn:a> <urn:p> "Grüße"@en-GB <urn:g> .',
  '<urn:a> <urn:p> "left"@ar--ltr <urn:g> .',
  '<urn:a> <urn:p> "left"@ar--rtl <urn:g> .',
  `<urn:a> <urn:p> "01"^^<${xsd}integer> <urn:g> .`,
  `<urn:a> <urn:p> "2"^^<${xsd}integer> <urn:g> .`,
  `<urn:a> <urn:p> "1.50"^^<${xsd}decimal> <urn:g> .`,
  `<urn:a> <urn:p> "1.6"^^<${xsd}decimal> <urn:g> .`,
  `<urn:a> <urn:p> "2026-11-21T10:00:00.500+02:00"^^<${xsd}dateTime> <urn:g> .`,
  `<urn:a> <urn:p> "2026-11-21T10:00:00.6+02:00"^^<${xsd}dateTime> <urn:g> .`,
  '<urn:a> <urn:p> "x"^^<urn:type> .',
  '<urn:a> <urn:p> "x"^^<urn:other> .',
  '_:a <urn:p> "of a blank node" <urn:g> .',
  '_:a <urn:p> "of another" <urn:g> .',
  '<urn:a> <urn:p> _:b1 .',
  '<urn:a> <urn:p> _:b2 .',
  '<urn:a> <urn:p> <<( <urn:a> <urn:p> "said" )>> <urn:g> .',
  '<urn:a> <urn:p> <<( <urn:a> <urn:p> "unsaid" )>> <urn:g> .',
]);

describe('of many lines, those that the store holds', () => {
  const even = pairs.filter((_, index) => index % 2 === 0);
  const store = new Store();
  load(store, even.join('\n'));

  test('are told exactly, whatever their terms', () => {
    const held = heldLines(store, pairs);
    expect([...held].map((index) => pairs[index]).toSorted()).toEqual(even.toSorted());
  });

  test('are none of a store that is empty, and of no lines', () => {
    expect(heldLines(new Store(), pairs).size).toBe(0);
    expect(heldLines(store, []).size).toBe(0);
  });

  test('are told also when they are thousands', () => {
    const many = Array.from({ length: 9000 }, (_, n) => `<urn:a${n}> <urn:p> "${n}" <urn:g> .`);
    const half = new Store();
    load(half, many.filter((_, index) => index % 2 === 0).join('\n'));
    const held = heldLines(half, many);
    expect(held.size).toBe(4500);
    expect([...held].every((index) => index % 2 === 0)).toBe(true);
  });
});
