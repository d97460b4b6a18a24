import { describe, expect, test } from 'vitest';
import { readDescriptions } from '../../../src/workflows/queries/read-description.ts';
import { readTemplate } from '../../../src/workflows/queries/read-template.ts';

const prefixes = `@prefix gw: <https://w3id.org/graphwright#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .`;

const query = `SELECT ?s { ?s ?p ?o FILTER (?o IN (?segments)) FILTER (?o > ?least) FILTER (?s = ?about) FILTER (STR(?o) = ?text) FILTER (?o > ?day) }`;

const described = `${prefixes}
<urn:x:1> a gw:QueryTemplate ;
  rdfs:label "find_it" ; rdfs:comment "Find it." ;
  sh:parameter
    [ sh:name "segments" ; sh:description "Served so" ; sh:in ( "premium" "standard" ) ; gw:isList true ; sh:defaultValue "premium" ] ,
    [ sh:name "least" ; sh:description "A number" ; sh:datatype xsd:integer ; sh:minInclusive 1 ; sh:maxInclusive 9 ; sh:defaultValue 5 ] ,
    [ sh:name "about" ; sh:description "A thing" ; sh:nodeKind sh:IRI ; gw:beginsWith "urn:x:" ; sh:optional true ] ,
    [ sh:name "text" ; sh:description "A text" ; sh:minLength 1 ] ,
    [ sh:name "day" ; sh:description "A day" ; sh:datatype xsd:date ; sh:optional true ] ;
  sh:select """${query}""" .`;

const written = `# Find it.
# @argument segments: ("premium" | "standard")[] = ["premium"] - Served so
# @argument least: integer(1..9) = 5 - A number
# @argument about?: iri(urn:x:) - A thing
# @argument text: string(1..) - A text
# @argument day?: date - A day
${query}`;

const mistakesIn = (text: string) =>
  readDescriptions(`${prefixes}\n${text}`).flatMap(({ problems }) =>
    problems.map(({ line, detail }) => `${line}: ${detail}`),
  );

describe('A23 a query template that is described in RDF', () => {
  test('is the same as one in a query file', () => {
    const [reading, ...others] = readDescriptions(described);
    expect(others).toEqual([]);
    expect(reading!.problems).toEqual([]);
    const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    const { template } = readTemplate(written, 'find-it.rq');
    expect(asJson(reading!.template)).toEqual(asJson(template));
  });

  test.each([
    ['<urn:x:1> a gw:Query .', '1: There is no gw:QueryTemplate in it'],
    ['<urn:x:1> a gw:QueryTemplate', '5: '],
    [
      '<urn:x:1> a gw:QueryTemplate ; rdfs:label "find_it" ; sh:ask "ASK {}" .',
      '5: find_it: rdfs:comment must say',
    ],
    [
      '<urn:x:1> a gw:QueryTemplate ; rdfs:label "find_it" ; rdfs:comment "It." .',
      '5: find_it: Expected one query',
    ],
    [
      '<urn:x:1> a gw:QueryTemplate ; rdfs:label "Find" ; rdfs:comment "It." ; sh:ask "ASK {}" .',
      '1: A workflow is named in lower case',
    ],
  ])('%s is refused', (text, mistake) => {
    expect(mistakesIn(text)).toEqual([expect.stringContaining(mistake)]);
  });

  test.each([
    ['sh:description "X"', 'parameter: A parameter needs a sh:name'],
    ['sh:name "x"', 'x: A parameter needs a sh:name'],
    [
      'sh:name "x" ; sh:description "X" ; sh:datatype xsd:sting',
      'x: There is no type sting; did you mean string?',
    ],
    [
      'sh:name "x" ; sh:description "X" ; sh:datatype <urn:x:y>',
      'x: The sh:datatype <urn:x:y> is none',
    ],
    ['sh:name "x" ; sh:description "X" ; sh:in ()', 'x: sh:in must list the texts'],
    ['sh:name "x" ; sh:description "X" ; sh:in ( 1 )', 'x: sh:in must list the texts'],
    [
      'sh:name "x" ; sh:description "X" ; sh:datatype xsd:integer ; sh:defaultValue "a"',
      'x: The default "a" does not fit',
    ],
    ['sh:name "y" ; sh:description "Y"', 'y: ?y is not in the query'],
  ])('with the parameter [ %s ] is refused, by its name', (parameter, mistake) => {
    const text = `<urn:x:1> a gw:QueryTemplate ; rdfs:label "find_it" ; rdfs:comment "It." ;
      sh:ask "ASK { ?s ?p ?x }" ;
      sh:parameter [ ${parameter} ] .`;
    const [found] = mistakesIn(text);
    expect(found).toContain(mistake);
    expect(found).toMatch(mistake.startsWith('parameter') ? /^1: / : /^7: /);
  });
});
