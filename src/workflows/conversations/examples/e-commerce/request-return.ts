import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { GraphwrightError } from '../../../../errors.ts';
import { GraphBuilder } from '../../../../ontology/graph-builder.ts';
import { Vocabulary } from '../../../../ontology/vocabulary.ts';
import { Workflow, type Run } from '../../../workflow.ts';
import { assessReturn, inWords, returnGraph, type ReturnableLine } from './assess-return.ts';
import { WantedReturn, type ReturnsConfiguration } from './check-return.ts';

const Parameters = WantedReturn.extend({
  reason: z.enum(['damaged', 'wrong_item', 'not_as_described', 'changed_mind']),
  refund: z.number().min(0).describe('What the customer was told; refused when it is another'),
});
type Parameters = z.output<typeof Parameters>;

/**
 * Writes a return and its refund to the graph, once for each order line. Whatever the caller says, it is looked again
 * whether the return may be; a refund above the policy's limit waits for a person first.
 */
export class RequestReturn extends Workflow<ReturnsConfiguration> {
  readonly name = 'request_return';
  readonly description = 'Take back what a customer ordered: record the return and its refund.';
  readonly parameters = Parameters;
  readonly result = z.object({
    returnId: z.string(),
    refundId: z.string(),
    product: z.string(),
    pieces: z.int(),
    refund: z.number(),
    refundInWords: z.string(),
  });
  override readonly hints = { destructive: false, idempotent: true };
  override readonly policy = {
    // One at a time, so that nothing changes between the look and the write.
    maxParallel: 1,
    approval: {
      from: 'always' as const,
      when: (given: object) =>
        (given as Parameters).refund > this.configuration.policy.approvalAbove,
    },
  };

  async run(wanted: Parameters, run: Run) {
    const now = run.now();
    return run.step('write_return', () => this.#write(wanted, now, run.signal));
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
