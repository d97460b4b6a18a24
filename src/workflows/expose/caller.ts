import { GraphwrightError } from '../../errors.ts';
import type { Agent } from '../../ontology/attribution.ts';
import type { Rights } from '../../ontology/rights/rights.ts';
import { decidingAs } from '../approval/decider.ts';
import { ownedRuns, type OwnedRuns } from '../runs/owned-runs.ts';
import type { Runs } from '../runs/runs.ts';
import type { AnyWorkflow } from '../workflow.ts';

/** Who sent a request; one without a name may do everything. */
export interface Caller {
  /** The runs of other callers do not exist for one with a name. */
  name?: string;
  /** The names of the workflows it may call, `*` for all; all of them when it is undefined. */
  workflows?: readonly string[];
  /** The graphs that tools read for it whose parameters say what is read; all of them when it is undefined. */
  rights?: Rights;
  /** The names of the workflows whose calls it may approve, `*` for all; all of them when it is undefined. */
  approve?: readonly string[];
  /** Whether it may approve over MCP as well, through an assistant; false by default. */
  approveOverMcp?: boolean;
  /** The names of the workflows whose calls others may approve, `*` for all; none by default. */
  othersApprove?: readonly string[];
  /** The names of the agents it may ask, `*` for all; all of them when it is undefined. */
  agents?: readonly string[];
}

/** A caller as provenance names it. */
export const agentOf = ({ name }: Caller): Agent => ({
  surface: 'http',
  ...(name !== undefined && { name }),
});

/** Runs an action with a caller's rights to see and decide on approvals. */
export const onBehalfOf = <Result>(
  { name, approve, othersApprove }: Caller,
  action: () => Result,
): Result => decidingAs({ owner: name, approve, othersApprove }, action);

/** The runs that a caller sees. */
export const runsOf = (runs: Runs, caller: Caller): OwnedRuns => {
  if (caller.name === undefined) return runs;
  return ownedRuns(runs, caller.name, (name) => mayCall(caller, { name }));
};

/** Whether a caller may call every workflow, which an event may reach. */
export const mayCallAll = ({ workflows }: Caller): boolean => workflows?.includes('*') ?? true;

/** Whether a caller may call a workflow. */
export const mayCall = (caller: Caller, { name }: Pick<AnyWorkflow, 'name'>): boolean =>
  mayCallAll(caller) || caller.workflows!.includes(name);

/** @throws GraphwrightError `forbidden` */
export function assertMayCall(caller: Caller, workflow: AnyWorkflow): void {
  if (!mayCall(caller, workflow))
    throw new GraphwrightError('forbidden', `${caller.name} may not call ${workflow.name}`);
}

/** Whether a caller may ask an agent. */
export const mayAsk = ({ agents }: Caller, agent: string): boolean =>
  !agents || agents.includes('*') || agents.includes(agent);
