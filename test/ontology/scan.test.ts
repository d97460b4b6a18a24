import { describe, expect, test } from 'vitest';
import { GraphwrightError } from '../../src/errors.ts';
import { scanQuery, scanUpdate } from '../../src/ontology/scan.ts';

describe('T1 T13 the scan before any parser', () => {
  test.each([
    ['SELECT * {}', 'SELECT'],
    ['PREFIX select: <x:> # ASK\nASK {}', 'ASK'],
    ['BASE <x:> construct WHERE { ?s ?p ?o }', 'CONSTRUCT'],
    ['describe <x:insert>', 'DESCRIBE'],
    ['PREFIX ex: <x:> WITH ex:g DELETE {} WHERE {}', 'update'],
    ['', undefined],
  ])('tells what %j is', (text, form) => {
    expect(scanQuery(text)).toBe(form);
  });

  test.each([
    ['strings', `SELECT * { ?s ?p "${'{(+'.repeat(500)}" }`],
    ['long strings', `SELECT * { ?s ?p '''${'{"\n+'.repeat(500)}''' }`],
    ['strings with escaped quotes', `SELECT * { ?s ?p "\\"${'{+'.repeat(500)}" }`],
    ['IRIs', `SELECT * { ?s ?p <x:${'(+*)'.repeat(200)}> }`],
    ['comments', `SELECT * { # ${'{+'.repeat(500)}\n}`],
    ['prefixed names', `PREFIX a-b: <x:> SELECT * { ?s a-b:${'c-'.repeat(500)}c a-b:d }`],
    ['language tags', `SELECT * { VALUES ?x { ${'"a"@en-GB-oed '.repeat(300)} } }`],
  ])('counts nothing within %s', (_, text) => {
    expect(scanQuery(text)).toBe('SELECT');
  });

  test('signs and types of data are no operators', () => {
    const data = '<x:s> <x:p> -1, +2.5, "3"^^<x:t> . '.repeat(1000);
    expect(scanUpdate(`INSERT DATA { GRAPH <x:g> { ${data} } }`)).toBe('update');
  });

  test.each([
    ['differences without spaces', `SELECT * { FILTER(?x${'-?x'.repeat(300)}) }`],
    ['differences of numbers', `SELECT * { FILTER(1${'-1'.repeat(300)}) }`],
    ['negations', `SELECT * { FILTER(${'!'.repeat(300)}?x) }`],
    ['paths', `SELECT * { ?s <x:p>${'/<x:p>'.repeat(300)} ?o }`],
    [
      'operators after data',
      `INSERT DATA { <x:s> <x:p> 1 } ; INSERT {} WHERE { FILTER(1${'+1'.repeat(300)}) }`,
    ],
    ['groups', `SELECT * {${'{}'.repeat(300)}}`],
  ])('counts %s', (_, text) => {
    expect(() => scanQuery(text)).toThrow('more than 256 operators');
  });

  test('SERVICE is found as a keyword only', () => {
    expect(() => scanQuery('SELECT * { service silent <x:> {} }')).toThrow('SERVICE');
    expect(scanQuery('SELECT * { ?service <x:SERVICE> "SERVICE" . service:a ?p ?o }')).toBe(
      'SELECT',
    );
  });

  test('takes less than a tenth of a second for the longest query', () => {
    const start = performance.now();
    for (const part of ['{', '<', '"', '?', '\\u007', '#\n', ':-', '1.'])
      try {
        scanQuery(part.repeat(Math.floor(65_000 / part.length)));
      } catch (thrown) {
        if (!(thrown instanceof GraphwrightError)) throw thrown;
      }
    expect(performance.now() - start).toBeLessThan(800);
  });
});
