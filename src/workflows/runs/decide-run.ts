import { decisionSignal, type ApprovalDecision } from '../approval/run-approval.ts';
import { assertApprovable, ended } from './refusals.ts';
import { hasEnded, type RunRecord, type Signal } from './runs.ts';

/** What deciding on a run works with. */
export interface DecidedRun {
  /** The run as it lies on disk, with the decision that stands. */
  read(): Promise<RunRecord>;
  /** Keeps a signal for the run; the same id again changes nothing. */
  send(signal: Signal): Promise<void>;
}

/**
 * Hands a run what a person decided on it, and gives the decision that stands, which is the first.
 * @throws GraphwrightError `conflict`
 */
export async function decideRun(
  decision: ApprovalDecision,
  { read, send }: DecidedRun,
): Promise<ApprovalDecision> {
  const record = await read();
  assertApprovable(record);
  if (record.approval?.decision) return record.approval.decision;
  if (hasEnded(record)) throw ended(record, 'be decided on');
  await send({ name: decisionSignal, payload: decision, id: decisionSignal });
  return (await read()).approval!.decision!;
}
