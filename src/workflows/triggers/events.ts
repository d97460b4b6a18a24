import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { GraphwrightError } from '../../errors.ts';
import { suggest } from '../../nearest.ts';
import type { Agent } from '../../ontology/attribution.ts';
import { parse } from '../../parse.ts';
import type { RunRecord, Runs } from '../runs/runs.ts';
import type { AnyWorkflow } from '../workflow.ts';
import { DeliverEvent, lookAgain } from './deliver-event.ts';
import type { EventTrigger, WakeTrigger } from './trigger.ts';

/** A workflow and one of the triggers by which events reach it. */
export interface Subscriber {
  workflow: AnyWorkflow;
  trigger: EventTrigger | WakeTrigger;
}

/** A type of event, as senders see it. */
export interface EventType {
  type: string;
  /** JSON Schema of what is sent, one for each workflow that takes it. */
  payloads: { workflow: string; effect: 'starts' | 'wakes'; schema: unknown }[];
}

/** What may be said of one event. */
export interface EventOptions {
  /** The same id again is the same event, and delivered once; a UUID by default. */
  id?: string;
  agent?: Agent;
  owner?: string;
}

/** Takes events from outside and brings each to the workflows that ask for its type. */
export class Events {
  readonly #runs: Runs;
  readonly #subscribers = new Map<string, Subscriber[]>();
  readonly #delivery: DeliverEvent;

  constructor({ runs, workflows }: { runs: Runs; workflows: readonly AnyWorkflow[] }) {
    this.#runs = runs;
    for (const workflow of workflows)
      for (const trigger of workflow.on)
        if (trigger.kind === 'event' || trigger.kind === 'wake')
          this.#subscribersOf(trigger.event).push({ workflow, trigger });
    this.#delivery = new DeliverEvent({
      runs,
      subscribers: (type) => this.#subscribers.get(type) ?? [],
    });
  }

  /** What {@link Runs.resume} has to know to go on delivering. */
  get workflow(): AnyWorkflow {
    return this.#delivery;
  }

  /** Every type that some workflow takes, by name. */
  get types(): EventType[] {
    return [...this.#subscribers]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([type, subscribers]) => ({
        type,
        payloads: subscribers.map(({ workflow, trigger: { kind, payload } }) => ({
          workflow: workflow.name,
          effect: kind === 'event' ? 'starts' : 'wakes',
          schema: z.toJSONSchema(payload, { io: 'input' }),
        })),
      }));
  }

  /**
   * Accepts an event: resolves, once it is on disk, with the run that delivers it.
   * @throws GraphwrightError `not_found` for a type that nothing takes; `invalid_parameters` for a payload
   * that one of its takers refuses; `key_reused` for the id of another event.
   */
  async send(type: string, payload: unknown, options: EventOptions = {}): Promise<RunRecord> {
    const subscribers = this.#subscribers.get(type);
    if (!subscribers) throw unknown(type, [...this.#subscribers.keys()]);
    for (const subscriber of subscribers) assertTaken(subscriber, payload);
    const { id = randomUUID(), agent, owner } = options;
    const idempotencyKey = `event:${type}:${id}`;
    return this.#runs.start(
      this.#delivery,
      { type, id, payload, owner },
      { idempotencyKey, agent, owner },
    );
  }

  /** Has to be told of every run that was started: an event that came early may be waiting for it. */
  async started({ workflow }: RunRecord): Promise<void> {
    const types = [...this.#subscribers.values()]
      .flat()
      .filter((each) => each.trigger.kind === 'wake' && each.workflow.name === workflow)
      .map(({ trigger }) => trigger.event);
    if (types.length > 0) await lookAgain(this.#runs, this.#delivery, types);
  }

  #subscribersOf(type: string): Subscriber[] {
    const known = this.#subscribers.get(type) ?? [];
    this.#subscribers.set(type, known);
    return known;
  }
}

/** @throws GraphwrightError `invalid_parameters` before anything is stored. */
function assertTaken({ workflow, trigger }: Subscriber, payload: unknown): void {
  if (trigger.kind === 'wake') trigger.target(payload);
  else parse(workflow.parameters, trigger.parameters(payload), 'invalid_parameters', trigger.event);
}

const unknown = (type: string, types: readonly string[]) =>
  new GraphwrightError(
    'not_found',
    `No workflow takes events of type ${type}; ${suggest(type, types)}`,
  );
