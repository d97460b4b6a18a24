import type { CustomerRecord } from '../../src/integrations/customers/customers.ts';
import { WinkLanguage } from '../../src/integrations/language/wink-language.ts';
import { GraphTickets } from '../../src/integrations/tickets/graph-tickets.ts';
import type { OntologyStore, Row } from '../../src/ontology/store.ts';
import { sparqlText } from '../../src/ontology/sparql.ts';
import { CustomerDataPipeline } from '../../src/pipelines/customer-data.ts';
import { customersOf, testKit, type TestKit } from '../../src/testing/index.ts';
import { execute } from '../../src/workflows/execute.ts';
import {
  ProcessCustomerFeedback,
  type CustomerFeedbackConfiguration,
} from '../../src/workflows/feedback/process-customer-feedback.ts';
import type { ParametersOf } from '../../src/workflows/workflow.ts';

/** The customers that the tests' CRM knows. */
export const known: (Partial<CustomerRecord> & { id: string })[] = [
  { id: 'standard', name: 'Sam Standard', lifetimeValue: 5000 },
  { id: 'valuable', name: 'Val Valuable', lifetimeValue: 5000.01 },
  { id: 'premium', name: 'Pat Premium', segment: 'premium' },
  { id: 'enterprise', name: 'Eve Enterprise', segment: 'enterprise' },
];

/** One piece of feedback; tests change what they are about. */
export const feedback: ParametersOf<ProcessCustomerFeedback> = {
  feedbackId: 'f-1',
  customerId: 'standard',
  subject: 'The headset',
  feedbackText: 'This product is great and I love it!',
};

/** One for all kits: its model takes a moment to load. */
const language = new WinkLanguage();

/** A kit with the workflow on top, all parts real. */
export interface FeedbackKit extends TestKit {
  workflow: ProcessCustomerFeedback;
  /** Handles {@link feedback} with these changes. */
  handle(
    changes?: Partial<ParametersOf<ProcessCustomerFeedback>>,
  ): ReturnType<typeof execute<ProcessCustomerFeedback>>;
  rows(query: string): Promise<Row[]>;
}

/** Sets up process_customer_feedback on a store in memory, with parts of one's own where the test is about them. */
export async function feedbackKit(
  parts: Partial<CustomerFeedbackConfiguration> = {},
): Promise<FeedbackKit> {
  const kit = await testKit();
  const { store, email } = kit;
  const workflow = new ProcessCustomerFeedback({
    store,
    email,
    customerPipeline: new CustomerDataPipeline({ customers: customersOf(...known) }),
    language,
    tickets: new GraphTickets({ store }),
    ...parts,
  });
  return {
    ...kit,
    workflow,
    handle: (changes = {}) =>
      execute(workflow, { ...feedback, ...changes }, { now: kit.clock.now }),
    rows: (query) => select(store, query),
  };
}

/** Asks with the prefixes that tests need. */
export const select = (store: OntologyStore, query: string): Promise<Row[]> =>
  store.select(sparqlText(`PREFIX gw: <https://w3id.org/graphwright#> ${query}`));
