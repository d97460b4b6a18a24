import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { attributed, type Attribution } from '../../../src/ontology/attribution.ts';
import { openEmbedded, type Embedded } from '../../../src/ontology/embedded/open-embedded.ts';
import { statementsAtMost } from '../../../src/ontology/provenance/record.ts';
import type { ProvenanceSettings } from '../../../src/ontology/provenance/settings.ts';
import { provenanceGraph, runIri } from '../../../src/ontology/provenance/terms.ts';
import { sparql, type Sparql } from '../../../src/ontology/sparql.ts';
import { factory, gw, iri, prov, rdf, rdfs, xsd, type Quad } from '../../../src/ontology/terms.ts';
import { collect } from '../../support/collect.ts';
import { temporaryDirectory } from '../../support/command.ts';

const ex = (name: string) => iri(`https://example.org/${name}`);
const data = ex('graph');
const fact = (subject: string, value: string) =>
  factory.quad(ex(subject), ex('p'), factory.literal(value));
const run = (id: string, more: Partial<Attribution> = {}): Attribution => ({
  id,
  workflow: 'import_facts',
  agent: { surface: 'http', name: 'ada' },
  parameters: { file: 'facts.csv' },
  startedAt: new Date('2026-11-21T09:00:00Z'),
  ...more,
});

let embedded: Embedded;
const open = async (provenance: ProvenanceSettings) =>
  void (embedded = await openEmbedded({ provenance }));
const recorded = async () => {
  const graphs = await embedded.store.graphs();
  return graphs.find(({ graph }) => graph.equals(provenanceGraph))?.quads ?? 0;
};
const values = async (query: Sparql) =>
  (await embedded.store.select(query)).map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, term]) => [name, term.value])),
  );
/** Who inserted and who removed what one subject has for a value, from the first to the last. */
const history = (subject: string) =>
  values(sparql`SELECT ?kind ?value ?workflow ?who ?graph { GRAPH ${provenanceGraph} {
    ?change ${rdf('reifies')} <<( ${ex(subject)} ${ex('p')} ?value )>> ; a ?kind ;
      ${gw('inCommit')} ?commit ; ${gw('inGraph')} ?graph ;
      ${prov('wasGeneratedBy')}|${prov('wasInvalidatedBy')} ?run .
    ?commit ${gw('position')} ?position .
    ?run ${gw('workflow')} ?workflow ; ${prov('wasAssociatedWith')}/${gw('agentName')} ?who .
  } } ORDER BY ?position ?kind`);

afterEach(() => embedded.close());

