import type { z } from 'zod';
import type { GraphwrightError } from '../errors.ts';
import type { ApprovalFrom, ApprovalRule } from './approval/approval-policy.ts';
import type { Outcome } from './batch.ts';
import type { Trigger } from './triggers/trigger.ts';

/**
 * What one execution offers the workflow.
 *
 * A durable run that a crash stopped is executed again from the top: what {@link step} and the other
 * methods gave once they give again, without doing it again. So the code between them must ask for the
 * same things in the same order each time; time, chance and ids come from the run. A workflow that was
 * changed so that this no longer holds is refused with `workflow_changed`.
 */
export interface Run {
  readonly id: string;
  /** Aborts when the caller goes away or cancels; pass it to every call that takes one. */
  readonly signal: AbortSignal;
  /** The time, the same when the run is executed again; a test can set it. */
  now(): Date;
  /** From 0 to 1, without 1; the same when the run is executed again. */
  random(): number;
  /** A UUID; the same when the run is executed again, inside a step too. */
  uuid(): string;
  /**
   * Does one named part of the work; nothing starts after a cancellation. Of a durable run its result,
   * which is JSON, is recorded, and with the embedded store what it wrote to the graph in the same
   * commit. The same name again is told apart by its number (`name#2`). A step within a step is a part
   * of it, and not recorded by itself.
   * @throws What the action threw last; `timeout`; `cancelled`.
   */
  step<T>(name: string, action: StepAction<T>, policy?: StepPolicy): Promise<T>;
  /**
   * A step whose effect outside must not be repeated: mail, a ticket. Its intent is on disk before the
   * action begins. When its end is not known, after a crash or a `delivery_unknown`, `onUnknown` decides.
   * Writes to the graph go directly to the store, not along with the record.
   */
  effect<T>(name: string, action: EffectAction<T>, policy: EffectPolicy): Promise<T>;
  /** Waits; a durable run that waits is kept on disk, not in memory. */
  sleep(milliseconds: number): Promise<void>;
  /**
   * Waits for a signal with this name, one for each call; those that came before are kept for it. A
   * payload that does not fit the schema is dropped, and the wait goes on.
   * @throws GraphwrightError `timeout`.
   */
  waitFor<T = unknown>(signal: string, options?: WaitOptions<T>): Promise<T>;
  /** Starts a run of another workflow as a child and waits for its result; throws its error. */
  child<W extends AnyWorkflow>(workflow: W, parameters: ParametersOf<W>): Promise<ResultOf<W>>;
  /**
   * Works on many items, each a step of its own, at most `maxParallel` at once. One outcome for each, in
   * the items' order; a failure does not stop the rest.
   */
  batch<I, T>(
    items: readonly I[],
    options: RunBatchOptions,
    action: (item: I, context: StepContext & { index: number }) => T | Promise<T>,
  ): Promise<Outcome<T>[]>;
  /** Tells whoever is watching how far the run is. */
  progress(done: number, total?: number, message?: string): void;
}

/** What a step's action gets. */
export interface StepContext {
  /** Aborts when the run is cancelled or the step's time is over. */
  signal: AbortSignal;
  /** From 1. */
  attempt: number;
}

export type StepAction<T> = (context: StepContext) => T | Promise<T>;

/** How often a step is tried, and how long; times in milliseconds. */
export interface StepPolicy {
  /** How often in all; 1 by default. */
  attempts?: number;
  backoff?: Backoff;
  /** For each attempt; one that takes longer fails with `timeout`, and its signal aborts. None by default. */
  timeout?: number;
  /** Whether trying again can help; what the error itself says by default. */
  retriable?: (error: GraphwrightError) => boolean;
}

/** The waits between attempts, in milliseconds: `initial * factor ** n`, at most `max`. */
export interface Backoff {
  /** 200 by default. */
  initial?: number;
  /** 2 by default. */
  factor?: number;
  /** 10,000 by default. */
  max?: number;
  /** From 0 to 1: the share of each wait that is left to chance; 1 by default. */
  jitter?: number;
}

/** What an effect's action gets. */
export interface EffectContext extends StepContext {
  /** Of this run and effect alone, the same each time: make the Message-ID or the request's idempotency key of it. */
  key: string;
  /** Whether it was begun before, and may have taken place. */
  repeated: boolean;
}

export type EffectAction<T> = (context: EffectContext) => T | Promise<T>;

/** How an effect is carried out. */
export interface EffectPolicy extends StepPolicy {
  /**
   * What to do when it is not known whether the effect took place: `repeat` the action, whose receiver
   * knows the key and does nothing twice; or `hold`, until a person sends the signal `effect:<name>` with
   * an {@link EffectDecision}.
   */
  onUnknown: 'repeat' | 'hold';
}

