import fc from 'fast-check';
import { Parser } from 'sparqljs';
import { describe, expect, test } from 'vitest';
import { sparql, sparqlText, triples } from '../../src/ontology/sparql.ts';
import { factory, gw, thing, thingId, xsd, type Literal } from '../../src/ontology/terms.ts';

/** The one literal in a parsed query, so that we see what an engine would see. */
function literalIn(query: string): string {
  const parsed = new Parser().parse(query) as {
    where: { triples: { object: { value: string } }[] }[];
  };
  return parsed.where[0]!.triples[0]!.object.value;
}

describe('N7 the sparql tag', () => {
  test('never lets a value become syntax, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(literalIn(sparql`SELECT * { ?s ?p ${text} }`.toString())).toBe(text);
      }),
    );
    expect(String(sparql`ASK { ?s ?p ${'x" . } ; DROP ALL #'} }`)).toBe(
      String.raw`ASK { ?s ?p "x\" . } ; DROP ALL #" }`,
    );
  });

  test('writes numbers, booleans, dates, language-tagged and typed literals as terms', () => {
    expect(String(sparql`${1} ${1.5} ${true}`)).toBe('1 1.5e+0 true');
    expect(String(sparql`${new Date(0)}`)).toBe(
      `"1970-01-01T00:00:00.000Z"^^<${xsd('dateTime').value}>`,
    );
    expect(String(sparql`${factory.literal('Guten Tag', 'de')}`)).toBe('"Guten Tag"@de');
    expect(String(sparql`${gw('name')}`)).toBe('<https://w3id.org/graphwright#name>');
  });

  test('takes another query as it is', () => {
    expect(String(sparql`SELECT * { ${sparqlText('?s ?p ?o')} }`)).toBe('SELECT * { ?s ?p ?o }');
  });

  test('refuses what RDF cannot hold', () => {
    expect(() => sparql`${factory.namedNode('http://x/> } ; DROP ALL #')}`).toThrow(/IRI/);
    const foreign = {
      ...factory.literal('x', 'en'),
      termType: 'Literal',
      value: 'x',
      language: 'en" . }',
    };
    expect(() => sparql`${foreign as unknown as Literal}`).toThrow(/language tag/);
    expect(() => sparql`${factory.blankNode('b')}`).toThrow(/BlankNode/);
    expect(() => sparql`${Number.NaN}`).toThrow(/RDF number/);
    expect(() => sparql`${'\ud800'}`).toThrow(/surrogate/);
  });

  test('writes quads as triples for a template', () => {
    const quads = [factory.quad(thing('customer', 'a b'), gw('name'), factory.literal('Ada'))];
    expect(String(triples(quads))).toContain('<urn:graphwright:customer:a%20b>');
  });
});

test('A9 the IRI of a thing is always the same, and gives its id back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (id) => {
      expect(thing('customer', id).equals(thing('customer', id))).toBe(true);
      expect(thingId(thing('customer', id))).toBe(id);
    }),
  );
});
