import { AsyncLocalStorage } from 'node:async_hooks';
import { digestOf } from './run-approval.ts';

/** A call that a person let pass before its workflow was asked. */
export interface ApprovedCall {
  workflow: string;
  /** Of the parameters that were shown, or of those that the person gave instead. */
  parametersDigest: string;
  /** The id of the run, by which the decision is on record. */
  run: string;
  /** ISO 8601. */
  startedAt: string;
}

const current = new AsyncLocalStorage<ApprovedCall | undefined>();

/** Carries out a tool's call that a person let pass; what it calls in turn has not been approved by that. */
export const withApproval = <Result>(
  approved: ApprovedCall | undefined,
  action: () => Result,
): Result => current.run(approved, action);

/** What is known of the approval of this very call; undefined when nobody approved it. */
export function approvalOf(workflow: string, input: unknown): ApprovedCall | undefined {
  const approved = current.getStore();
  return approved?.workflow === workflow && approved.parametersDigest === digestOf(input)
    ? approved
    : undefined;
}
