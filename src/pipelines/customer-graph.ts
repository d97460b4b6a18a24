import { z } from 'zod';
import type { CustomerRecord, CustomerSource } from '../integrations/customers/customers.ts';
import { GraphBuilder } from '../ontology/graph-builder.ts';
import { gw, type NamedNode } from '../ontology/terms.ts';
import type { Vocabulary } from '../ontology/vocabulary.ts';

/** What the pipelines of customers work with. */
export interface CustomerPipelineConfiguration {
  customers: CustomerSource;
  /** The core vocabulary by default. */
  vocabulary?: Vocabulary;
}

/** How much of each customer is wanted. */
export const CustomerParts = z.object({
  includeTransactions: z
    .boolean()
    .default(false)
    .describe("Whether to fetch the customer's purchases and payments"),
  includeInteractions: z
    .boolean()
    .default(true)
    .describe('Whether to fetch the contacts with the customer: calls, mails, visits'),
});
export type CustomerParts = z.output<typeof CustomerParts>;

/** The properties by which what was fetched points to its customer. */
export const partProperties = (wanted: CustomerParts): NamedNode[] => [
  ...(wanted.includeTransactions ? [gw('madeBy')] : []),
  ...(wanted.includeInteractions ? [gw('interactedWith')] : []),
];

/** One customer with transactions and interactions as a graph. */
export function customerGraph(customer: CustomerRecord, vocabulary?: Vocabulary): GraphBuilder {
  const { id, name, email, segment, lifetimeValue, transactions, interactions } = customer;
  const graph = new GraphBuilder(vocabulary);
  const properties = { identifier: id, name, email, segment, lifetimeValue };
  const subject = graph.createEntity('Customer', properties);
  for (const { id: identifier, date: occurredAt, ...rest } of transactions) {
    const transaction = graph.createEntity('Transaction', { identifier, occurredAt, ...rest });
    graph.createRelationship(transaction, 'madeBy', subject);
  }
  for (const { id: identifier, date: occurredAt, ...rest } of interactions) {
    const interaction = graph.createEntity('Interaction', { identifier, occurredAt, ...rest });
    graph.createRelationship(interaction, 'interactedWith', subject);
  }
  return graph;
}
