import type { z } from 'zod';

/** What one execution offers the workflow: identity, time, cancellation, named steps, progress. */
export interface Run {
  readonly id: string;
  /** Aborts when the caller goes away or cancels; pass it to every call that takes one. */
  readonly signal: AbortSignal;
  /** The time now; a test can set it. */
  now(): Date;
  /** Does one named part of the work; nothing starts after a cancellation. */
  step<T>(name: string, action: () => T | Promise<T>): Promise<T>;
  /** Tells whoever is watching how far the run is. */
  progress(done: number, total?: number, message?: string): void;
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
}

/** Where the HTTP surface offers a workflow when POST /workflows/<name> does not fit. */
export interface HttpBinding {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path parameters in Fastify's form, each a key of the parameters: `/workflows/customer-feedback/:feedbackId`. */
  path: string;
  /**
   * The path that a started run points to in its Location header instead of `/runs/:id`, with the same
   * path parameters.
   */
  location?: string;
}

/** What holds for every execution of one workflow in this process. */
export interface Policy {
  /** How many executions run at once; the others wait. No limit by default. */
  maxParallel?: number;
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
  readonly http?: HttpBinding;
  readonly policy: Policy = {};

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
