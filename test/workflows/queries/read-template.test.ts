import { describe, expect, test } from 'vitest';
import { mistakesIn, templateOf } from '../../support/queries.ts';

const query = 'SELECT ?s WHERE { ?s ?p ?o FILTER (?o IN (?list)) FILTER (?o = ?given) }';

describe('A23 a query file', () => {
  test('says in its first comments what it is and what it is given', () => {
    const template = templateOf(
      `# Find things,
      # which are many.
      #
      # @name find_many_things
      # @argument given?: integer(1..10) - A number,
      #   not too large
      # @argument list: ("a - b" | "c")[] = ["a - b"] - Texts
      # @argument about: iri(urn:graphwright:) - A thing
      # @argument day?: date - A day
      ${query.replace('?s ?p', '?s ?about')} # @argument is none: here`.replace(
        '?given)',
        '?given && ?o > ?day)',
      ),
    );
    expect(template).toMatchObject({
      name: 'find_many_things',
      description: 'Find things, which are many.',
    });
    expect(template.arguments).toMatchObject([
      {
        name: 'given',
        type: 'integer',
        least: 1,
        most: 10,
        isOptional: true,
        isList: false,
        description: 'A number, not too large',
      },
      { name: 'list', values: ['a - b', 'c'], isOptional: false, isList: true, default: ['a - b'] },
      { name: 'about', type: 'iri', beginning: 'urn:graphwright:' },
      { name: 'day', type: 'date' },
    ]);
  });

  test('is named by its file when it does not name itself', () => {
    expect(templateOf('# Any.\nASK { ?s ?p ?o }').name).toBe('find_it');
  });

  test.each([
    ['ASK { ?s ?p ?o }', ['1: The first comment must say what the query answers']],
    ['# Any.\n# @nmae x\nASK { ?s ?p ?o }', ['2: There is no @nmae; did you mean name?']],
    [
      '# Any.\n# @name List\nASK { ?s ?p ?o }',
      ['1: A workflow is named in lower case, as list_open_tickets, not "List"'],
    ],
    [
      '# Any.\n\nSELECT ?s\nWHERE { ?s ?p }',
      [expect.stringMatching(/^4: The query cannot be read from here/)],
    ],
    ['# Any.\nSELECT ?s { ?s gw:name ?o }', ['2: Unknown prefix: gw']],
    ['# Any.\nDELETE WHERE { ?s ?p ?o }', ['2: This is an update; queries only read']],
    [
      '# Any.\nASK { SERVICE <http://x> { ?s ?p ?o } }',
      [expect.stringContaining('SERVICE is not offered')],
    ],
    [
      '# Any.\nSELECT * { ?s ?p ?o }',
      ['2: SELECT * does not say what the columns of the result are; name them'],
    ],
    [
      '# Any.\nSELECT ?__proto__ { ?__proto__ ?p ?o }',
      [expect.stringContaining('cannot be called ?__proto__')],
    ],
  ])('T9 T12 that is wrong is refused with its line: %j', (text, mistakes) => {
    expect(mistakesIn(text)).toEqual(mistakes);
  });

  test.each([
    ['x', 'x: Expected @argument name: type - What it is, not "x"'],
    ['', 'argument: Expected @argument name'],
    ['x: sting - A text', 'x: There is no type sting; did you mean string?'],
    ['x: ?! - A text', 'x: Expected a type: string, integer'],
    ['x: string', 'x: Expected " - " after the type, then what it is'],
    [
      'x: string(a..b) - A text',
      'x: string(a..b) means nothing; a range is written as integer(1..100)',
    ],
    ['x: boolean(1..2) - Yes', 'x: boolean(1..2) means nothing'],
    ['x: integer(5..1) - A number', 'x: Nothing is in the range 5..1'],
    ['x: iri(customer) - A thing', 'x: iri(…) takes what the IRI begins with'],
    ['x: integer = "1" - A number', 'x: The default "1" does not fit'],
    ['x: integer = one - A number', 'x: Expected a default in JSON, then " - " and what it is'],
    ['x?: integer = 1 - A number', 'x: What has a default is never absent'],
    ['limit: integer - A number', 'limit: This name has a meaning of its own'],
    ['constructor: integer - A number', 'constructor: This name has a meaning of its own'],
    ['y: integer - A number', 'y: ?y is not in the query; did you mean s?'],
    ['s: string - A text', 's: ?s is the same in every row'],
    ['o: string[] - Texts', 'o: ?o is a list, which stands in IN (?o) or in VALUES ?o { UNDEF }'],
    ['p: string - A property', 'p: ?p is a string, which no subject, property or graph can be'],
    ['o?: string - A text', 'o: ?o may be left out, so it must stand in a FILTER or within braces'],
    ['g: string - A graph', 'g: ?g is a string, which no subject, property or graph can be'],
    ['b: string - A text', 'b: ?b is given by the caller, so nothing can be assigned to it'],
    [
      'v: string - A text',
      'v: ?v is given by the caller, so its values come in VALUES ?v { UNDEF } alone',
    ],
  ])('that declares %j wrongly is told so, by the argument', (declaration, message) => {
    const found = mistakesIn(
      `# Any.\n# @argument ${declaration}\nSELECT ?s { ?s ?p ?o GRAPH ?g { ?s ?p ?o } BIND (1 AS ?b) VALUES ?v { 1 } }`,
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`2: ${message}`);
  });

  test('tells all of its mistakes at once', () => {
    const text =
      '# Any.\n# @argument x: text - A\n# @argument y: date - B\n# @argument y: date - C\nASK { ?s ?p }';
    expect(mistakesIn(text).map((mistake) => mistake.slice(0, 4))).toEqual([
      '2: x',
      '4: y',
      '5: T',
    ]);
  });
});
