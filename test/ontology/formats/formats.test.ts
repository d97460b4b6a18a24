import { describe, expect, test } from 'vitest';
import {
  formatNamed,
  formatOfFile,
  formatOfMediaType,
} from '../../../src/ontology/formats/formats.ts';
import { sniffFormat } from '../../../src/ontology/formats/sniff.ts';

describe('A27 the formats', () => {
  test('are found by name, media type and file', () => {
    expect(formatNamed('trig').mediaTypes[0]).toBe('application/trig');
    expect(formatOfMediaType('application/ld+json; profile="x"')).toBe('jsonld');
    expect(formatOfMediaType('Text/Turtle;charset=utf-8')).toBe('turtle');
    expect(formatOfMediaType('image/png')).toBeUndefined();
    expect(formatOfFile('/data/people.v2.nq.gz')).toBe('nquads');
    expect(formatOfFile('PEOPLE.RDF')).toBe('rdfxml');
    expect(formatOfFile('ttl')).toBeUndefined();
    expect(formatOfFile('people.gz')).toBeUndefined();
  });

  test('a misspelt name is told the nearest', () => {
    expect(() => formatNamed('turtel')).toThrow('did you mean turtle?');
  });

  test.each([
    ['jsonld', ' {"@id": "urn:a"}'],
    ['jsonld', '[{"@id": "urn:a"}]'],
    ['jsonld', '{}'],
    ['rdfxml', '<?xml version="1.0"?><rdf:RDF/>'],
    ['rdfxml', '\uFEFF<!-- people -->\n<rdf:RDF/>'],
    ['rdfxml', '<RDF xmlns="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'],
    ['ntriples', '# people\n<urn:a> <urn:b> "x { y"@en-GB .\n_:a <urn:b> _:c.\n'],
    ['nquads', '<urn:a> <urn:b> "x" .\n<urn:a> <urn:b> "1"^^<urn:t> <urn:g> . # here\n'],
    ['ntriples', '<urn:a> <urn:b> "x" .\n<urn:a> <urn:b> "cut o'],
    ['turtle', '@prefix a: <urn:{> .\na:b a:c "{", [ a:d "\\"{" ] . # {'],
    ['turtle', '[] <urn:b> <urn:c> .'],
    ['trig', 'PREFIX a: <urn:>\na:g { a:b a:c a:d }'],
    ['trig', '{ <urn:a> <urn:b> <urn:c> }'],
    ['turtle', ''],
  ])('%s is told by its content: %j', (format, text) => {
    expect(sniffFormat(text)).toBe(format);
  });
});
