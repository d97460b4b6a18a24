import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sparqlText } from '../../../src/ontology/sparql.ts';
import { factory, iri, type Literal } from '../../../src/ontology/terms.ts';
import { withRights } from '../../../src/ontology/rights/current-rights.ts';
import type { ObservableStore } from '../../../src/ontology/store.ts';
import { testKit, type TestKit } from '../../../src/testing/index.ts';
import { execute } from '../../../src/workflows/execute.ts';
import { inputSchema, outputSchema } from '../../../src/workflows/expose/schemas.ts';
import { bind } from '../../../src/workflows/queries/bind.ts';
import { parseQuery, queryTextOf } from '../../../src/workflows/queries/query-syntax.ts';
import { QueryWorkflow } from '../../../src/workflows/queries/query-workflow.ts';
import { ask, templateOf } from '../../support/queries.ts';

const data = `PREFIX : <urn:x:> INSERT DATA {
  GRAPH :open { :a :name "Ann" ; :age 30 ; :born "1996-01-02"^^<http://www.w3.org/2001/XMLSchema#date> ; :likes :b ; :vip true .
                :b :name "Bob" ; :age 40 ; :score 0.5 . }
  GRAPH :secret { :c :name "Cid" ; :age 50 } }`;

let kit: TestKit;
beforeAll(async () => {
  kit = await testKit();
  await kit.store.update(sparqlText(data));
});
afterAll(() => kit.close());

const named = async (text: string, given?: Record<string, unknown>) => {
  const { rows } = (await ask(kit.store, text, given)) as { rows: { name: string }[] };
  return rows.map(({ name }) => name);
};

const people = (declaration: string, pattern: string) =>
  `# Find people.\n# ${declaration}\nPREFIX : <urn:x:> SELECT ?name { ?s :name ?name ; :age ?age . ${pattern} } ORDER BY ?name`;

