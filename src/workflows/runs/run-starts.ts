import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { GraphwrightError } from '../../errors.ts';
import { currentAttribution, type Agent } from '../../ontology/attribution.ts';
import { parse } from '../../parse.ts';
import type { ApprovalTerms } from '../approval/approval-policy.ts';
import { termsOf } from '../approval/gate.ts';
import { requestOf, type RunApproval } from '../approval/run-approval.ts';
import type { AnyWorkflow } from '../workflow.ts';
import type { RunRecord, StartOptions } from './runs.ts';

const Id = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'Takes 1 to 64 letters, digits, hyphens and underscores');

const Start = z.looseObject({
  id: Id.optional(),
  idempotencyKey: z.string().min(1).max(1000).optional(),
  parent: Id.optional(),
  delay: z
    .number()
    .min(0)
    .max(8.64e15 / 2)
    .optional(),
});

/** A start that is accepted unless its id or key is taken. */
export interface Starting extends StartOptions {
  /** On what terms it waits for a person, if it does. */
  terms?: ApprovalTerms;
}

/**
 * A start once its parameters are parsed.
 * @throws GraphwrightError `invalid_parameters`
 */
export function starting(workflow: AnyWorkflow, input: unknown, options: StartOptions): Starting {
  assertStart(options);
  const parameters = parse(workflow.parameters, input, 'invalid_parameters', workflow.name);
  return { ...options, terms: termsOf(workflow, { parameters, caller: callerOf(options) }) };
}

/** What a start leaves to a person to approve. */
export const approvalOf = (
  id: string,
  input: unknown,
  { terms, ...options }: Starting,
): RunApproval | undefined => terms && requestOf(id, { input, caller: callerOf(options) }, terms);

const callerOf = ({ agent }: StartOptions): Agent =>
  agent ?? currentAttribution()?.agent ?? { surface: 'program' };

/** @throws GraphwrightError `invalid_parameters` for options that cannot be met. */
const assertStart = (options: StartOptions): void =>
  void parse(Start, options, 'invalid_parameters', 'The start of a run');

/**
 * Holds a start to the run that its idempotency key stands for already.
 * @throws GraphwrightError `key_reused` when that has another workflow or other parameters.
 */
export function assertSameStart(
  { workflow: before, parameters }: RunRecord,
  workflow: AnyWorkflow,
  input: unknown,
  key: string,
): void {
  const same = isDeepStrictEqual(parameters, JSON.parse(JSON.stringify(input)));
  if (before === workflow.name && same) return;
  throw new GraphwrightError(
    'key_reused',
    `The idempotency key ${key} stands for a run of ${before} with other parameters; use a new key`,
  );
}

/** Has those who want the same thing wait for each other. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<T>(key: string, action: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const turn = (before ?? Promise.resolve()).then(action, action);
    this.#last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}
