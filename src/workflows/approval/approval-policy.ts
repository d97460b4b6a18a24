import type { Agent } from '../../ontology/attribution.ts';
import type { AnyWorkflow, Hints } from '../workflow.ts';

/** Whose calls a person has to approve: nobody's, those of assistants, everybody's. */
export type ApprovalFrom = 'never' | 'assistants' | 'always';

/** What a workflow says of its approval; what it leaves out is as the configuration says. */
export interface ApprovalRule {
  from?: ApprovalFrom;
  /** Which calls need it: those of a workflow that is risky, by default. Parameters as the schema gives them. */
  when?(parameters: object, caller: Agent): boolean;
  /** Milliseconds until a call that nobody decided on fails. */
  expiresAfter?: number;
  /** Whether whoever asked may not approve; the names of the callers decide who that is. */
  separateApprover?: boolean;
}

/** What is configured of approvals. */
export interface ApprovalSettings {
  /** For risky workflows that say nothing themselves. */
  from: ApprovalFrom;
  /** By name; these come before what a workflow says itself. */
  workflows?: ReadonlyMap<string, ApprovalFrom>;
  expiresAfter?: number;
  separateApprover?: boolean;
}

/** On what terms a call waits for a person. */
export interface ApprovalTerms {
  /** Milliseconds. */
  expiresAfter?: number;
  separateApprover: boolean;
}

/** What holds where nothing is configured. */
export const unconfigured: ApprovalSettings = { from: 'never' };

/** Whether a workflow does what cannot be taken back: removes or overwrites data, or sends something out. */
export const isRisky = ({ readOnly, destructive, sends }: Hints): boolean =>
  !readOnly && Boolean(destructive || sends);

/** Where calls come from that a model has written. */
const assistants: readonly string[] = ['langchain', 'mcp', 'agent'];

/** Whether a call's parameters were written by a model. */
export const isAssistant = ({ surface }: Agent): boolean => assistants.includes(surface);

/** On what terms this call waits for a person; undefined when it need not wait. */
export function approvalTerms(
  workflow: AnyWorkflow,
  call: { parameters: object; caller: Agent },
  settings: ApprovalSettings = unconfigured,
): ApprovalTerms | undefined {
  if (!mayNeedApproval(workflow, call.caller, settings)) return undefined;
  const rule = ruleOf(workflow);
  if (rule.when && !rule.when(call.parameters, call.caller)) return undefined;
  return {
    expiresAfter: rule.expiresAfter ?? settings.expiresAfter,
    separateApprover: rule.separateApprover ?? settings.separateApprover ?? false,
  };
}

/** Whether any of this caller's calls waits for a person, whatever its parameters. */
export function mayNeedApproval(
  workflow: AnyWorkflow,
  caller: Agent,
  settings: ApprovalSettings = unconfigured,
): boolean {
  const rule = ruleOf(workflow);
  const named = settings.workflows?.get(workflow.name) ?? rule.from;
  // Who names a workflow means it, also where its hints call it harmless.
  const from = named ?? (rule.when || isRisky(workflow.hints) ? settings.from : 'never');
  return from === 'always' || (from === 'assistants' && isAssistant(caller));
}

function ruleOf({ policy: { approval = {} } }: AnyWorkflow): ApprovalRule {
  return typeof approval === 'string' ? { from: approval } : approval;
}
