import { isCancel, note, select } from '@clack/prompts';
import type { Application } from '../server/application.ts';
import type { Approval } from '../workflows/approval/approvals.ts';
import { commandAgent, type CommonFlags } from './common.ts';
import { callInFull } from './show-approval.ts';

/** Whether there is a person to ask. */
export const canAsk = ({ json, quiet }: CommonFlags): boolean =>
  !json && !quiet && Boolean(process.stdin.isTTY && process.stdout.isTTY);

/** Asks the person at the terminal; undefined when they leave it for later. */
export async function askApproval(
  { approvals }: Pick<Application, 'approvals'>,
  id: string,
): Promise<Approval | undefined> {
  const decider = { agent: commandAgent() };
  const approval = await approvals.get(id, decider);
  note(callInFull(approval), 'This waits for approval');
  const decision = await select({
    message: 'Carry it out?',
    options: [
      { value: 'later' as const, label: 'Later' },
      { value: 'approve' as const, label: 'Approve' },
      { value: 'reject' as const, label: 'Reject' },
    ],
  });
  if (isCancel(decision) || decision === 'later') return undefined;
  const { parametersDigest } = approval;
  return approvals.decide(id, { decision, parametersDigest }, decider);
}
