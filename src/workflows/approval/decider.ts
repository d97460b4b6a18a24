import { AsyncLocalStorage } from 'node:async_hooks';
import { currentAttribution, type Agent } from '../../ontology/attribution.ts';

/** Who decides on approvals, or looks at them. */
export interface Decider {
  agent: Agent;
  /** Whose runs are its own; everybody's when it is undefined. */
  owner?: string;
  /** The workflows whose calls it may decide on, `*` for all; all of them when it is undefined. */
  approve?: readonly string[];
  /** The workflows whose calls others may decide on, `*` for all; none by default. */
  othersApprove?: readonly string[];
}

const current = new AsyncLocalStorage<Omit<Decider, 'agent'>>();

/** Runs an action on behalf of a caller with these rights. */
export const decidingAs = <Result>(rights: Omit<Decider, 'agent'>, action: () => Result): Result =>
  current.run(rights, action);

/** Programs and whoever sits at the machine may do everything; others only what a surface said of them. */
const trusted: readonly string[] = ['program', 'command'];

/** Whoever called the workflow that asks this. */
export function currentDecider(): Decider {
  const agent = currentAttribution()?.agent ?? { surface: 'program' };
  const rights = current.getStore();
  if (rights) return { ...rights, agent };
  return trusted.includes(agent.surface)
    ? { agent }
    : { agent, owner: agent.name ?? '', approve: [] };
}

/** Whether somebody may decide on the calls of a workflow. */
export const mayDecide = ({ approve }: Pick<Decider, 'approve'>, workflow: string): boolean =>
  approve === undefined || approve.includes('*') || approve.includes(workflow);
