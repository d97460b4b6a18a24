import { Store } from 'oxigraph';
import { describe, expect, test } from 'vitest';
import { limitedAnswer, rowsIn, withLimit } from '../../../src/ontology/embedded/answer-limits.ts';

const store = new Store();
store.load('<urn:s> <urn:p> "a\\"\\n{}<result>,\\\\" .\n<urn:s> <urn:p> 2 .', {
  format: 'text/turtle',
});

const formats = [
  'application/sparql-results+json',
  'application/sparql-results+xml',
  'text/csv',
  'text/tab-separated-values',
];

const ask = (text: string, format: string) => String(store.query(text, { results_format: format }));

describe('T7 an answer within limits', () => {
  test.each(formats)('is counted in %s whatever its values hold', (format) => {
    for (const [text, rows] of [
      ['SELECT * { ?s ?p ?o }', 2],
      ['SELECT ?o { ?s ?p ?o } ORDER BY DESC(?o)', 2],
      ['SELECT * { ?s ?p ?o . ?x ?y ?z }', 4],
      ['SELECT ?nothing { ?s ?p ?o }', 2],
      ['SELECT * { <urn:none> ?p ?o }', 0],
      ['SELECT * { VALUES ?t { <<( <urn:a> <urn:b> "}{" )>> } }', 1],
    ] as const)
      expect(rowsIn(ask(text, format), format), text).toBe(rows);
  });

  test.each(formats)('is given as a whole in %s, or refused', (format) => {
    const text = 'SELECT * { ?s ?p ?o . ?x ?y ?z }';
    const within = (rows: number, bytes = 10_000) =>
      limitedAnswer({ text, form: 'SELECT', format, limits: { rows, bytes } }, (asked) =>
        ask(asked, format),
      );
    expect(within(4)).toBe(ask(text, format));
    expect(() => within(3)).toThrow('more than 3 rows');
    const { length } = ask(text, format);
    expect(within(4, length)).toHaveLength(length);
    expect(() => within(4, length - 1)).toThrow(`more than ${length - 1} bytes`);
  });

  test('stops the engine one row later, which only the outermost LIMIT can do', () => {
    for (const [text, limited] of [
      ['SELECT * { ?s ?p ?o }', 'SELECT * { ?s ?p ?o }\nLIMIT 7\n'],
      ['SELECT * {} LIMIT 5', 'SELECT * {} LIMIT 5'],
      ['SELECT * {} LIMIT 8 OFFSET 9', 'SELECT * {} LIMIT 7 OFFSET 9'],
      ['SELECT * {} OFFSET 9', 'SELECT * {} OFFSET 9\nLIMIT 7\n'],
      ['SELECT * {} # LIMIT 1', 'SELECT * {} # LIMIT 1\nLIMIT 7\n'],
      ['SELECT * { { SELECT * {} LIMIT 1 } }', 'SELECT * { { SELECT * {} LIMIT 1 } }\nLIMIT 7\n'],
      ['SELECT * {} VALUES ?x { 1 }', 'SELECT * {} \nLIMIT 7\nVALUES ?x { 1 }'],
      ['SELECT ?limit { ?s ?limit :limit, "LIMIT 1" }', undefined],
      ['SELECT * FROM <urn:limit> { ?s limit:limit """"LIMIT 1""" }', undefined],
    ] as const)
      expect(withLimit(text, 7)).toBe(limited ?? `${text}\nLIMIT 7\n`);
  });

  test('leaves a mistake where it is', () => {
    const broken = 'SELECT * { ?s ?p ';
    const place = (action: () => unknown) => {
      try {
        return action();
      } catch (thrown) {
        return String(thrown);
      }
    };
    const limits = { rows: 1, bytes: 1_000 };
    const format = formats[0]!;
    expect(
      place(() =>
        limitedAnswer({ text: broken, form: 'SELECT', format, limits }, (text) =>
          ask(text, format),
        ),
      ),
    ).toBe(place(() => ask(broken, format)));
  });
});
