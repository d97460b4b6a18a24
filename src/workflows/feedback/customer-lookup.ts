import { Segment, type CustomerRecord } from '../../integrations/customers/customers.ts';
import { sparql } from '../../ontology/sparql.ts';
import type { OntologyStore } from '../../ontology/store.ts';
import { graphName } from '../../ontology/terms.ts';

/** What feedback handling wants to know of a customer. */
export type KnownCustomer = Pick<
  CustomerRecord,
  'id' | 'name' | 'email' | 'segment' | 'lifetimeValue'
>;

/** Reads a customer from the customer_data graph; undefined when it holds none by that id. */
export async function findCustomer(
  store: OntologyStore,
  id: string,
  signal?: AbortSignal,
): Promise<KnownCustomer | undefined> {
  const [row] = await store.select(
    sparql`
      PREFIX gw: <https://w3id.org/graphwright#>
      SELECT ?name ?email ?segment ?lifetimeValue WHERE {
        GRAPH ${graphName('customer_data')} {
          ?customer a gw:Customer ; gw:identifier ${id} ; gw:name ?name ; gw:email ?email .
          OPTIONAL { ?customer gw:segment ?segment }
          OPTIONAL { ?customer gw:lifetimeValue ?lifetimeValue }
        }
      } LIMIT 1`,
    { signal },
  );
  if (!row) return undefined;
  return {
    id,
    name: row['name']!.value,
    email: row['email']!.value,
    segment: Segment.catch('standard').parse(row['segment']?.value),
    lifetimeValue: Number(row['lifetimeValue']?.value ?? 0),
  };
}
