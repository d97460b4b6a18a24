import { z } from 'zod';
import { GraphwrightError } from '../errors.ts';
import { graphName, type Quad } from '../ontology/terms.ts';
import {
  customerGraph,
  CustomerParts,
  partProperties,
  type CustomerPipelineConfiguration,
} from './customer-graph.ts';
import { Pipeline, type PipelineRun } from './pipeline.ts';

/** What customer_data is given. */
export const CustomerDataParameters = CustomerParts.extend({
  customerId: z.string().min(1).max(200).describe('ID of the customer to fetch'),
});
export type CustomerDataParameters = z.output<typeof CustomerDataParameters>;

/**
 * Fetches one customer into the customer_data graph. What the graph said of the customer before goes,
 * and so do the parts that were asked for and that the source no longer lists; those not asked for stay.
 * @throws GraphwrightError `not_found` with pointer `/customerId` when the source knows no such customer.
 */
export class CustomerDataPipeline extends Pipeline<CustomerPipelineConfiguration> {
  readonly name = 'customer_data';
  readonly description =
    'Fetch a customer, and if wanted transactions and interactions, into the graph of customers.';
  readonly parameters = CustomerDataParameters;
  readonly graph = graphName('customer_data');

  async *run(
    { customerId, ...wanted }: CustomerDataParameters,
    { signal }: PipelineRun,
  ): AsyncGenerator<Quad> {
    const { customers, vocabulary } = this.configuration;
    const customer = await customers.getCustomer(customerId, { ...wanted, signal });
    if (!customer) throw unknown(customerId);
    yield* customerGraph(customer, vocabulary);
  }

  override parts(parameters: CustomerDataParameters) {
    return partProperties(parameters);
  }
}

function unknown(customerId: string): GraphwrightError {
  const detail = `There is no customer ${JSON.stringify(customerId)}`;
  return new GraphwrightError('not_found', detail, {
    problems: [{ pointer: '/customerId', detail }],
  });
}
