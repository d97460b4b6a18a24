import { parse, Store } from 'oxigraph';
import { describe, expect, test } from 'vitest';
import { canonicalLines } from '../../../src/ontology/embedded/canonical.ts';
import { nquads, plainQuad, quadsOf } from '../../../src/ontology/embedded/plain-quad.ts';

const xsd = 'http://www.w3.org/2001/XMLSchema#';
const subjects = ['<urn:s>', '<http://example.org/ü?a=%20#b>', '_:sabc-b0'];
const objects = [
  '<urn:o>',
  '_:b1',
  '""',
  '"plain text, <with> signs"',
  '"a \\"quoted\\" word\\n"',
  '"\\\\ \\t \\b \\f \\r \\u0007 and \\\\u0007"',
  '"kind"@en',
  '"Farbe"@de-at',
  `"1"^^<${xsd}integer>`,
  `"1.5"^^<${xsd}decimal>`,
  `"2024-05-01T10:00:00Z"^^<${xsd}dateTime>`,
  '"x"^^<http://example.org/type>',
  '<<( <urn:s> <urn:p> "quoted" )>>',
];
const graphs = ['', ' <http://example.org/graph>'];
const lines = canonicalLines(
  subjects.flatMap((subject) =>
    objects.flatMap((object) => graphs.map((graph) => `${subject} <urn:p> ${object}${graph} .`)),
  ),
);

describe('A quad read without the parser', () => {
  test('is the one that the parser reads, when it is added, looked up and deleted', () => {
    const added = new Store();
    for (const quad of quadsOf(lines)) added.add(quad);
    const parsed = new Store(parse(lines.join('\n'), nquads));
    const all = (store: Store) =>
      store.dump({ format: 'application/n-quads' }).split('\n').toSorted();
    expect(all(added)).toEqual(all(parsed));
    expect(quadsOf(lines).every((quad) => parsed.has(quad))).toBe(true);
    for (const quad of quadsOf(lines)) parsed.delete(quad);
    expect(parsed.size).toBe(0);
  });

  test('is each of them that quotes no triple', () => {
    const left = lines.filter((line) => !plainQuad(line));
    expect(left).toEqual(lines.filter((line) => line.includes('<<(')));
  });

  test.each(['<urn:s> <urn:p> "\\uD800" .', '<urn:s> <urn:p> "\\x" .', '_:b. <urn:p> "o" .'])(
    'is none for %s, which the store refuses',
    (line) => {
      expect(() => new Store().has(quadsOf([line])[0]!)).toThrow(/[Pp]arser|surrogate|invalid/);
    },
  );

  test.each(['<relative> <urn:p> "o" .', '<urn:s> <urn:%zz> "o" .'])(
    'is refused for %s',
    (line) => {
      expect(() => new Store().has(quadsOf([line])[0]!)).toThrow(/IRI/);
    },
  );
});
