import { graphName, type Quad } from '../ontology/terms.ts';
import {
  customerGraph,
  CustomerParts,
  partProperties,
  type CustomerPipelineConfiguration,
} from './customer-graph.ts';
import { Pipeline, type PipelineRun } from './pipeline.ts';

/**
 * Loads every customer that the source lists into the customer_data graph, each as
 * {@link CustomerDataPipeline} does. Customers that it does not list stay: they may come from another
 * source.
 */
export class CustomersPipeline extends Pipeline<CustomerPipelineConfiguration> {
  readonly name = 'customers';
  readonly description = 'Load every customer of the source into the graph of customers.';
  readonly parameters = CustomerParts;
  readonly graph = graphName('customer_data');

  async *run(wanted: CustomerParts, { signal }: PipelineRun): AsyncGenerator<Quad> {
    const { customers, vocabulary } = this.configuration;
    for await (const customer of customers.listCustomers({ ...wanted, signal }))
      yield* customerGraph(customer, vocabulary);
  }

  override parts(parameters: CustomerParts) {
    return partProperties(parameters);
  }
}