describe('N3 provenance in the same commit, every statement recorded', () => {
  beforeEach(() => open({ level: 'statement' }));

  test('A30 tells who wrote and who removed a triple, with which parameters', async () => {
    const { store } = embedded;
    await attributed(run('r-1'), () => store.insert(data, [fact('a', '1'), fact('b', '1')]));
    const agent = { surface: 'command', name: 'grace' };
    const correction = run('r-2', { workflow: 'correct_facts', agent });
    await attributed(correction, () =>
      store.update(sparql`DELETE WHERE { GRAPH ${data} { ${ex('a')} ?p ?o } }`),
    );
    const graph = data.value;
    expect(await history('a')).toEqual([
      { kind: gw('Insertion').value, value: '1', workflow: 'import_facts', who: 'ada', graph },
      { kind: gw('Removal').value, value: '1', workflow: 'correct_facts', who: 'grace', graph },
    ]);
    const [{ json, digest, began } = {}] = await values(sparql`
      SELECT ?json ?digest ?began { GRAPH ${provenanceGraph} { ${runIri('r-1')} a ${prov('Activity')} ;
        ${gw('parameters')} ?json ; ${gw('parametersDigest')} ?digest ; ${prov('startedAtTime')} ?began } }`);
    expect(json).toBe('{"file":"facts.csv"}');
    expect(digest).toMatch(/^[\da-f]{64}$/);
    expect(began).toBe('2026-11-21T09:00:00Z');
  });

  test('the change and what tells of it are one row of the journal, with one time', async () => {
    await attributed(run('r-1'), () => embedded.store.insert(data, [fact('a', '1')]));
    const rows = await embedded.state.read<{ inserted: string; at: string }>({
      sql: 'SELECT inserted, at FROM journal',
    });
    expect(rows).toHaveLength(1);
    const [{ inserted, at }] = rows as [{ inserted: string; at: string }];
    expect(inserted).toContain(
      `<https://example.org/a> <https://example.org/p> "1" <${data.value}>`,
    );
    expect(inserted).toContain('<<( <https://example.org/a> <https://example.org/p> "1" )>>');
    const [, told = ''] = /generatedAtTime> "([^"]+)"/.exec(inserted) ?? [];
    // Compared as instants: a dateTime is canonical, without the zeros that end its seconds.
    expect(Date.parse(told)).toBe(Date.parse(at));
  });

  test('counts and positions are those of the data', async () => {
    const { store } = embedded;
    expect(await store.insert(data, [fact('a', '1')])).toMatchObject({ position: 1, inserted: 1 });
    expect(await store.replace(data, [fact('a', '2')])).toMatchObject({
      position: 2,
      inserted: 1,
      removed: 1,
    });
    const rows = await values(
      sparql`SELECT ?n { GRAPH ${provenanceGraph} { ?commit ${gw('position')} ?n } } ORDER BY ?n`,
    );
    expect(rows).toEqual([{ n: '1' }, { n: '2' }]);
  });

  test('a write that changes nothing writes no provenance either', async () => {
    const { store } = embedded;
    await store.insert(data, [fact('a', '1')]);
    const before = await recorded();
    for (const write of [
      () => store.insert(data, [fact('a', '1')]),
      () => store.replace(data, [fact('a', '1')]),
      () => store.remove(data, [fact('b', '1')]),
      () => store.update(sparql`DELETE WHERE { GRAPH ${data} { ${ex('none')} ?p ?o } }`),
    ])
      expect(await attributed(run('r-2'), write)).toMatchObject({ position: 1 });
    expect(await recorded()).toBe(before);
  });

  test('a write that fails leaves none', async () => {
    const { store } = embedded;
    const half = sparql`INSERT DATA { GRAPH ${data} { ${ex('a')} ${ex('p')} 1 } } ; CREATE GRAPH ${data}`;
    await expect(store.update(half)).rejects.toMatchObject({ code: 'conflict' });
    expect(await recorded()).toBe(0);
  });

  test('patterns outside GRAPH do not see it, whatever they ask', async () => {
    const { store } = embedded;
    await attributed(run('r-1'), () => store.insert(data, [fact('a', '1'), fact('b', '2')]));
    await store.update(sparql`INSERT DATA { ${ex('c')} ${ex('p')} ${ex('d')} }`);
    const count = async (pattern: Sparql) =>
      (await values(sparql`SELECT (COUNT(*) AS ?n) { ${pattern} }`))[0]!['n'];
    expect(await count(sparql`?s ?p ?o`)).toBe('3');
    expect(await count(sparql`?s a ?class`)).toBe('0');
    expect(await count(sparql`?s a ${prov('Activity')}`)).toBe('0');
    expect(await count(sparql`?s ${gw('position')}|${ex('p')} ?o`)).toBe('3');
    expect(await count(sparql`?s !${ex('q')} ?o`)).toBe('3');
    expect(await count(sparql`?s ${ex('p')} ?o FILTER NOT EXISTS { ?any a ${gw('Run')} }`)).toBe(
      '3',
    );
    expect(await count(sparql`?s ${ex('p')}* ?o`)).toBe('9');
    expect(await store.ask(sparql`ASK { ?x ${rdf('reifies')} <<( ?s ?p ?o )>> }`)).toBe(false);
    expect(await store.describe(sparql`DESCRIBE ${runIri('r-1')}`)).toEqual([]);
    expect(Number(await count(sparql`GRAPH ${provenanceGraph} { ?s ?p ?o }`))).toBeGreaterThan(10);
    expect(await count(sparql`GRAPH ?g { ?s a ${prov('Activity')} }`)).toBe('2');
  });

  test('subject() of a run tells of it, and of a thing no provenance', async () => {
    const { store } = embedded;
    await attributed(run('r-1'), () => store.insert(data, [fact('a', '1')]));
    expect(await store.subject(ex('a'))).toHaveLength(1);
    const told = await store.subject(runIri('r-1'));
    expect(told.map(({ predicate }) => predicate)).toContainEqual(prov('startedAtTime'));
  });

  test('literals, blank nodes and quoted triples are recorded as they were written', async () => {
    const { store } = embedded;
    const statements: Quad[] = [
      factory.quad(ex('a'), ex('p'), factory.literal('01', xsd('int'))),
      factory.quad(ex('a'), ex('p'), factory.literal('a <b> "c"\n', 'en-GB')),
      factory.quad(ex('a'), ex('p'), factory.blankNode('x')),
      factory.quad(ex('a'), ex('p'), factory.quad(ex('b'), ex('q'), ex('c'))),
    ];
    await store.insert(data, statements);
    await store.replace(data, []);
    const text = (await collect(store.export({ graph: provenanceGraph }))).join('');
    const listed = [...text.matchAll(/<<\( (.*) \)>> </g)].map(([, triple]) => triple!);
    expect(listed).toHaveLength(8);
    expect(
      listed.filter((triple) => triple.endsWith('"01"^^<http://www.w3.org/2001/XMLSchema#int>')),
    ).toHaveLength(2);
    expect(listed.filter((triple) => triple.endsWith('"a <b> \\"c\\"\\n"@en-GB'))).toHaveLength(2);
    expect(new Set(listed).size).toBe(4);
  });

  test('nobody removes it while it is recorded, and CLEAR ALL leaves it', async () => {
    const { store } = embedded;
    await store.insert(data, [fact('a', '1')]);
    const before = await recorded();
    const refusal = {
      code: 'forbidden',
      message: expect.stringContaining('store.provenance') as string,
    };
    await expect(store.replace(provenanceGraph, [])).rejects.toMatchObject(refusal);
    await expect(store.update(sparql`DROP GRAPH ${provenanceGraph}`)).rejects.toMatchObject(
      refusal,
    );
    await expect(
      store.update(sparql`DELETE WHERE { GRAPH ${provenanceGraph} { ?s ?p ?o } }`),
    ).rejects.toMatchObject(refusal);
    expect(await recorded()).toBe(before);
    await store.update(sparql`CLEAR ALL`);
    await store.update(sparql`DROP ALL`);
    expect((await store.graphs()).map(({ graph }) => graph)).toEqual([provenanceGraph]);
    expect(await history('a')).toEqual([]);
    expect(await recorded()).toBeGreaterThan(before);
  });

  test('what comes from elsewhere into its graph is taken as it is, and not recorded', async () => {
    const { store } = embedded;
    const told = factory.quad(runIri('elsewhere'), rdf('type'), prov('Activity'));
    expect(await store.insert(provenanceGraph, [told])).toMatchObject({ inserted: 1 });
    expect(await recorded()).toBe(1);
  });

  test('a run that writes again, also after a crash, is told of once', async () => {
    const { store } = embedded;
    await attributed(run('r-1'), () => store.insert(data, [fact('a', '1')]));
    const again = run('r-1', { startedAt: new Date('2026-11-21T10:00:00Z') });
    await attributed(again, () => store.insert(data, [fact('b', '1')]));
    const began = sparql`SELECT ?at { GRAPH ${provenanceGraph} { ${runIri('r-1')} ${prov('startedAtTime')} ?at } }`;
    expect(await values(began)).toEqual([{ at: '2026-11-21T09:00:00Z' }]);
  });

  test('the attribution of the write itself wins; without any, the program did it', async () => {
    const { store } = embedded;
    await attributed(run('outer'), () =>
      store.insert(data, [fact('a', '1')], { attribution: run('inner') }),
    );
    await store.insert(data, [fact('b', '1')]);
    const rows =
      await values(sparql`SELECT ?activity ?operation ?surface { GRAPH ${provenanceGraph} {
      ?commit a ${gw('Commit')} ; ${gw('position')} ?n ; ${prov('wasGeneratedBy')} ?activity .
      ?activity ${prov('wasAssociatedWith')}/${gw('surface')} ?surface .
      OPTIONAL { ?activity ${gw('operation')} ?operation } } } ORDER BY ?n`);
    expect(rows).toMatchObject([
      { activity: runIri('inner').value, surface: 'http' },
      { operation: 'store_write', surface: 'program' },
    ]);
  });

  test('the end of a run is recorded with the next write', async () => {
    const { store } = embedded;
    const ended = sparql`SELECT ?run { GRAPH ${provenanceGraph} { ?run ${prov('endedAtTime')} ?at } }`;
    await attributed(run('r-1'), async () => {
      await store.insert(data, [fact('a', '1')]);
      await store.insert(data, [fact('a', '2')]);
      expect(await values(ended)).toEqual([]);
    });
    await attributed(run('r-2'), () => store.insert(data, [fact('a', '3')]));
    expect(await values(ended)).toEqual([{ run: runIri('r-1').value }]);
  });

  test('a feed of changes leaves it out; who subscribes to its graph hears of it', async () => {
    const { store } = embedded;
    const heard: string[] = [];
    const stop = [
      store.subscribe({}, ({ inserted }) => void heard.push(`any ${inserted.length}`)),
      store.subscribe(
        { graph: provenanceGraph, predicate: gw('workflow') },
        ({ inserted }) => void heard.push(`provenance ${inserted.length}`),
      ),
    ];
    await attributed(run('r-1'), () => store.insert(data, [fact('a', '1')]));
    for await (const change of store.changes({ after: 0 })) {
      expect(change).toMatchObject({ position: 1, inserted: [{ subject: ex('a') }] });
      expect(change.inserted).toHaveLength(1);
      break;
    }
    await expect.poll(() => heard.toSorted()).toEqual(['any 1', 'provenance 1']);
    for (const end of stop) end();
  });

  test(`a commit of more than ${statementsAtMost} statements is recorded by graph and count`, async () => {
    const many = Array.from({ length: statementsAtMost + 1 }, (_, n) => fact('a', `v${n}`));
    await attributed(run('r-1'), () => embedded.store.insert(data, many));
    const rows =
      await values(sparql`SELECT ?n ?graph (COUNT(?triple) AS ?listed) { GRAPH ${provenanceGraph} {
      ?change a ${gw('Insertion')} ; ${gw('statements')} ?n ; ${gw('inGraph')} ?graph .
      OPTIONAL { ?change ${rdf('reifies')} ?triple } } } GROUP BY ?n ?graph`);
    expect(rows).toEqual([{ n: String(statementsAtMost + 1), graph: data.value, listed: '0' }]);
  });
});

