import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadOntologies } from '../../../src/ontology/load-ontologies.ts';
import { withRights } from '../../../src/ontology/rights/current-rights.ts';
import { sparqlText } from '../../../src/ontology/sparql.ts';
import type { ObservableStore } from '../../../src/ontology/store.ts';
import { graphName } from '../../../src/ontology/terms.ts';
import { execute } from '../../../src/workflows/execute.ts';
import { graphTools } from '../../../src/workflows/graph/graph-tools.ts';
import { expectParity } from '../../conformance/parity.ts';
import { feedbackKit, type FeedbackKit } from '../../support/feedback.ts';

const premium = 'urn:graphwright:customer:premium';
const long = `It is slow. ${'Very, very slow. '.repeat(200)}`;

let kit: FeedbackKit;
let store: ObservableStore;
beforeAll(async () => {
  kit = await feedbackKit();
  store = kit.store as ObservableStore;
  await loadOntologies(store, 'ontologies');
  await kit.handle();
  const subject = 'The price';
  await kit.handle({ feedbackId: 'f-2', customerId: 'premium', subject, feedbackText: long });
  await kit.handle({ feedbackId: 'f-3', customerId: 'enterprise', feedbackText: 'I hate it.' });
  // An ontology of somebody else, with a prefix of its own and another that is taken.
  await store.update(
    sparqlText(`PREFIX owl: <http://www.w3.org/2002/07/owl#> PREFIX vann: <http://purl.org/vocab/vann/>
      PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX s: <https://shop.example/terms#>
      INSERT DATA {
        GRAPH <urn:x:shop> {
          <urn:x:shop> a owl:Ontology ; vann:preferredNamespacePrefix "shop" ; vann:preferredNamespaceUri "https://shop.example/terms#" .
          <urn:x:other> a owl:Ontology ; vann:preferredNamespacePrefix "schema" ; vann:preferredNamespaceUri "http://schema.org/" .
          s:Product a owl:Class ; rdfs:comment "What is sold." .
        }
        GRAPH <urn:x:goods> { <urn:x:mug> a s:Product ; rdfs:label "Mug, \\"blue\\" (.*)" } }`),
  );
});
afterAll(() => kit.close());

/** A tool's answer, whichever it is. */
type Answer = Record<string, unknown> & {
  classes: { class: string; count: number; properties: unknown[] }[];
  found: { iri: string }[];
  rows: unknown[][];
  hints: string[];
};

const call = (name: string, given: Record<string, unknown>, timeout?: number) => {
  const tool = graphTools({ store, timeout }).find((workflow) => workflow.name === name)!;
  return execute(tool, given) as Promise<Answer>;
};
const query = (text: string, more: Record<string, unknown> = {}) =>
  call('query_graph', { query: text, ...more });

describe('A23 describe_ontology', () => {
  test('tells the classes with their properties and numbers in few tokens', async () => {
    const told = await call('describe_ontology', {});
    expect(told.classes.slice(0, 2)).toMatchObject([
      { class: 'gw:Customer', count: 3 },
      { class: 'gw:Feedback', count: 3, about: expect.stringContaining('What a customer told us') },
    ]);
    expect(told.classes[1]!.properties).toEqual(
      expect.arrayContaining([
        'gw:text',
        'gw:providedBy -> gw:Customer',
        'gw:timestamp xsd:dateTime',
      ]),
    );
    expect(told.classes.map((each) => each.class)).toContain('shop:Product');
    expect(told).toMatchObject({
      prefixes: { gw: 'https://w3id.org/graphwright#', shop: 'https://shop.example/terms#' },
      more: 0,
    });
    const unused = told['unused'] as string[];
    expect(unused).toContain('gw:Transaction');
    expect(unused.join()).not.toMatch(/owl:|blank/);
    // A token is about four characters; the ontology itself has some 10,000.
    expect(JSON.stringify(told).length / 4).toBeLessThan(600);
  });

  test('is told page by page', async () => {
    const first = await call('describe_ontology', { limit: 2 });
    const second = await call('describe_ontology', { limit: 2, offset: 2 });
    expect([first.classes.length, first['more'], second.classes.length, second['more']]).toEqual([
      2, 3, 2, 1,
    ]);
    expect(second.classes.map((each) => each.class)).not.toContain(first.classes[0]!.class);
  });

  test.each(['gw:Feedback', 'Feedback', 'https://w3id.org/graphwright#Feedback'])(
    'tells of %s its values, links, graphs and examples',
    async (name) => {
      const { classes } = await call('describe_ontology', { class: name });
      expect(classes).toMatchObject([
        {
          class: 'gw:Feedback',
          linkedFrom: ['gw:Message gw:inReplyTo', 'gw:Ticket gw:about'],
          graphs: [graphName('feedback_data').value],
          examples: expect.arrayContaining(['urn:graphwright:feedback:f-1']),
        },
      ]);
      expect(classes[0]!.properties).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            property: 'gw:responseSent xsd:boolean',
            uses: 3,
            values: [true],
          }),
          expect.objectContaining({ property: 'gw:providedBy -> gw:Customer', uses: 3 }),
        ]),
      );
    },
  );

  test('names the nearest class when there is none of this name', async () => {
    for (const name of ['gw:Feedbak', 'feedbak', 'gw:feedback', 'https://x.example/Feedback'])
      await expect(call('describe_ontology', { class: name })).rejects.toMatchObject({
        code: 'not_found',
        message: expect.stringContaining('did you mean gw:Feedback?'),
        problems: [{ pointer: '/class' }],
      });
  });
});

