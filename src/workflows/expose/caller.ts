import { GraphwrightError } from '../../errors.ts';
import type { Agent } from '../../ontology/attribution.ts';
import { ownedRuns, type OwnedRuns } from '../runs/owned-runs.ts';
import type { Runs } from '../runs/runs.ts';
import type { AnyWorkflow } from '../workflow.ts';

/** Who sent a request; one without a name may do everything. */
export interface Caller {
  /** The runs of other callers do not exist for one with a name. */
  name?: string;
  /** The names of the workflows it may call, `*` for all; all of them when it is undefined. */
  workflows?: readonly string[];
}

/** A caller as provenance names it. */
export const agentOf = ({ name }: Caller): Agent => ({
  surface: 'http',
  ...(name !== undefined && { name }),
});

/** The runs that a caller sees. */
export const runsOf = (runs: Runs, { name }: Caller): OwnedRuns =>
  name === undefined ? runs : ownedRuns(runs, name);

/** Whether a caller may call every workflow, which an event may reach. */
export const mayCallAll = ({ workflows }: Caller): boolean => workflows?.includes('*') ?? true;

/** Whether a caller may call a workflow. */
export const mayCall = (caller: Caller, { name }: AnyWorkflow): boolean =>
  mayCallAll(caller) || caller.workflows!.includes(name);

/** @throws GraphwrightError `forbidden` */
export function assertMayCall(caller: Caller, workflow: AnyWorkflow): void {
  if (!mayCall(caller, workflow))
    throw new GraphwrightError('forbidden', `${caller.name} may not call ${workflow.name}`);
}
