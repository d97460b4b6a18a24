import { describe, expect, test } from 'vitest';
import { GraphwrightError } from '../../src/errors.ts';
import { parseTurtle } from '../../src/ontology/turtle.ts';

const prefix = '@prefix x: <http://x/> .\n';

function mistake(text: string): GraphwrightError {
  try {
    parseTurtle(text, 'a.ttl');
  } catch (thrown) {
    if (thrown instanceof GraphwrightError) return thrown;
    throw thrown;
  }
  throw new Error('No mistake was found');
}

describe('A21 a mistake in Turtle', () => {
  test.each([
    ['an unknown prefix', `${prefix}x:s x:p y:o .`, '2:9', 'y:'],
    ['a full stop too few', `${prefix}x:s x:s x:s x:s .`, '2:13', 'x:s'],
    ['an IRI with a space', `${prefix}  x:s <http://x/a b> x:o .`, '2:7', '<http://x/a'],
    ['a text without an end', `${prefix}x:s x:p "open .\nx:s x:p 1 .`, '2:9', '"open'],
    ['an end too early', `${prefix}x:s x:p`, '2:8', 'eof'],
    ['a relative IRI', `${prefix}x:s x:p x:o ;\n  x:p <other> .`, '3:7', '"other"'],
    ['the empty IRI', `${prefix}<> a x:O .`, '2:1', '""'],
    ['a mistake after Windows line ends', '\r\n\r\nx:s 1 2 .', '3:1', 'x:'],
    ['a mistake after a long text', `${prefix}x:s x:p """a\nb""" y:o .`, '3:6', ''],
    ['a graph, which is not Turtle', `${prefix}{ x:s x:p x:o }`, '2:1', ''],
  ])('is told by line and column: %s', (_, text, place, offending) => {
    const error = mistake(text);
    expect(error.code).toBe('invalid_data');
    expect(error.message).toMatch(new RegExp(`^a\\.ttl:${place}: `));
    expect(error.message).toContain(offending);
    expect(error.message).not.toContain('on line');
  });

  test('is shown with the line it is in', () => {
    expect(mistake(`${prefix}  x:s x:p y:o .`).message).toBe(
      'a.ttl:2:11: Undefined prefix "y:" in "x:s x:p y:o ."',
    );
  });
});

test('A21 the same Turtle gives the same quads each time, its blank nodes with labels of their own', () => {
  const text = `${prefix}x:s x:p [ x:p _:b1 ], _:b1, ( 1 ) . _:b1 x:p _:b0 . _:b0 x:p 1 .`;
  expect(parseTurtle(text, 'a')).toEqual(parseTurtle(text, 'b'));
  const blank = new Set(
    parseTurtle(text, 'a')
      .flatMap(({ subject, object }) => [subject, object])
      .flatMap(({ termType, value }) => (termType === 'BlankNode' ? [value] : [])),
  );
  expect(blank).toEqual(new Set(['b0', 'b1', 'b2', 'b3']));
});
