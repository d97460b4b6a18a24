import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { GraphwrightError } from '../../../../errors.ts';
import type { EmailSender } from '../../../../integrations/email/email.ts';
import type { Agent } from '../../../../ontology/attribution.ts';
import { GraphBuilder } from '../../../../ontology/graph-builder.ts';
import { Vocabulary } from '../../../../ontology/vocabulary.ts';
import { isAssistant } from '../../../approval/approval-policy.ts';
import { Semaphore } from '../../../semaphore.ts';
import { Workflow, type Run } from '../../../workflow.ts';
import { assessReturn, inWords, returnGraph, type ReturnableLine } from './assess-return.ts';
import { WantedReturn, type ReturnsConfiguration } from './check-return.ts';
import {
  confirmations,
  confirmReturn,
  mailboxOf,
  type Confirmation,
  type ConfirmedReturn,
} from './confirm-return.ts';

/** What a return is requested with. */
export interface RequestReturnConfiguration extends ReturnsConfiguration {
  /** By which the customer is told; without it no mail is sent. */
  readonly email?: EmailSender;
}

const Parameters = WantedReturn.extend({
  reason: z.enum(['damaged', 'wrong_item', 'not_as_described', 'changed_mind']),
  refund: z.number().min(0).describe('What the customer was told; refused when it is another'),
});
type Parameters = z.output<typeof Parameters>;

/**
 * Writes a return and its refund to the graph, once for each order line, and confirms it by mail. Whatever the caller
 * says, it is looked again whether the return may be, and the mail goes to the address in the graph. A refund above the
 * policy's limit waits for a person first, and so does an assistant's call that would send mail.
 */
export class RequestReturn extends Workflow<RequestReturnConfiguration> {
  readonly name = 'request_return';
  readonly description =
    'Take back what a customer ordered: record the return and its refund, and confirm it to the customer by mail.';
  readonly parameters = Parameters;
  readonly result = z.object({
    returnId: z.string(),
    refundId: z.string(),
    product: z.string(),
    pieces: z.int(),
    refund: z.number(),
    refundInWords: z.string(),
    confirmation: z
      .enum(confirmations)
      .describe('What became of the mail to the customer; none where no mail is configured'),
  });
  override readonly hints = {
    destructive: false,
    idempotent: true,
    sends: this.configuration.email !== undefined,
    openWorld: this.configuration.email !== undefined,
  };
  override readonly policy = {
    approval: {
      from: 'always' as const,
      when: (given: object, caller: Agent) =>
        (given as Parameters).refund > this.configuration.policy.approvalAbove ||
        (this.hints.sends && isAssistant(caller)),
    },
  };

  /** One at a time, so that nothing changes between the look and the write. */
  readonly #writing = new Semaphore(1);

  async run(wanted: Parameters, run: Run) {
    const now = run.now();
    const { signal } = run;
    // Around the step, at whose end the write becomes visible.
    const written = await this.#writing.run(
      () => run.step('write_return', () => this.#write(wanted, now, signal)),
      signal,
    );
    return { ...written, confirmation: await this.#confirm(wanted, written, run) };
  }

  async #confirm(
    { customerId }: Parameters,
    written: ConfirmedReturn,
    run: Run,
  ): Promise<Confirmation> {
    const { store, email } = this.configuration;
    if (!email) return 'none';
    const mailbox = await run.step('get_mailbox', () => mailboxOf(store, customerId, run.signal));
    return mailbox ? confirmReturn(email, mailbox, written, run) : 'none';
  }

  async #write(wanted: Parameters, now: Date, signal: AbortSignal) {
    const { store, policy } = this.configuration;
    const { verdict, explanation, line } = await assessReturn(store, wanted, {
      now,
      policy,
      signal,
    });
    if (verdict !== 'allowed' || !line) throw new GraphwrightError('conflict', explanation);
    // The approval was of what the customer was told, and of nothing else.
    if (line.refund !== wanted.refund)
      throw new GraphwrightError(
        'conflict',
        `The refund is ${inWords(line)}, not ${wanted.refund}; ask the customer again`,
      );
    await store.insert(returnGraph, describeReturn(wanted, line, now), { signal });
    const { product, refund } = line;
    const id = returnId(line);
    const { pieces } = wanted;
    return {
      returnId: id,
      refundId: id,
      product,
      pieces,
      refund,
      refundInWords: inWords(line),
    };
  }
}

const returnId = ({ id }: ReturnableLine) => `R-${id}`;

function describeReturn(
  { pieces, reason }: Parameters,
  line: ReturnableLine,
  now: Date,
): GraphBuilder {
  const builder = new GraphBuilder(vocabulary());
  const identifier = returnId(line);
  const back = builder.createEntity('Return', {
    identifier,
    quantity: pieces,
    returnReason: reason,
    returnRequestedAt: now,
  });
  builder.createRelationship(back, 'returnOf', line.iri);
  const refund = builder.createEntity('Refund', {
    identifier,
    refundAmount: line.refund,
    priceCurrency: line.currency,
    refundStatus: 'pending',
  });
  builder.createRelationship(refund, 'refundFor', back);
  return builder;
}

let known: Vocabulary | undefined;

const vocabulary = (): Vocabulary =>
  (known ??= Vocabulary.fromTurtle(ontology('core'), ontology('commerce')));

const ontology = (file: string): string =>
  readFileSync(new URL(`../../../../../ontologies/${file}.ttl`, import.meta.url), 'utf8');