describe('A23 search_individuals', () => {
  const found = async (text: string, more = {}) =>
    (await call('search_individuals', { text, ...more })).found.map(({ iri }) => iri);

  test('finds by a part of a name, a title or an identifier, whatever the capitals', async () => {
    expect(await found('pat PREM')).toEqual([premium]);
    expect(await found('premium Pat')).toEqual([premium]);
    expect(await found('premium')).toEqual([premium]);
    expect(await found('headset', { class: 'Feedback' })).toEqual([
      'urn:graphwright:feedback:f-1',
      'urn:graphwright:feedback:f-3',
    ]);
    expect(await found('customer')).toEqual([]);
  });

  test('tells the whole name before its beginning before a part of it', async () => {
    const insert = ['Ann', 'Annabel', 'Mary Ann', 'Joanne'].map(
      (name, at) => `<urn:x:p${at}> <https://schema.org/name> "${name}"`,
    );
    await store.update(sparqlText(`INSERT DATA { GRAPH <urn:x:p> { ${insert.join(' . ')} } }`));
    expect(await found('ann')).toEqual(['urn:x:p0', 'urn:x:p1', 'urn:x:p2', 'urn:x:p3']);
    const cut = await call('search_individuals', { text: 'ann', limit: 2 });
    expect(cut).toMatchObject({
      truncated: true,
      found: [{ iri: 'urn:x:p0' }, { iri: 'urn:x:p1' }],
    });
  });

  test.each(['.*', '" . } #', '"blue" (.*)', '\\', '[', '${x}', '?s', '\u0000'])(
    'N7 %j is text, no pattern and no syntax',
    async (text) => {
      const { position } = store;
      const isPart = 'Mug, "blue" (.*)'.includes(text);
      expect(await found(text)).toEqual(isPart ? ['urn:x:mug'] : []);
      expect(store.position).toBe(position);
    },
  );

  test('names the nearest name when nothing is called so', async () => {
    expect(await call('search_individuals', { text: 'Pat Premum' })).toMatchObject({
      found: [],
      hint: 'Nothing is called so; did you mean Pat Premium?',
    });
  });
});

describe('A25 get_subject_graph', () => {
  test('goes to the depth that was asked for, and leaves out what a class is', async () => {
    const iri = 'urn:graphwright:feedback:f-2';
    const one = await call('get_subject_graph', { iri });
    const two = await call('get_subject_graph', { iri: `<${iri}>`, depth: 3 });
    expect(one['turtle']).toContain('gw:subject "The price"');
    expect(one['turtle']).not.toContain('"Pat Premium"');
    expect(two['turtle']).toContain('"Pat Premium"');
    expect(two['turtle']).not.toContain('owl:Class');
  });

  test('cuts long texts, and says how long they are', async () => {
    const { turtle } = await call('get_subject_graph', { iri: 'urn:graphwright:feedback:f-2' });
    expect(turtle).toContain(`… (${long.trim().length} characters)`);
    expect(String(turtle).length).toBeLessThan(1_500);
  });

  test('T7 goes less deep where that would be too much, and says so', async () => {
    const iri = 'urn:graphwright:feedback:f-2';
    const { depth, turtle } = await call('get_subject_graph', { iri, depth: 5, limit: 14 });
    expect(depth).toBe(1);
    expect(turtle).toContain('"The price"');
    await expect(call('get_subject_graph', { iri, limit: 2 })).rejects.toMatchObject({
      code: 'too_large',
    });
  });

  test.each([
    ['urn:x:nobody', 'not_found', 'search_individuals'],
    ['nobody', 'invalid_parameters', 'Not an absolute IRI'],
    ['urn:x> ?p ?o } ; DROP ALL #', 'invalid_parameters', 'Not an absolute IRI'],
  ])('%s is refused', async (iri, code, message) => {
    await expect(call('get_subject_graph', { iri })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
      problems: [{ pointer: '/iri' }],
    });
  });
});

