import { GraphwrightError } from '../../errors.ts';
import type { CustomerSource } from '../../integrations/customers/customers.ts';
import { graphName } from '../../ontology/terms.ts';
import type { OntologyStore } from '../../ontology/store.ts';
import { CustomersPipeline } from '../../pipelines/customers.ts';
import { runPipeline } from '../../pipelines/run-pipeline.ts';
import type { Application } from '../../server/application.ts';
import { batch } from '../../workflows/batch.ts';
import { execute } from '../../workflows/execute.ts';
import {
  ProcessCustomerFeedback,
  type CustomerFeedbackResult,
} from '../../workflows/feedback/process-customer-feedback.ts';
import { commandAgent } from '../common.ts';
import type { LabelledSentence } from './sentences.ts';

/** Loads the customers; resolves with their ids. */
export async function loadCustomers(
  store: OntologyStore,
  customers: CustomerSource,
): Promise<string[]> {
  await runPipeline(new CustomersPipeline({ customers }), {}, { store });
  const ids: string[] = [];
  for await (const { id } of customers.listCustomers()) ids.push(id);
  return ids;
}

/** How many writes the graph has seen; one that changes nothing does not count. */
export const position = async (store: OntologyStore): Promise<number> =>
  (await store.insert(graphName('feedback_data'), [])).position;

/**
 * Hands each sentence to process_customer_feedback, at most five at a time, as feedback of one of the
 * customers. Which one is the same in every run.
 * @throws GraphwrightError the first failure, once all are done.
 */
export async function handleFeedback(
  { workflows }: Application,
  sentences: readonly LabelledSentence[],
  customerIds: readonly string[],
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<CustomerFeedbackResult[]> {
  const workflow = workflows.find((candidate) => candidate instanceof ProcessCustomerFeedback);
  if (!workflow) throw new GraphwrightError('not_found', 'No workflow process_customer_feedback');
  const outcomes = await batch(
    sentences,
    ({ text }, index) =>
      execute(workflow, feedbackOf(text, index, customerIds), { signal, agent: commandAgent() }),
    { onProgress, signal },
  );
  return outcomes.map((outcome) => {
    if (outcome.status === 'failed') throw outcome.error;
    return outcome.result;
  });
}

function feedbackOf(feedbackText: string, index: number, customerIds: readonly string[]) {
  const number = String(index + 1).padStart(4, '0');
  return {
    feedbackId: `amazon-${number}`,
    // A step that shares no factor with the count reaches every customer, and mixes them.
    customerId: customerIds[(index * 77) % customerIds.length]!,
    subject: `Feedback on order A-${number}`,
    feedbackText,
  };
}
