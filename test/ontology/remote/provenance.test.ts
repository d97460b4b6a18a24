import { afterAll, beforeAll, expect, test } from 'vitest';
import { attributed } from '../../../src/ontology/attribution.ts';
import { provenanceGraph, runIri } from '../../../src/ontology/provenance/terms.ts';
import { RemoteStore } from '../../../src/ontology/remote/remote-store.ts';
import { sparql } from '../../../src/ontology/sparql.ts';
import { factory, gw, iri, prov } from '../../../src/ontology/terms.ts';
import { testApp, type TestApp } from '../../server/apps.ts';

const graph = iri('https://example.org/graph');
const fact = (value: string) =>
  factory.quad(iri('https://example.org/a'), iri('https://example.org/p'), factory.literal(value));
const run = (id: string) => ({
  id,
  workflow: 'import_facts',
  agent: { surface: 'http' },
  parameters: { text: '"} ; DROP ALL #' },
  startedAt: new Date(),
});

let running: TestApp;
let store: RemoteStore;
beforeAll(async () => {
  running = await testApp();
  const base = await running.app.listen({ port: 0, host: '127.0.0.1' });
  const urls = { query: `${base}/query`, update: `${base}/update`, graphStore: `${base}/store` };
  store = new RemoteStore({ ...urls, provenance: { level: 'statement' } });
});
afterAll(async () => {
  await store.close();
  await running[Symbol.asyncDispose]();
});

test('N3 a write to another server brings along who wrote, in the same request', async () => {
  const before = (running.store as unknown as { position: number }).position;
  await attributed(run('r-1'), () => store.insert(graph, [fact('1'), fact('2')]));
  expect((running.store as unknown as { position: number }).position).toBe(before + 1);
  await attributed(run('r-2'), () => store.replace(graph, [fact('2'), fact('3')]));
  await attributed(run('r-3'), () =>
    store.update(
      sparql`PREFIX ex: <https://example.org/> DELETE DATA { GRAPH ex:graph { ex:a ex:p "2" } } ; # the end`,
    ),
  );
  const told = await running.store.select(sparql`SELECT ?run ?kind ?n { GRAPH ${provenanceGraph} {
    ?commit a ${gw('Commit')} ; ${prov('wasGeneratedBy')} ?run . ?run ${gw('workflow')} "import_facts" .
    OPTIONAL { ?change ${gw('inCommit')} ?commit ; a ?kind ; ${gw('statements')} ?n }
  } } ORDER BY ?run ?kind`);
  expect(told.map(({ run: who, kind, n }) => [who, kind, n?.value])).toEqual([
    [runIri('r-1'), gw('Insertion'), '2'],
    [runIri('r-2'), gw('Insertion'), '1'],
    [runIri('r-2'), gw('Removal'), '1'],
    [runIri('r-3'), undefined, undefined],
  ]);
  const left = await running.store.select(sparql`SELECT ?o { GRAPH ${graph} { ?s ?p ?o } }`);
  expect(left.map(({ o }) => o!.value)).toEqual(['3']);
});

test('N3 a replacement that changes nothing tells nothing', async () => {
  await store.replace(graph, [fact('same')]);
  const count = async () =>
    (await running.store.graphs()).find((each) => each.graph.equals(provenanceGraph))!.quads;
  const before = await count();
  await attributed(run('r-4'), () => store.replace(graph, [fact('same')]));
  expect(await count()).toBe(before);
});

test('N3 a store that was told to record nothing leaves no trace', async () => {
  const base = running.app.listeningOrigin;
  const plain = new RemoteStore({ query: `${base}/query`, update: `${base}/update` });
  await attributed(run('r-5'), () => plain.insert(graph, [fact('silent')]));
  await plain.close();
  expect(
    await running.store.ask(sparql`ASK { GRAPH ${provenanceGraph} { ${runIri('r-5')} ?p ?o } }`),
  ).toBe(false);
});
