import { z } from 'zod';
import type { OntologyStore } from '../../../../ontology/store.ts';
import { Workflow, type Run } from '../../../workflow.ts';
import { assessReturn, verdicts, type ReturnPolicy } from './assess-return.ts';

/** What the workflows of returns work with. */
export interface ReturnsConfiguration {
  readonly store: OntologyStore;
  readonly policy: ReturnPolicy;
}

/** What a customer would like to send back, as callers say it. */
export const WantedReturn = z.object({
  orderId: z.string().min(1).max(64).describe('Number of the order, such as O-1001'),
  productId: z.string().min(1).max(64).describe('Number of the product, such as P-201'),
  pieces: z.int().min(1).max(1000).describe('How many are sent back'),
  customerId: z.string().min(1).max(200).describe('Identifier of the customer who ordered'),
});

/** Tells whether something may be sent back. */
export class CheckReturn extends Workflow<ReturnsConfiguration> {
  readonly name = 'check_return';
  readonly description =
    'Tell whether a customer may send something back now, and how much is refunded.';
  readonly parameters = WantedReturn;
  readonly result = z.object({
    verdict: z.enum(verdicts),
    explanation: z.string().describe('The verdict in words for the customer'),
    refund: z.number().optional().describe('In units of the currency of the order'),
    needsApproval: z.boolean().describe('Whether a person has to approve the refund'),
  });
  override readonly hints = { readOnly: true, idempotent: true };

  async run(wanted: z.output<typeof WantedReturn>, run: Run) {
    const { store, policy } = this.configuration;
    const { signal } = run;
    const { verdict, explanation, line } = await assessReturn(store, wanted, {
      now: run.now(),
      policy,
      signal,
    });
    const needsApproval = verdict === 'allowed' && line!.refund > policy.approvalAbove;
    return { verdict, explanation, needsApproval, ...(line && { refund: line.refund }) };
  }
}
