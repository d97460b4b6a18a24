import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { AIMessage, ToolMessage, type BaseMessage } from '@langchain/core/messages';
import type { ToolCall } from '@langchain/core/messages/tool';
import { z } from 'zod';
import { attributed, type Agent } from '../../ontology/attribution.ts';
import type { ApprovedCall } from '../approval/approved-call.ts';
import { gateOf, termsOf } from '../approval/gate.ts';
import { ApprovalDecision, digestOf } from '../approval/run-approval.ts';
import type { AnyWorkflow } from '../workflow.ts';
import { argumentsOf } from './interrupt-on.ts';

/** What a person decided on a model's call of a tool. */
export const ToolDecision = z.object({
  /** By this id the graph names the call. */
  run: z.string(),
  /** What the model asked for. */
  workflow: z.string(),
  parameters: z.unknown(),
  /** What is called instead where the person edited it; the same otherwise. */
  calls: z.string(),
  decision: ApprovalDecision,
});
export type ToolDecision = z.output<typeof ToolDecision>;

/** A call that a person was asked about, with what langchain made of the decision. */
interface Decided {
  given: ToolCall;
  messages: readonly BaseMessage[];
}

/** Who takes part in a decision. */
interface Parties {
  /** On whose behalf the model calls. */
  asker: Agent;
  /** The name of the person who decides, where it is known. */
  decidedBy: string | undefined;
}

/**
 * Reads a decision from what langchain made of it; undefined for one that lets nothing pass: by somebody who
 * may not, or did not say who they are, or with parameters that the workflow refuses.
 *
 * Of calls beside one that is rejected langchain lets none pass: the model asks for them again.
 */
export function decisionOn(
  { given, messages }: Decided,
  workflows: readonly AnyWorkflow[],
  { asker, decidedBy }: Parties,
): ToolDecision | undefined {
  const known = (name: string) => workflows.find((workflow) => workflow.name === name);
  const workflow = known(given.name)!;
  const parameters = argumentsOf(workflow, given.args);
  const by = { surface: asker.surface, ...(decidedBy !== undefined && { name: decidedBy }) };
  const decided = (outcome: ApprovalDecision['outcome'], call: Call, reason?: string) => ({
    run: randomUUID(),
    workflow: given.name,
    parameters,
    calls: call.name,
    decision: {
      id: randomUUID(),
      outcome,
      by,
      at: new Date().toISOString(),
      parametersDigest: digestOf(call.parameters),
      ...(reason !== undefined && { reason }),
    },
  });
  const asked = { name: given.name, parameters };
  const rejection = messages.find(
    (message) => ToolMessage.isInstance(message) && message.tool_call_id === given.id,
  );
  if (rejection) return decided('rejected', asked, reasonIn(rejection.text));
  const revised = messages
    .flatMap((message) => (AIMessage.isInstance(message) ? (message.tool_calls ?? []) : []))
    .find(({ id }) => id === given.id);
  if (!revised || decidedBy === undefined) return undefined;
  const call = { caller: asker, parameters: workflow.parameters.parse(parameters) };
  if (termsOf(workflow, call)?.separateApprover && decidedBy === asker.name) return undefined;
  if (revised.name === given.name && isDeepStrictEqual(revised.args, given.args))
    return decided('approved', asked);
  const other = known(revised.name);
  const edited = other ? argumentsOf(other, revised.args) : revised.args;
  if (other && !other.parameters.safeParse(edited).success) return undefined;
  return decided('edited', { name: revised.name, parameters: edited });
}

interface Call {
  name: string;
  parameters: unknown;
}

/** What a person said, and not what langchain says for one who said nothing. */
const reasonIn = (text: string): string | undefined =>
  text.startsWith('User rejected the tool call for ')
    ? undefined
    : text.trim().slice(0, 1_000).toWellFormed() || undefined;

/** Writes down who decided, as of a run. The same again changes nothing. */
export async function recordToolDecision(
  { run, workflow: name, parameters, decision }: ToolDecision,
  workflows: readonly AnyWorkflow[],
  asker: Agent,
): Promise<void> {
  const workflow = workflows.find((each) => each.name === name);
  const startedAt = new Date(decision.at);
  await attributed({ id: run, workflow: name, agent: asker, parameters, startedAt }, async () =>
    workflow ? gateOf(workflow)?.record(run, decision) : undefined,
  );
}

/** What may be carried out by a decision; undefined for a rejection. */
export const approvedBy = ({ run, calls, decision }: ToolDecision): ApprovedCall | undefined => {
  const { outcome, parametersDigest, at } = decision;
  if (outcome === 'rejected') return undefined;
  return { workflow: calls, parametersDigest, run, startedAt: at };
};