describe('A23 an argument becomes a term', () => {
  test.each([
    ['@argument who: string - Name', '?s :name ?who', { who: 'Ann' }, ['Ann']],
    ['@argument years: integer(1..) - Age', '?s :age ?years', { years: 40 }, ['Bob']],
    ['@argument least: integer - Age', 'FILTER (?age >= ?least)', { least: 40 }, ['Bob', 'Cid']],
    ['@argument least: decimal - Age', 'FILTER (?age > ?least)', { least: 39.99 }, ['Bob', 'Cid']],
    ['@argument vip: boolean - Whether', '?s :vip ?vip', { vip: true }, ['Ann']],
    ['@argument day: date - Day', '?s :born ?day', { day: '1996-01-02' }, ['Ann']],
    [
      '@argument at: dateTime - Time',
      'FILTER (?at < "2030-01-01T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>)',
      { at: '2026-01-01T00:00:00+02:00' },
      ['Ann', 'Bob', 'Cid'],
    ],
    ['@argument about: iri(urn:x:) - Thing', '?s :likes ?about', { about: 'urn:x:b' }, ['Ann']],
    ['@argument by: iri - Property', '?s ?by :b', { by: 'urn:x:likes' }, ['Ann']],
    [
      '@argument where: iri - Graph',
      'GRAPH ?where { ?s :name ?n }',
      { where: 'urn:x:secret' },
      ['Cid'],
    ],
    [
      '@argument who: string[] - Names',
      'FILTER (?name IN (?who))',
      { who: ['Ann', 'Bob'] },
      ['Ann', 'Bob'],
    ],
    [
      '@argument who: string[] - Names',
      'FILTER (?name NOT IN (?who))',
      { who: ['Ann'] },
      ['Bob', 'Cid'],
    ],
    [
      '@argument name: string[] - Names',
      'VALUES ?name { UNDEF }',
      { name: ['Ann', 'Bob'] },
      ['Ann', 'Bob'],
    ],
    ['@argument name: string - Name', 'VALUES ?name { UNDEF }', { name: 'Ann' }, ['Ann']],
    [
      '@argument likes: boolean - Whether',
      'FILTER (EXISTS { ?s :likes ?x } = ?likes)',
      { likes: true },
      ['Ann'],
    ],
    [
      '@argument least: integer - Age',
      '{ SELECT ?s { ?s :age ?a FILTER (?a > ?least) } }',
      { least: 45 },
      ['Cid'],
    ],
  ])('%s in %s', async (declaration, pattern, given, names) => {
    expect(await named(people(declaration, pattern), given)).toEqual(names);
  });

  test('that may be left out takes its FILTER or its braces with it', async () => {
    const everybody = ['Ann', 'Bob', 'Cid'];
    for (const [declaration, pattern, given, some] of [
      ['@argument least?: integer - Age', 'FILTER (?age >= ?least)', { least: 45 }, ['Cid']],
      ['@argument who?: string - Name', '{ ?s :name ?who }', { who: 'Bob' }, ['Bob']],
      ['@argument who?: string - Name', '{ { ?s :name ?who } }', { who: 'Bob' }, ['Bob']],
      ['@argument who?: string - Name', 'FILTER EXISTS { ?s :name ?who }', { who: 'Bob' }, ['Bob']],
      ['@argument who?: string - Name', 'MINUS { ?s :name ?who }', { who: 'Bob' }, ['Ann', 'Cid']],
      ['@argument who?: string - Name', '{ SELECT ?s { ?s :name ?who } }', { who: 'Bob' }, ['Bob']],
      [
        '@argument least?: integer - Age',
        '{ SELECT ?s { ?s :age ?a FILTER (?a > ?least) } }',
        { least: 45 },
        ['Cid'],
      ],
      ['@argument name?: string - Name', 'VALUES ?name { UNDEF }', { name: 'Bob' }, ['Bob']],
      [
        '@argument who?: string[] - Names',
        'FILTER (?name IN (?who))',
        { who: ['Bob', 'Cid'] },
        ['Bob', 'Cid'],
      ],
      ['@argument g?: iri - Graph', 'GRAPH ?g { ?s :age ?age }', { g: 'urn:x:secret' }, ['Cid']],
    ] as const) {
      const text = people(declaration, pattern);
      expect([pattern, await named(text, given)]).toEqual([pattern, some]);
      expect([pattern, await named(text)]).toEqual([pattern, everybody]);
    }
  });

  test('of a UNION takes its branch alone with it, of HAVING its condition', async () => {
    const union = people(
      '@argument who?: string - Name',
      '{ ?s :name ?who } UNION { ?s :likes ?any }',
    );
    expect(await named(union, { who: 'Bob' })).toEqual(['Ann', 'Bob']);
    expect(await named(union)).toEqual(['Ann']);
    const having = `# Count.\n# @argument least?: integer - Count\nPREFIX : <urn:x:>
      SELECT ?name (COUNT(?o) AS ?n) { ?s :name ?name ; ?p ?o } GROUP BY ?name HAVING (COUNT(?o) >= ?least) ORDER BY ?name`;
    expect(await named(having, { least: 4 })).toEqual(['Ann']);
    expect(await named(having)).toEqual(['Ann', 'Bob', 'Cid']);
  });

  test('has its default when it is left out', async () => {
    const text = people('@argument least: integer = 40 - Age', 'FILTER (?age >= ?least)');
    expect(await named(text)).toEqual(['Bob', 'Cid']);
  });

  test.each([
    ['x: integer(1..9) - N', { x: 10 }, '/x'],
    ['x: integer - N', { x: 1.5 }, '/x'],
    ['x: integer - N', {}, '/x'],
    ['x: date - D', { x: '2026-02-30' }, 'Expected a date, such as 2026-01-31'],
    ['x: dateTime - D', { x: 'now' }, 'Expected a date-time'],
    ['x: iri - I', { x: 'javascript:alert(1)' }, 'of one of the schemes http, https, urn'],
    ['x: iri - I', { x: 'http://a b' }, 'Expected an absolute IRI'],
    ['x: iri - I', { x: 'urn:x> } ; DROP ALL #' }, 'Expected an absolute IRI'],
    ['x: iri(urn:x:) - I', { x: 'urn:y:a' }, 'Expected an IRI that begins with urn:x:'],
    ['x: "a" | "b" - E', { x: 'c' }, '/x'],
    ['x: string[] - L', { x: [] }, 'An empty list finds nothing'],
    ['x: string[] - L', { x: 'Ann' }, '/x'],
    ['x: string - S', { x: '\ud800' }, 'half of a surrogate pair'],
    ['x: string - S', { x: 'a', y: 1 }, '/y: Unknown key'],
    ['x: string - S', { x: 'a', limit: 1_001 }, '/limit'],
  ])('A31 %s refuses %j, naming it', async (declaration, given, message) => {
    const text = people(`@argument ${declaration}`, 'FILTER (?age IN (?x))');
    await expect(ask(kit.store, text, given)).rejects.toMatchObject({
      code: 'invalid_parameters',
      message: expect.stringContaining(message),
      problems: [{ pointer: expect.stringMatching(/^\/(x|y|limit)/) }],
    });
  });

  test('lists too long for one query are refused as such', async () => {
    const text = people('@argument x: string[] - L', 'FILTER (?name IN (?x))');
    const x = Array.from({ length: 100 }, () => '"'.repeat(1_000));
    await expect(ask(kit.store, text, { x })).rejects.toMatchObject({
      code: 'invalid_parameters',
      message: expect.stringContaining('give shorter lists'),
    });
  });
});

