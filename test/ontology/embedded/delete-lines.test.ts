import { Store } from 'oxigraph';
import { describe, expect, test } from 'vitest';
import { canonicalLines, load } from '../../../src/ontology/embedded/canonical.ts';
import { deleteLines } from '../../../src/ontology/embedded/delete-lines.ts';

const xsd = 'http://www.w3.org/2001/XMLSchema#';
const graphs = ['', ' <urn:g>', ' <urn:h>'];

/** Statements of every kind in one graph, some with the names of graphs as objects. */
const linesOf = (graph: string) =>
  canonicalLines(
    [
      '<urn:a> <urn:p> <urn:g>',
      '<urn:a> <urn:p> <urn:h>',
      '<urn:a> <urn:p> "a \\"quoted\\" \\\\ line\\nand <urn:x> <urn:g> ."',
      '<urn:a> <urn:p> "a bell \\u0007"',
      '<urn:a> <urn:p> "Grüße"@en-GB',
      '<urn:a> <urn:p> "left"@ar--ltr',
      `<urn:a> <urn:p> "01"^^<${xsd}int>`,
      `<urn:a> <urn:p> "2026-11-21T10:00:00.500+02:00"^^<${xsd}dateTime>`,
      '_:a <urn:p> _:b',
      '<urn:a> <urn:p> <<( <urn:a> <urn:p> "said" )>>',
      ...Array.from({ length: 20 }, (_, n) => `<urn:a${n}> <urn:p> "${n}"`),
    ].map((triple) => `${triple}${graph} .`),
  );
const all = graphs.flatMap(linesOf);

function without(lines: readonly string[]): string[] {
  const store = new Store();
  load(store, all.join('\n'));
  deleteLines(store, lines);
  return store.dump({ format: 'application/n-quads' }).split('\n').filter(Boolean).toSorted();
}

const rest = (lines: readonly string[]) => all.filter((line) => !lines.includes(line)).toSorted();

describe('of many statements, those that are deleted', () => {
  test.each([2, 3, 5, 7])('are gone and no others, whatever their terms: every %d-th', (step) => {
    const some = all.filter((_, index) => index % step === 0);
    expect(without(some)).toEqual(rest(some));
  });

  test.each(graphs)('may be all of one graph (%j), which leaves the others alone', (graph) => {
    const some = linesOf(graph);
    expect(without(some)).toEqual(rest(some));
  });

  test('may be all that there are', () => {
    expect(without(all)).toEqual([]);
  });

  test('may be long', () => {
    const long = 'x'.repeat(200_000);
    const lines = Array.from({ length: 30 }, (_, n) => `<urn:a> <urn:p> "${n} ${long}" .`);
    const store = new Store();
    load(store, lines.join('\n'));
    deleteLines(store, lines.slice(3));
    expect(store.size).toBe(3);
  });

  test('may be none', () => {
    expect(without([])).toEqual(rest([]));
  });
});