describe('N3 how much is recorded', () => {
  test('activity: the run and the commit with its counts, no statement', async () => {
    await open({ level: 'activity' });
    await attributed(run('r-1'), () => embedded.store.insert(data, [fact('a', '1')]));
    expect(await history('a')).toEqual([]);
    const counts = sparql`SELECT ?n { GRAPH ${provenanceGraph} { ?change ${gw('statements')} ?n } }`;
    expect(await values(counts)).toEqual([{ n: '1' }]);
  });

  test('off: nothing, which is what a store of its own does', async () => {
    await open({ level: 'off' });
    await attributed(run('r-1'), () => embedded.store.insert(data, [fact('a', '1')]));
    expect(await recorded()).toBe(0);
    await embedded.close();
    embedded = await openEmbedded({});
    await attributed(run('r-1'), () => embedded.store.insert(data, [fact('a', '1')]));
    expect(await recorded()).toBe(0);
  });

  test('N7 parameters: secrets never, long ones and all on request by digest alone', async () => {
    const parametersOf = async (settings: ProvenanceSettings, parameters: unknown) => {
      await open(settings);
      await attributed(run('r-1', { parameters }), () =>
        embedded.store.insert(data, [fact('a', '1')]),
      );
      const rows = await values(sparql`SELECT ?digest ?json { GRAPH ${provenanceGraph} {
        ${runIri('r-1')} ${gw('parametersDigest')} ?digest OPTIONAL { ${runIri('r-1')} ${gw('parameters')} ?json } } }`);
      const text = (await collect(embedded.store.export())).join('');
      await embedded.close();
      return { ...rows[0], text };
    };
    const secret = { crm: { apiToken: 'geheim' }, password: 'geheim', b: 1, a: [true, null] };
    const hidden = await parametersOf({ level: 'activity' }, secret);
    expect(hidden.text).not.toContain('geheim');
    expect(hidden).toMatchObject({
      json: '{"a":[true,null],"b":1,"crm":{"apiToken":"(hidden)"},"password":"(hidden)"}',
    });
    const digest = await parametersOf({ level: 'activity', parameters: 'digest' }, secret);
    expect(digest).toMatchObject({ digest: (hidden as { digest?: string }).digest });
    expect(digest).not.toHaveProperty('json');
    const long = await parametersOf({ level: 'activity' }, { text: 'x'.repeat(20_000) });
    expect(long).not.toHaveProperty('json');
    await open({ level: 'off' });
  });
});

