import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Agent } from '../../ontology/attribution.ts';
import { canonicalJson } from '../../ontology/provenance/canonical-json.ts';
import type { ApprovalTerms } from './approval-policy.ts';

/**
 * By this name and id a run is told what a person decided. No caller may send such a signal; and of one id
 * there is one, so that the first decision stands.
 */
export const decisionSignal = 'graphwright:approval';

const Agent = z.object({ surface: z.string(), name: z.string().optional() });

/** What a person decided on a call. */
export const ApprovalDecision = z.object({
  /** Of this decision alone, so that whoever decides can tell whether it was the first. */
  id: z.string(),
  outcome: z.enum(['approved', 'edited', 'rejected']),
  by: Agent,
  /** ISO 8601. */
  at: z.string(),
  /** The SHA-256 digest of the parameters that were decided on; of the new ones, where they were edited. */
  parametersDigest: z.string(),
  /** The new ones, where they were edited. */
  parameters: z.unknown().optional(),
  reason: z.string().optional(),
});
export type ApprovalDecision = z.output<typeof ApprovalDecision>;

/** What a run keeps of the approval that it needs; times are ISO 8601 in UTC. */
export interface RunApproval {
  /** That of the run. */
  id: string;
  /** The SHA-256 digest of what the caller gave, as canonical JSON (RFC 8785), in hexadecimal. */
  parametersDigest: string;
  requestedBy: Agent;
  requestedAt: string;
  expiresAt?: string;
  /** Whether whoever asked may not approve. */
  separateApprover?: boolean;
  decision?: ApprovalDecision;
}

/** The digest that an approval is bound to. */
export const digestOf = (parameters: unknown): string =>
  createHash('sha256')
    .update(canonicalJson(parameters) ?? '')
    .digest('hex');

/** What a run that waits for a person begins with. */
export function requestOf(
  id: string,
  call: { input: unknown; caller: Agent },
  { expiresAfter, separateApprover }: ApprovalTerms,
): RunApproval {
  const now = Date.now();
  return {
    id,
    parametersDigest: digestOf(call.input),
    requestedBy: call.caller,
    requestedAt: new Date(now).toISOString(),
    ...(expiresAfter !== undefined && { expiresAt: new Date(now + expiresAfter).toISOString() }),
    ...(separateApprover && { separateApprover }),
  };
}
