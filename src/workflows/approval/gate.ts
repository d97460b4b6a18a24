import { GraphwrightError } from '../../errors.ts';
import type { Agent } from '../../ontology/attribution.ts';
import type { RunRecord } from '../runs/runs.ts';
import type { AnyWorkflow } from '../workflow.ts';
import {
  approvalTerms,
  mayNeedApproval,
  type ApprovalSettings,
  type ApprovalTerms,
} from './approval-policy.ts';
import type { ApprovalDecision } from './run-approval.ts';

/** What stands between the callers of a workflow and its execution. */
export interface Gate {
  settings: ApprovalSettings;
  /** Has a call wait for a person, as a run. */
  request(workflow: AnyWorkflow, input: unknown, by: Requester): Promise<RunRecord>;
  /** Writes down what a person decided on a run. */
  record(run: string, decision: ApprovalDecision): Promise<void>;
}

/** Who asks, and whose the run is that waits. */
export interface Requester {
  caller: Agent;
  owner?: string;
}

// By the workflow, and not by what a surface is given: a surface that forgot it would let every call pass.
const gates = new WeakMap<AnyWorkflow, Gate>();

/** Holds every call of a workflow, on whatever surface, to a gate. */
export const guard = (workflow: AnyWorkflow, gate: Gate): void => void gates.set(workflow, gate);

export const gateOf = (workflow: AnyWorkflow): Gate | undefined => gates.get(workflow);

/** On what terms a call waits for a person; undefined when it need not wait. */
export const termsOf = (
  workflow: AnyWorkflow,
  call: { parameters: object; caller: Agent },
): ApprovalTerms | undefined => approvalTerms(workflow, call, gateOf(workflow)?.settings);

/** Whether a call from this surface may have to wait for a person. */
export const mayWait = (workflow: AnyWorkflow, surface: string): boolean =>
  mayNeedApproval(workflow, { surface }, gateOf(workflow)?.settings);

/** The run that waits for a person instead of a call that was not carried out; undefined for any other error. */
export function runThatWaits(thrown: unknown): RunRecord | undefined {
  if (!(thrown instanceof GraphwrightError) || thrown.code !== 'approval_required')
    return undefined;
  return thrown.details?.['run'] as RunRecord | undefined;
}

/** A call that is about to be carried out while its caller waits. */
export interface DirectCall extends Requester {
  parameters: object;
  input: unknown;
  /** Whether it is a part of another call, which cannot wait for a person. */
  isChild: boolean;
}

/**
 * Lets a call pass that needs no approval. Any other waits for a person from now on, as a run.
 * @throws GraphwrightError `approval_required`, whose `details.run` is the run that waits.
 */
export async function assertApproved(workflow: AnyWorkflow, call: DirectCall): Promise<void> {
  if (!termsOf(workflow, call)) return;
  const gate = gateOf(workflow);
  if (!gate || call.isChild)
    throw new GraphwrightError(
      'approval_required',
      `A person has to approve ${workflow.name} first, and ${
        call.isChild
          ? 'a call within a call cannot wait; start the outer one as a run'
          : 'nobody was told; start it as a run'
      }`,
    );
  const run = await gate.request(workflow, call.input, call);
  const until = run.approval?.expiresAt;
  throw new GraphwrightError(
    'approval_required',
    `${workflow.name} was not carried out yet: it waits for the approval of a person as ${run.id}${until ? `, until ${until}` : ''}`,
    { details: { run } },
  );
}