describe('A23 query_graph', () => {
  test('answers each form, and needs no PREFIX for what is known', async () => {
    expect(await query('SELECT ?name { ?c gw:name ?name } ORDER BY ?name', { limit: 2 })).toEqual({
      columns: ['name'],
      rows: [['Eve Enterprise'], ['Pat Premium']],
      truncated: true,
    });
    expect(await query('SELECT * { ?c gw:lifetimeValue ?v } ORDER BY ?v ?c LIMIT 1')).toMatchObject(
      {
        rows: [expect.arrayContaining(['urn:graphwright:customer:enterprise', 0])],
      },
    );
    expect(await query('ASK { ?p a shop:Product }')).toEqual({ answer: true });
    expect(await query(`DESCRIBE <${premium}>`)).toMatchObject({
      turtle: expect.stringContaining('gw:name "Pat Premium"'),
    });
    const comment = '# PREFIX gw: <urn:x:>\nSELECT (COUNT(*) AS ?n) { ?s gw:name ?o }';
    expect((await query(comment)).rows).toEqual([[3]]);
    const own = 'PREFIX gw: <urn:x:> SELECT ?s { ?s gw:name ?o }';
    expect((await query(own)).rows).toEqual([]);
    expect(
      (await query('SELECT ?t { ?f gw:text ?t } ORDER BY DESC(STRLEN(?t)) LIMIT 1')).rows[0]![0],
    ).toMatch(/^It is slow.*… \(\d+ characters\)$/);
  });

  test.each([
    [
      'SELECT ?n { ?c gx:name ?n }',
      'The prefix gx: is not known; did you mean gw? Known without PREFIX: gw: owl:',
    ],
    ['SELECT ?n { ?c :name ?n }', 'The prefix : is not known'],
    [
      'SELECT ?n { ?c schema:name ?n }',
      'The prefix schema: may mean <https://schema.org/> or <http://schema.org/>',
    ],
    ['SELECT ?n {\n ?c gw:name ?n . FILTER (?n > 5 }', 'Line 2 cannot be read beyond:'],
    ['SELECT ?s { ?s ?p ?o } GROUP BY ?p', 'ungrouped variable (?s)'],
    ['Which customers complain?', 'Line 1 cannot be read beyond: Which'],
  ])('A31 %j is refused with what to mend', async (text, message) => {
    await expect(query(text)).rejects.toMatchObject({
      code: 'invalid_query',
      message: expect.stringContaining(message),
      problems: [{ pointer: '/query' }],
    });
  });

  test.each([
    [
      'SELECT ?n { ?c gw:nmae ?n }',
      'the property gw:nmae, and no ontology knows it; did you mean gw:name?',
    ],
    ['SELECT ?n { ?c <http://xmlns.com/foaf/0.1/name> ?n }', 'did you mean gw:name?'],
    ['SELECT ?n { ?c gw:providedBy/gw:nam ?n }', 'did you mean gw:name?'],
    [
      'SELECT ?n { ?c a gw:Custmer ; gw:name ?n }',
      'the class gw:Custmer, and no ontology knows it; did you mean gw:Customer?',
    ],
    ['SELECT (COUNT(?c) AS ?n) { ?c a gw:customer }', 'did you mean gw:Customer?'],
    [
      'ASK { ?c gw:segment "Premium" }',
      'gw:segment is never "Premium"; it is enterprise, premium, standard',
    ],
    ['SELECT ?c { ?c gw:segment ?s FILTER (?s = "gold") }', 'gw:segment is never "gold"'],
    [
      'SELECT ?t { GRAPH <urn:graphwright:graph:feedbackdata> { ?f gw:text ?t } }',
      'There is no graph <urn:graphwright:graph:feedbackdata>; did you mean <urn:graphwright:graph:feedback_data>?',
    ],
    ['SELECT ?n ?nmae { ?c gw:name ?n }', 'Nothing gives ?nmae a value'],
  ])('A31 %j is answered with a hint', async (text, hint) => {
    expect((await query(text)).hints).toEqual([expect.stringContaining(hint)]);
  });

  test.each([
    'INSERT DATA { <urn:s> <urn:p> 1 }',
    'DELETE WHERE { ?s ?p ?o }',
    'DROP ALL',
    'LOAD <file:///etc/passwd>',
    'SELECT ?s { ?s ?p ?o } ; DROP ALL',
    'PREFIX SELECT: <urn:x> INSERT DATA { <urn:s> <urn:p> 1 }',
    '# SELECT\nCLEAR ALL',
  ])('T9 T12 %j is refused, and nothing is written', async (text) => {
    const { position } = store;
    await expect(query(text)).rejects.toMatchObject({ code: 'invalid_query' });
    expect(store.position).toBe(position);
  });

  test('T9 opens no connection', async () => {
    const text = 'SELECT ?s { SERVICE SILENT <http://127.0.0.1:1/> { ?s ?p ?o } }';
    await expect(query(text)).rejects.toMatchObject({ code: 'forbidden' });
  });

  test.each([
    ['braces', `SELECT ?s { ${'{'.repeat(702)} ?s ?p ?o ${'}'.repeat(702)} }`],
    ['brackets', `SELECT (${'('.repeat(1590)}1${')'.repeat(1590)} AS ?x) {}`],
    ['OPTIONAL', `SELECT ?s { ${'OPTIONAL{'.repeat(692)} ?s ?p ?o ${'}'.repeat(692)} }`],
    ['sums', `SELECT (1${'+1'.repeat(2274)} AS ?x) {}`],
    ['UNION', `SELECT ?s { ${Array.from({ length: 600 }, () => '{?s ?p ?o}').join('UNION')} }`],
  ])('T1 T13 a query of too many %s is refused, and the next one is answered', async (_, text) => {
    await expect(query(text)).rejects.toMatchObject({ code: 'invalid_query' });
    expect(await query('ASK {}')).toEqual({ answer: true });
  });

  test('T5 one that does not end is ended, with advice', async () => {
    const product = 'ABCDEFGH'.replaceAll(/./g, (name) => `?${name}s ?${name}p ?${name}o . `);
    const asked = call('query_graph', { query: `SELECT (COUNT(*) AS ?n) { ${product} }` }, 300);
    await expect(asked).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('add a LIMIT'),
    });
  });

  test('T7 rows are cut with a flag, statements are refused when there are too many', async () => {
    const product = '?a ?b ?c . ?d ?e ?f . ?g ?h ?i';
    const told = await query(`SELECT ?a ?f { ${product} }`, { limit: 1_000 });
    expect([told.rows.length, told['truncated']]).toEqual([1_000, true]);
    const many = 'CONSTRUCT { [] <urn:x:to> ?f } { ?a ?b ?c . ?d ?e ?f } LIMIT 3000';
    await expect(query(many)).rejects.toMatchObject({ code: 'too_large' });
  });
});

