import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { GraphwrightError } from '../../../src/errors.ts';
import { openEmbedded } from '../../../src/ontology/embedded/open-embedded.ts';
import { EmbeddedRuns } from '../../../src/workflows/runs/embedded-runs.ts';
import type { Trigger } from '../../../src/workflows/triggers/trigger.ts';
import { Triggers } from '../../../src/workflows/triggers/triggers.ts';
import { Workflow, type AnyWorkflow, type Run } from '../../../src/workflows/workflow.ts';
import { temporaryDirectory } from '../../support/command.ts';

/** What an order is, and what is paid for it. */
export const Order = z.object({ orderId: z.string(), amount: z.number().positive() });

/** Notes what it was given, and waits for a payment when it is asked to. */
export class HandleOrder extends Workflow<{ on: readonly Trigger[]; wait?: boolean }> {
  readonly name = 'handle_order';
  readonly description = 'Handle an order.';
  readonly parameters = Order.partial();
  readonly result = z.unknown();
  override readonly on = this.configuration.on;

  async run(parameters: z.output<typeof this.parameters>, run: Run) {
    if (!this.configuration.wait) return parameters;
    return { ...parameters, payment: await run.waitFor('payment_received', { timeout: 10_000 }) };
  }
}

/** Everything that triggers need, on disk, with what a new start of the process does. */
export async function openTriggers(listed: readonly AnyWorkflow[], now?: () => Date) {
  const directory = await temporaryDirectory();
  const errors: GraphwrightError[] = [];
  const open = async (workflows = listed) => {
    const { store, state, close } = await openEmbedded({ directory: directory.path });
    const offered: AnyWorkflow[] = [];
    const runs = await EmbeddedRuns.open({
      state,
      workflows: offered,
      now,
      onStarted: (record) => void triggers.started(record),
    });
    const triggers = new Triggers({
      runs,
      workflows,
      graph: { store, state },
      now,
      onError: (error) => errors.push(error),
    });
    offered.push(...workflows, ...triggers.workflows);
    await runs.resume();
    await triggers.start();
    return {
      store,
      runs,
      triggers,
      async close() {
        await triggers.close();
        await runs.close();
        await close();
      },
    };
  };
  return {
    directory: directory.path,
    errors,
    open,
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/** Asks until the answer is a true one, for at most ten seconds. */
export async function eventually<Value>(
  ask: () => Promise<Value | undefined | false>,
): Promise<Value> {
  for (let patience = 200; patience > 0; patience--) {
    const answer = await ask();
    if (answer) return answer;
    await sleep(50);
  }
  throw new Error('It did not come true');
}
