import type { Agent } from '../ontology/attribution.ts';
import type { Approval } from '../workflows/approval/approvals.ts';
import { table } from './table.ts';

const minutes = (time: string) => time.slice(0, 16).replace('T', ' ');

const nameOf = ({ name, surface }: Agent) =>
  name === undefined ? surface : `${name} (${surface})`;

/** Calls that wait for a person in a table, one a line. */
export function callsInTable(approvals: readonly Approval[]): string {
  const rows = approvals.map(({ id, workflow, status, requestedBy, requestedAt, expiresAt }) => [
    id,
    workflow,
    status,
    nameOf(requestedBy),
    minutes(requestedAt),
    expiresAt ? minutes(expiresAt) : '',
  ]);
  return table(
    ['approval', 'workflow', 'status', 'asked by', 'asked (UTC)', 'expires (UTC)'],
    rows,
  );
}

/** A call with all that a person has to know to decide on it. */
export function callInFull(approval: Approval): string {
  const { description, parameters, parametersDigest, decision, run } = approval;
  const lines = [
    callsInTable([approval]),
    '',
    ...(description ? [description, ''] : []),
    JSON.stringify(parameters, undefined, 2),
    '',
    `SHA-256 ${parametersDigest}`,
  ];
  if (decision) {
    const { outcome, by, at, reason } = decision;
    lines.push(`${outcome} by ${nameOf(by)} at ${at}${reason ? `: ${reason}` : ''}`);
    if (outcome === 'edited') lines.push(JSON.stringify(decision.parameters, undefined, 2));
  }
  if (run && approval.status !== 'pending') lines.push(`The run is ${run.status}`);
  return lines.join('\n');
}