test('N3 provenance outlives the process: replay, snapshot and a run that ended at the close', async () => {
  await using directory = await temporaryDirectory();
  const reopen = async () =>
    void (embedded = await openEmbedded({
      directory: directory.path,
      provenance: { level: 'statement' },
    }));
  await reopen();
  await attributed(run('r-1'), () => embedded.store.insert(data, [fact('a', '1')]));
  await embedded.close();
  await reopen();
  const before = await recorded();
  expect(await history('a')).toHaveLength(1);
  expect(
    await embedded.store.ask(
      sparql`ASK { GRAPH ${provenanceGraph} { ${runIri('r-1')} ${prov('endedAtTime')} ?at } }`,
    ),
  ).toBe(true);
  await embedded.store.snapshot();
  await embedded.close();
  await reopen();
  expect(await recorded()).toBe(before);
  expect(await embedded.store.verify()).not.toHaveProperty('damage');
});

test('N3 the vocabulary of provenance says of each of its terms in English what it is', async () => {
  await open({ level: 'off' });
  const { loadOntologies } = await import('../../../src/ontology/load-ontologies.ts');
  await loadOntologies(embedded.store, 'ontologies');
  for (const name of [
    'Run',
    'Operation',
    'Commit',
    'Insertion',
    'Removal',
    'workflow',
    'operation',
    'parameters',
    'parametersDigest',
    'surface',
    'agentName',
    'position',
    'inCommit',
    'inGraph',
    'statements',
  ])
    expect(
      await embedded.store.ask(
        sparql`ASK { ${gw(name)} ${rdfs('label')} ?l ; ${rdfs('comment')} ?c FILTER(LANG(?c) = "en") }`,
      ),
      name,
    ).toBe(true);
});
