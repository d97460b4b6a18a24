import { z } from 'zod';
import { GraphwrightError } from '../../errors.ts';
import { hasEnded, type Runs } from '../runs/runs.ts';
import { Workflow, type AnyWorkflow, type Run } from '../workflow.ts';
import type { Subscriber } from './events.ts';
import type { EventTrigger, WakeTrigger } from './trigger.ts';

const second = 1_000;
/** How long an event waits for a run that it is about, and how rarely it looks at last. */
const kept = 7 * 24 * 60 * 60 * second;
const longestWait = 60 * 60 * second;

const again = 'look_again';

const Parameters = z.object({
  type: z.string(),
  id: z.string(),
  payload: z.unknown(),
  owner: z.string().optional(),
});
type Parameters = z.output<typeof Parameters>;

const Reached = z.object({ workflow: z.string(), run: z.string() });

/** What became of an event. */
export const Delivery = z.object({
  started: z.array(Reached).describe('The runs that it started'),
  woken: z.array(Reached).describe('The runs that it was handed to'),
  missed: z
    .array(z.string())
    .describe('Workflows of which the run that it is about had ended, or never came'),
});
export type Delivery = z.output<typeof Delivery>;

/** What deliver_event works with. */
export interface DeliverEventConfiguration {
  runs: Runs;
  subscribers(type: string): readonly Subscriber[];
}

/**
 * Brings one event to everything that asks for it. As a run of its own it survives crashes, and an event
 * that comes before the run that it is about waits on disk.
 */
export class DeliverEvent extends Workflow<DeliverEventConfiguration> {
  readonly name = 'deliver_event';
  readonly description = 'Deliver an event from outside to the workflows that ask for it.';
  readonly parameters = Parameters;
  readonly result = Delivery;

  async run(event: Parameters, run: Run): Promise<Delivery> {
    const delivery: Delivery = { started: [], woken: [], missed: [] };
    const subscribers = this.configuration.subscribers(event.type);
    for (const { workflow, trigger } of subscribers)
      if (trigger.kind === 'event')
        delivery.started.push(await this.#start(workflow, trigger, event, run));
    const sleeping = subscribers.flatMap(({ workflow, trigger }) =>
      trigger.kind === 'wake' ? [{ workflow, trigger }] : [],
    );
    await this.#wakeAll(sleeping, event, { run, delivery });
    return delivery;
  }

  #start(workflow: AnyWorkflow, trigger: EventTrigger, event: Parameters, run: Run) {
    return run.step(`start ${workflow.name}`, async () => {
      const { id } = await this.configuration.runs.start(
        workflow,
        trigger.parameters(event.payload),
        { idempotencyKey: `event:${event.type}:${event.id}:${workflow.name}`, owner: event.owner },
      );
      return { workflow: workflow.name, run: id };
    });
  }

  async #wakeAll(
    sleeping: readonly { workflow: AnyWorkflow; trigger: WakeTrigger }[],
    event: Parameters,
    { run, delivery }: { run: Run; delivery: Delivery },
  ): Promise<void> {
    const since = run.now().getTime();
    let left = [...sleeping];
    for (let wait = second; left.length > 0; wait = Math.min(2 * wait, longestWait)) {
      for (const each of left.splice(0)) {
        const { name } = each.workflow;
        const found = await run.step(`wake ${name}`, () => this.#wake(each, event));
        if (found.run !== undefined) delivery.woken.push({ workflow: name, run: found.run });
        else if (found.ended || run.now().getTime() - since > kept) delivery.missed.push(name);
        else left.push(each);
      }
      if (left.length > 0) await patience(run, wait);
    }
  }

  async #wake(
    { workflow, trigger }: { workflow: AnyWorkflow; trigger: WakeTrigger },
    { type, id, payload, owner }: Parameters,
  ): Promise<{ run?: string; ended?: boolean }> {
    const { runs } = this.configuration;
    const { parameter, value } = trigger.target(payload);
    const meant = await runs.latest(workflow.name, parameter, value);
    if (!meant || meant.owner !== owner) return {};
    if (hasEnded(meant)) return { ended: true };
    try {
      await runs.signal(meant.id, { name: type, payload, id: `event:${id}` });
    } catch (thrown) {
      // It has ended, or was removed, since we looked.
      const { code } = GraphwrightError.from(thrown);
      if (code === 'conflict' || code === 'not_found') return { ended: true };
      throw thrown;
    }
    return { run: meant.id };
  }
}

/** Lets the events of these types that wait for a run look for it now. */
export async function lookAgain(
  runs: Runs,
  { name }: DeliverEvent,
  types: readonly string[],
): Promise<void> {
  for (let cursor: string | undefined, more = true; more;) {
    const page = await runs.list({ workflow: name, status: 'waiting', limit: 1_000, cursor });
    for (const { id, parameters } of page.items)
      if (types.includes((parameters as Parameters).type))
        await runs.signal(id, { name: again }).catch(unlessEnded);
    cursor = page.nextCursor;
    more = cursor !== undefined;
  }
}

function unlessEnded(thrown: unknown): void {
  const { code } = GraphwrightError.from(thrown);
  if (code !== 'conflict' && code !== 'not_found') throw thrown;
}

/** Waits until there may be news, or for a time. */
async function patience(run: Run, timeout: number): Promise<void> {
  await run.waitFor(again, { timeout }).catch((thrown: unknown) => {
    if (GraphwrightError.from(thrown).code !== 'timeout') throw thrown;
  });
}
