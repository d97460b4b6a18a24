import { GraphwrightError } from '../../errors.ts';
import { attributed } from '../../ontology/attribution.ts';
import type { DurableRun } from '../runs/durable-run.ts';
import type { StoredRun } from '../runs/run-rows.ts';
import type { AnyWorkflow } from '../workflow.ts';
import { gateOf } from './gate.ts';
import { digestOf, type ApprovalDecision, type RunApproval } from './run-approval.ts';

/**
 * Waits until a person has decided on a run, and gives the parameters to carry it out with.
 * @throws GraphwrightError `forbidden` when it was rejected; `timeout` when nobody decided in time.
 */
export async function approvedParameters(
  workflow: AnyWorkflow,
  run: DurableRun,
  { record, agent }: StoredRun,
): Promise<unknown> {
  const approval = record.approval!;
  const decision = await run.approval(approval);
  approval.decision = decision;
  const startedAt = new Date(record.startedAt);
  const attribution = {
    id: record.id,
    workflow: record.workflow,
    agent: agent ?? approval.requestedBy,
    parameters: record.parameters,
    startedAt,
  };
  const write = () =>
    attributed(attribution, async () => gateOf(workflow)?.record(record.id, decision));
  // Before anything else is done, so that nothing happens of which it is not known who let it.
  await run.step('record_decision', write, { attempts: 5 });
  return parametersOf(approval, decision, record.parameters);
}

function parametersOf(approval: RunApproval, decision: ApprovalDecision, given: unknown): unknown {
  const { outcome, parametersDigest, by, reason } = decision;
  if (outcome === 'rejected')
    throw new GraphwrightError(
      'forbidden',
      `${by.name ?? `Somebody by way of ${by.surface}`} rejected it${reason ? `: ${reason}` : ''}`,
    );
  const parameters = outcome === 'edited' ? decision.parameters : given;
  if (digestOf(parameters) === parametersDigest) return parameters;
  throw new GraphwrightError(
    'conflict',
    `The parameters are not those that were approved (${approval.parametersDigest})`,
  );
}
