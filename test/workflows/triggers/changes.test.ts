import { expect, test } from 'vitest';
import { sparql } from '../../../src/ontology/sparql.ts';
import { graphName, iri } from '../../../src/ontology/terms.ts';
import { onChange } from '../../../src/workflows/triggers/trigger.ts';
import { eventually, HandleOrder, openTriggers } from './support.ts';

const orders = graphName('orders');
const placedBy = iri('https://example.org/placedBy');
const watch = onChange({ predicate: placedBy, graph: orders, kind: 'insert' }, ({ inserted }) => ({
  orderId: inserted[0]!.subject.value,
}));
const place = (id: string) =>
  sparql`INSERT DATA { GRAPH ${orders} { ${iri(`https://example.org/${id}`)} ${placedBy} "Ada" } }`;

test('A22 a change of the graph starts a run, and what does not fit starts none', async () => {
  await using all = await openTriggers([new HandleOrder({ on: [watch] })]);
  const { store, runs, close } = await all.open();
  await store.update(place('o-1'));
  await store.update(
    sparql`INSERT DATA { GRAPH ${graphName('others')} { <urn:a> ${placedBy} "b" } }`,
  );
  await store.update(sparql`DELETE WHERE { GRAPH ${orders} { ?s ?p ?o } }`);
  await store.update(place('o-2'));
  const items = await eventually(async () => {
    const page = await runs.list({ workflow: 'handle_order', status: 'completed' });
    return page.items.length >= 2 && page.items;
  });
  expect(items.map(({ result }) => result)).toEqual([
    { orderId: 'https://example.org/o-2' },
    { orderId: 'https://example.org/o-1' },
  ]);
  await close();
});

test('A22 changes that were made while nobody looked are made up for, each once', async () => {
  const order = new HandleOrder({ on: [watch] });
  await using all = await openTriggers([order]);
  const first = await all.open();
  await first.store.update(place('o-1'));
  await first.triggers.close();
  await first.store.update(place('o-2'));
  await first.close();
  const second = await all.open();
  await eventually(
    async () => (await second.runs.list({ status: 'completed' })).items.length === 2,
  );
  await second.close();
  const third = await all.open();
  await third.store.update(place('o-3'));
  await eventually(async () => (await third.runs.list({ status: 'completed' })).items.length === 3);
  expect((await third.runs.list()).items).toHaveLength(3);
  expect(all.errors).toEqual([]);
  await third.close();
});

test('A22 a change that makes no good parameters is told, and the next one still starts a run', async () => {
  const picky = onChange({ graph: orders }, ({ inserted }) => ({
    orderId: inserted[0]!.object.value === 'Ada' ? 'good' : 5,
  }));
  await using all = await openTriggers([new HandleOrder({ on: [picky] })]);
  const { store, runs, close } = await all.open();
  await store.update(sparql`INSERT DATA { GRAPH ${orders} { <urn:a> ${placedBy} "Bob" } }`);
  await store.update(place('o-1'));
  await eventually(async () => (await runs.list({ status: 'completed' })).items.length === 1);
  expect(all.errors).toMatchObject([{ code: 'invalid_parameters' }]);
  await close();
});
