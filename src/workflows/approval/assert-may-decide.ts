import { GraphwrightError } from '../../errors.ts';
import type { RunRecord } from '../runs/runs.ts';
import { isAssistant } from './approval-policy.ts';
import type { DecisionKind } from './approvals.ts';
import { mayDecide, type Decider } from './decider.ts';

/**
 * Keeps whoever asked for a call from letting it pass by themselves, where that is not what approval is for.
 *
 * Callers are told apart by the names of their keys, or the owners of their runs; who has neither cannot be
 * told from the one who asked.
 * @throws GraphwrightError `forbidden`
 */
export function assertMayDecide(
  { workflow, owner, approval }: Pick<RunRecord, 'workflow' | 'owner' | 'approval'>,
  decider: Decider,
  decision: DecisionKind,
): void {
  const { agent } = decider;
  const who = agent.name ?? 'This caller';
  if (!mayDecide(decider, workflow))
    throw forbidden(`${who} may not decide on calls of ${workflow}`);
  const { requestedBy, separateApprover } = approval!;
  const isOwn = owner !== undefined && owner === decider.owner;
  if (!isOwn && (agent.name ?? '') !== (requestedBy.name ?? '')) return;
  if (isAssistant(agent))
    throw forbidden(
      `${who} asked for this call itself, so somebody else has to decide on it; callers are told apart by the names of their keys`,
    );
  if (decision === 'reject') return;
  if (separateApprover)
    throw forbidden(
      `Somebody else than ${agent.name ?? 'the one who asked'} has to approve it; callers are told apart by the names of their keys`,
    );
  // The assistant has this key too, and may reach more of the network than /mcp.
  const { othersApprove: approve = [] } = decider;
  if (requestedBy.surface === 'mcp' && mayDecide({ approve }, workflow))
    throw forbidden(
      'An assistant asked for it over MCP with this very key; approve it with another key, and give the assistant one of its own',
    );
}

const forbidden = (message: string) => new GraphwrightError('forbidden', message);
