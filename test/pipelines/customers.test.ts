import { describe, expect, test } from 'vitest';
import { CsvCustomers } from '../../src/integrations/customers/csv-customers.ts';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { sparql } from '../../src/ontology/sparql.ts';
import { graphName } from '../../src/ontology/terms.ts';
import { CustomersPipeline } from '../../src/pipelines/customers.ts';
import { runPipeline } from '../../src/pipelines/run-pipeline.ts';
import { crm, customer } from './crm.ts';

const contact = (id: string) => ({ id, date: '2026-02-01T09:30:00Z', channel: 'phone' });

describe('A6 loading every customer', () => {
  test('the 200 of the demo are loaded in one commit, and the second time nothing changes', async () => {
    const { store, close } = await openEmbedded({});
    try {
      const customers = new CsvCustomers({ path: 'demo/customers.csv' });
      const pipeline = new CustomersPipeline({ customers });
      const first = await runPipeline(pipeline, {}, { store });
      expect(first).toMatchObject({ inserted: 200 * 6, removed: 0 });
      const again = await runPipeline(pipeline, {}, { store });
      expect(again).toMatchObject({ inserted: 0, removed: 0 });
      const rows = await store.select(sparql`
        PREFIX gw: <https://w3id.org/graphwright#>
        SELECT ?segment (COUNT(*) AS ?count) {
          GRAPH ${graphName('customer_data')} { ?customer a gw:Customer ; gw:segment ?segment }
        } GROUP BY ?segment ORDER BY ?segment`);
      expect(rows.map(({ segment, count }) => [segment!.value, count!.value])).toEqual([
        ['enterprise', '20'],
        ['premium', '40'],
        ['standard', '140'],
      ]);
    } finally {
      await close();
    }
  });

  test('removes the parts that a customer has no longer, and keeps customers of other sources', async () => {
    const { store, close } = await openEmbedded({});
    const first = await crm(customer('c-1', { interactions: [contact('i-1'), contact('i-2')] }));
    const second = await crm(customer('c-2', { interactions: [contact('i-3')] }));
    try {
      for (const { customers } of [first, second])
        await runPipeline(new CustomersPipeline({ customers }), {}, { store });
      first.put(customer('c-1', { interactions: [contact('i-2')] }));
      await runPipeline(new CustomersPipeline({ customers: first.customers }), {}, { store });
      const rows = await store.select(sparql`
        PREFIX gw: <https://w3id.org/graphwright#>
        SELECT ?id { GRAPH ?g { ?thing gw:identifier ?id } } ORDER BY ?id`);
      expect(rows.map(({ id }) => id!.value)).toEqual(['c-1', 'c-2', 'i-2', 'i-3']);
    } finally {
      await Promise.all([close(), first.close(), second.close()]);
    }
  });
});
