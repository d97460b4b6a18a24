import { z } from 'zod';
import { GraphwrightError } from '../../src/errors.ts';
import { Workflow, type Run } from '../../src/workflows/workflow.ts';

const Priority = z.enum(['low', 'high']).meta({ id: 'Priority', description: 'How soon' });

const OrderParameters = z.object({
  orderId: z
    .string()
    // oxlint-disable-next-line no-useless-escape -- some write it so, and JSON Schema's dialect refuses it
    .regex(/^[\w\-\_]{1,20}$/)
    .describe('Names the order'),
  address: z
    .object({ street: z.string(), city: z.string().default('Ghent') })
    .describe('Where it goes'),
  lines: z
    .array(z.strictObject({ item: z.string(), count: z.number().int().positive() }))
    .describe('What is wanted'),
  tags: z.array(z.string()).default([]).describe('Free words'),
  at: z.iso.time().optional().describe('Time of day'),
  discount: z.number().min(0).max(1).optional().describe('Part of the price'),
  giftWrap: z.boolean().default(true).describe('Whether to wrap it'),
  priority: Priority.default('low'),
});

/** Nested objects, arrays, numbers, booleans, enums, defaults and options, in a body. */
export class PlanOrder extends Workflow {
  readonly name = 'plan_order';
  readonly description = 'Plan an order.';
  readonly parameters = OrderParameters;
  readonly result = z.object({
    orderId: z.string(),
    to: z.string(),
    pieces: z.number(),
    wrapped: z.boolean(),
    rest: z.unknown(),
  });
  override readonly hints = { idempotent: true, openWorld: true };

  async run(parameters: z.output<typeof OrderParameters>, run: Run) {
    const { orderId, address, lines, giftWrap, ...rest } = parameters;
    const pieces = await run.step('count', () => lines.reduce((sum, { count }) => sum + count, 0));
    run.progress(1, 1, 'counted');
    return { orderId, to: `${address.street}, ${address.city}`, pieces, wrapped: giftWrap, rest };
  }
}

const SearchParameters = z.object({
  shelf: z.string().min(1).describe('Which shelf'),
  sizes: z.array(z.number()).default([]).describe('Sizes that fit'),
  limit: z.number().int().max(100).default(10).describe('How many at most'),
  exact: z.boolean().optional().describe('Whole words only'),
  near: z.object({ x: z.number(), y: z.number() }).optional().describe('Where to begin'),
  mood: z.enum(['calm', 'busy']).optional(),
});

/** A read-only one on a GET route with a path parameter; the rest comes from the query string. */
export class SearchShelf extends Workflow {
  readonly name = 'search_shelf';
  readonly description = 'Search a shelf.';
  readonly parameters = SearchParameters;
  readonly result = z.object({ seen: z.unknown() });
  override readonly hints = { readOnly: true };
  override readonly http = { method: 'GET', path: '/shelves/:shelf' } as const;

  async run(parameters: z.output<typeof SearchParameters>) {
    return { seen: parameters };
  }
}

const FailParameters = z.object({
  how: z.enum(['conflict', 'integration_failed', 'store_full', 'defect', 'result']),
});

/** Fails in the way it is asked to, one for each kind of error. */
export class FailOnDemand extends Workflow {
  readonly name = 'fail_on_demand';
  readonly description = 'Fail.';
  readonly parameters = FailParameters;
  readonly result = z.object({ fine: z.boolean() });

  async run({ how }: z.output<typeof FailParameters>): Promise<{ fine: boolean }> {
    if (how === 'defect') throw new TypeError('secret: /etc/inside');
    if (how === 'result') return { fine: 'secret' as unknown as boolean };
    throw new GraphwrightError(how, `It was asked to fail as ${how}`);
  }
}

const EchoParameters = z.object({ text: z.string().optional() });

/** Answers with a bare text, or with null. */
export class Echo extends Workflow {
  readonly name = 'echo_text';
  readonly description = 'Echo a text.';
  readonly parameters = EchoParameters;
  readonly result = z.string().nullable();

  async run({ text }: z.output<typeof EchoParameters>) {
    return text ?? null;
  }
}

const WaitParameters = z.object({});

/** Goes on until it is cancelled; tells when it began and why it ended. */
export class WaitForever extends Workflow<{
  began?: () => void;
  cancelled?: (reason: unknown) => void;
}> {
  readonly name = 'wait_forever';
  readonly description = 'Wait.';
  readonly parameters = WaitParameters;
  readonly result = z.object({});

  async run(_: z.output<typeof WaitParameters>, { signal }: Run): Promise<Record<string, never>> {
    this.configuration.began?.();
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    this.configuration.cancelled?.(signal.reason);
    throw signal.reason;
  }
}