/** What a person found out about a held effect: it took place, with its result; or it did not. */
export type EffectDecision =
  { outcome: 'done'; result?: unknown } | { outcome: 'repeat' } | { outcome: 'failed' };

/** What may be said of one {@link Run.waitFor}. */
export interface WaitOptions<T = unknown> {
  /** Milliseconds; no end by default. */
  timeout?: number;
  schema?: z.ZodType<T>;
}

/** What may be said of one {@link Run.batch}; the policy holds for each item. */
export interface RunBatchOptions extends StepPolicy {
  /** How many items are worked on at once; 5 by default. */
  maxParallel?: number;
  /** Names the items' steps, `name[0]` and so on; `batch` by default. */
  name?: string;
}

/** What a caller may expect of a workflow before it runs; each surface shows it in its own words. */
export interface Hints {
  /** Changes nothing anywhere. Default false. */
  readOnly?: boolean;
  /** May remove or overwrite something. Default false. */
  destructive?: boolean;
  /** The same parameters again change nothing more. Default false. */
  idempotent?: boolean;
  /** Reaches people or systems outside. Default false. */
  openWorld?: boolean;
  /** Sends out what cannot be taken back, such as mail. Default false. */
  sends?: boolean;
  /** A decision that is for people: never offered to assistants. Default false. */
  forPeople?: boolean;
  /** For those who decide on calls that wait: offered to an assistant only where the settings say so. Default false. */
  forApprovers?: boolean;
}

/** Where the HTTP surface offers a workflow when POST /workflows/<name> does not fit. */
export interface HttpBinding {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path parameters in Fastify's form, each a key of the parameters: `/workflows/customer-feedback/:feedbackId`. */
  path: string;
  /**
   * The path that a started run points to in its Location header instead of `/runs/:id`, with the same
   * path parameters. One that is answered directly answers 201 with it, filled from the result.
   */
  location?: string;
  /** Whether it is answered with its result in any case, and never becomes a run in the background. */
  direct?: boolean;
  /** Of one that is answered directly, the parameter that the header Idempotency-Key gives. */
  idempotencyKey?: string;
}

/** What holds for every execution of one workflow in this process. */
export interface Policy {
  /** How many executions run at once; the others wait. No limit by default. */
  maxParallel?: number;
  /**
   * Whose calls wait for a person; where it is left out, those that the configuration names, if the hints
   * say `destructive` or `sends`.
   */
  approval?: ApprovalFrom | ApprovalRule;
}

/**
 * One operation, written once and offered on every surface.
 *
 * `parameters` and `result` are zod schemas; `run()` takes the output of the one and returns the
 * input of the other, and the compiler holds it to that. Call it through `execute`.
 */
export abstract class Workflow<Configuration = unknown> {
  /** verb_noun in snake_case; the tool name, the route and the command. */
  abstract readonly name: string;
  /** What it does and what it changes, for people and models. */
  abstract readonly description: string;
  /** What the caller gives; unknown keys are refused. */
  abstract readonly parameters: z.ZodObject;
  abstract readonly result: z.ZodType;

  readonly hints: Hints = {};
  /** What it belongs to, by which callers choose: `feedback`. */
  readonly group?: string;
  readonly http?: HttpBinding;
  readonly policy: Policy = {};
  /** What starts it, or wakes its runs, besides its callers: events, schedules, changes of the graph. */
  readonly on: readonly Trigger[] = [];

  protected readonly configuration: Configuration;

  constructor(configuration: Configuration) {
    this.configuration = configuration;
  }

  abstract run(parameters: Parsed<this['parameters']>, run: Run): Promise<Unparsed<this['result']>>;
}

/** A workflow of any Configuration. */
// oxlint-disable-next-line typescript/no-explicit-any -- run() makes Workflow invariant in its configuration; a list of workflows must not care
export type AnyWorkflow = Workflow<any>;

/** What callers give: the input side of the parameters. */
export type ParametersOf<W extends AnyWorkflow> = Unparsed<W['parameters']>;

/** What callers get: the output side of the result. */
export type ResultOf<W extends AnyWorkflow> = Parsed<W['result']>;

/** A workflow whose run() asks for nothing that its schema does not promise; anything else is `never`. */
export type Sound<W extends AnyWorkflow> =
  Parsed<W['parameters']> extends Parameters<W['run']>[0] ? W : never;

/** Lists workflows, and does not compile when one asks for more than its schema promises. */
export function workflowList<const T extends readonly AnyWorkflow[]>(
  ...workflows: { [I in keyof T]: Sound<T[I]> }
): T {
  return workflows as unknown as T;
}

// Indexed access, not z.input and z.output: conditional types stay unresolved on `this`.
type Parsed<S extends z.ZodType> = S['_zod']['output'];
type Unparsed<S extends z.ZodType> = S['_zod']['input'];