describe('T10 a caller with rights', () => {
  const rights = { read: [graphName('ticket_data').value, 'urn:x:goods'], write: [] };
  const limited = (name: string, given: Record<string, unknown>) =>
    withRights(rights, () => call(name, given));

  test('is told of nothing that it may not read', async () => {
    expect(
      await limited('query_graph', { query: 'ASK { GRAPH ?g { ?c gw:name ?n } }' }),
    ).toMatchObject({
      answer: false,
    });
    const { classes } = await limited('describe_ontology', {});
    expect(classes.map((each) => each.class).toSorted()).toEqual([
      '<https://shop.example/terms#Product>',
      'gw:Ticket',
    ]);
    expect((await limited('search_individuals', { text: 'Pat' })).found).toEqual([]);
    expect((await limited('search_individuals', { text: 'mug' })).found).toHaveLength(1);
    await expect(limited('get_subject_graph', { iri: premium })).rejects.toMatchObject({
      code: 'not_found',
    });
    const hinted = await limited('query_graph', { query: 'ASK { ?c gw:segment "gold" }' });
    expect(JSON.stringify(hinted)).not.toContain('premium');
  });
});

test('N1 the graph tools give the same result and the same error code on every surface', async () => {
  const [describes, searches, subjects, queries] = graphTools({ store });
  const calls = await expectParity([
    {
      workflow: describes!,
      good: [{ class: 'gw:Ticket' }],
      bad: [{ input: { class: 'gw:T' }, code: 'not_found' }],
    },
    {
      workflow: searches!,
      good: [{ text: 'pat' }],
      bad: [{ input: { text: ' ' }, code: 'invalid_parameters' }],
    },
    {
      workflow: subjects!,
      good: [{ iri: premium, depth: 2 }],
      bad: [{ input: { iri: 'urn:x:nobody' }, code: 'not_found' }],
    },
    {
      workflow: queries!,
      good: [{ query: 'SELECT ?n { ?c gw:name ?n } ORDER BY ?n', limit: 1 }],
      bad: [
        { input: { query: 'DROP ALL' }, code: 'invalid_query' },
        { input: { query: 'ASK {}', limit: 1_001 }, code: 'invalid_parameters' },
      ],
    },
  ]);
  expect(calls).toBeGreaterThan(50);
});