describe('N7 T12 no text of an argument becomes a part of the query', () => {
  const hostile = [
    '"; DROP ALL #',
    '" } UNION { ?s ?p ?o } #',
    "' OR 1=1 --",
    '\\',
    '\\"',
    '"""',
    'a\nb\r\t\b\f',
    '?name',
    '${x} {{x}}',
    '\u0000\u0001',
    '\\u0022',
    '<urn:x:a>',
    '@en',
    '^^<urn:x>',
    '',
  ];
  const anything = fc.oneof(
    fc.constantFrom(...hostile),
    fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => text.isWellFormed()),
  );
  const query = parseQuery(
    'SELECT ?s { VALUES ?v { UNDEF } ?s ?p ?t FILTER (?t = ?x || ?t IN (?l)) }',
  );

  test('whatever the text is, the parsed query has it as that literal, and else the same shape', () => {
    const shape = (texts: string[]) => {
      const terms = texts.map((text): Literal => factory.literal(text));
      const bound = bind(
        query,
        new Map([
          ['x', [terms[0]!]],
          ['v', terms],
          ['l', terms],
        ]),
      );
      return JSON.stringify(parseQuery(queryTextOf(bound)));
    };
    fc.assert(
      fc.property(fc.array(anything, { minLength: 1, maxLength: 3 }), (texts) => {
        const plain = shape(texts.map((_, index) => `text ${index}`));
        const expected = texts.reduce(
          (told, text, index) =>
            told.replaceAll(JSON.stringify(`text ${index}`), () => JSON.stringify(text)),
          plain,
        );
        expect(shape(texts)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('the engine finds just what is equal to it, and nothing is written', async () => {
    const store = kit.store as ObservableStore;
    await store.insert(
      iri('urn:x:texts'),
      hostile.map((text) => factory.quad(iri('urn:x:t'), iri('urn:x:text'), factory.literal(text))),
    );
    const { position } = store;
    const text =
      '# Any.\n# @argument x: string - X\nSELECT (STR(?o) AS ?found) { ?s <urn:x:text> ?o FILTER (?o = ?x) }';
    for (const x of hostile)
      expect(await ask(store, text, { x })).toEqual({ rows: [{ found: x }], truncated: false });
    expect(store.position).toBe(position);
  });
});

describe('A23 the result', () => {
  test('of a SELECT has its columns, of types that its expressions settle', () => {
    const workflow = new QueryWorkflow({
      store: kit.store,
      template: templateOf(
        '# Any.\nSELECT ?s (COUNT(?o) AS ?n) (GROUP_CONCAT(?p) AS ?text) (BOUND(?s) AS ?yes) { ?s ?p ?o } GROUP BY ?s',
      ),
    });
    const { properties } = outputSchema(workflow);
    const row = properties!['rows']!.items!;
    expect(row.required).toEqual(['n']);
    expect(row.properties).toMatchObject({
      s: { type: ['string', 'number', 'boolean'] },
      n: { type: 'integer' },
      text: { type: 'string' },
      yes: { type: 'boolean' },
    });
    expect(inputSchema(workflow).properties).toHaveProperty('limit');
    expect(workflow.hints).toEqual({ readOnly: true, idempotent: true });
  });

  test('has numbers and booleans as JSON has them, and leaves out what is unbound', async () => {
    const text = `# Any.\nPREFIX : <urn:x:>
      SELECT ?s ?age ?score ?vip ?born { ?s :age ?age OPTIONAL { ?s :score ?score } OPTIONAL { ?s :vip ?vip } OPTIONAL { ?s :born ?born } } ORDER BY ?s`;
    expect(await ask(kit.store, text, { limit: 2 })).toEqual({
      rows: [
        { s: 'urn:x:a', age: 30, vip: true, born: '1996-01-02' },
        { s: 'urn:x:b', age: 40, score: 0.5 },
      ],
      truncated: true,
    });
  });

  test('keeps what no JSON number holds as text', async () => {
    const text =
      '# Any.\nSELECT ?x { VALUES ?x { 12345678901234567890 "INF"^^<http://www.w3.org/2001/XMLSchema#double> 1e0 } }';
    expect(await ask(kit.store, text)).toMatchObject({
      rows: [{ x: '12345678901234567890' }, { x: 'INF' }, { x: 1 }],
    });
  });

  test('of an ASK is yes or no, of a CONSTRUCT Turtle', async () => {
    const known = '# Any.\n# @argument who: string - W\nASK { ?s <urn:x:name> ?who }';
    expect(await ask(kit.store, known, { who: 'Ann' })).toBe(true);
    expect(await ask(kit.store, known, { who: 'Eve' })).toBe(false);
    const about = '# Any.\n# @argument who: iri - W\nCONSTRUCT { ?who ?p ?o } { ?who ?p ?o }';
    expect(await ask(kit.store, about, { who: 'urn:x:c' })).toMatchObject({
      statements: 2,
      turtle: expect.stringContaining('"Cid"'),
    });
    const described = '# Any.\n# @argument who: iri - W\nDESCRIBE ?who';
    expect(await ask(kit.store, described, { who: 'urn:x:c' })).toMatchObject({ statements: 2 });
  });

  test('T7 is cut with a flag where there are more rows than the limit, and a LIMIT of its own stays', async () => {
    const all = '# Any.\nSELECT ?s { ?s ?p ?o } LIMIT 5';
    const rows = async (limit: number) => {
      const answer = (await ask(kit.store, all, { limit })) as {
        rows: unknown[];
        truncated: boolean;
      };
      return [answer.rows.length, answer.truncated];
    };
    expect(await rows(3)).toEqual([3, true]);
    expect(await rows(100)).toEqual([5, false]);
    const product =
      '# Any.\nCONSTRUCT { ?a <urn:x:to> [] } { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }';
    await expect(ask(kit.store, product)).rejects.toMatchObject({ code: 'too_large' });
  });

  test('T5 ends with the timeout', async () => {
    const text = `# Any.\nSELECT (COUNT(*) AS ?n) { ${'?a ?b ?c . ?d ?e ?f . '
      .repeat(4)
      .replaceAll(/\?(\w)/g, (_, name: string, at: number) => `?${name}${at}`)} }`;
    const workflow = new QueryWorkflow({
      store: kit.store,
      template: templateOf(text),
      timeout: 200,
    });
    await expect(execute(workflow, {})).rejects.toMatchObject({ code: 'timeout' });
  });

  test('reads what its caller may read, and no more', async () => {
    const text = '# Any.\nSELECT ?name { GRAPH ?g { ?s <urn:x:name> ?name } } ORDER BY ?name';
    const asked = (read: string[]) => withRights({ read, write: [] }, () => named(text));
    expect(await asked(['urn:x:open'])).toEqual(['Ann', 'Bob']);
    expect(await asked([])).toEqual([]);
    expect(await asked(['*'])).toEqual(['Ann', 'Bob', 'Cid']);
  });
});
