import { z } from 'zod';
import { Workflow, type AnyWorkflow } from '../workflow.ts';
import { Approval, type Approvals } from './approvals.ts';
import { currentDecider } from './decider.ts';

/** What the workflows of approvals work with. */
export interface ApprovalsOf {
  approvals: Approvals;
}

/** Makes the operations by which people see and decide what waits for them. */
export const approvalWorkflows = (approvals: Approvals): AnyWorkflow[] => [
  new ListApprovals({ approvals }),
  new GetApproval({ approvals }),
  new DecideApproval({ approvals }),
];

const ListParameters = z.object({
  pending: z.boolean().default(true).describe('Only calls that nobody has decided on'),
  workflow: z.string().max(200).optional().describe('Only calls of this workflow'),
  cursor: z.string().max(200).optional().describe('The nextCursor of the page before'),
  limit: z.int().min(1).max(100).default(20).describe('How many, at most'),
});

/** Lists the calls that wait for a person. */
export class ListApprovals extends Workflow<ApprovalsOf> {
  readonly name = 'list_approvals';
  readonly description = 'List the calls that wait for the approval of a person, the newest first.';
  readonly parameters = ListParameters;
  readonly result = z.object({ items: z.array(Approval), nextCursor: z.string().optional() });
  override readonly group = 'approvals';
  override readonly hints = { readOnly: true, idempotent: true, forApprovers: true };
  override readonly policy = { approval: 'never' } as const;
  override readonly http = { method: 'GET', path: '/approvals' } as const;

  async run(filter: z.output<typeof ListParameters>) {
    return this.configuration.approvals.list(filter, currentDecider());
  }
}

const Id = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'Expected 1 to 64 letters, digits, hyphens and underscores')
  .describe('The id of the approval, which is that of the run');

const GetParameters = z.object({ id: Id });

/** Tells what became of a call that waits for a person. */
export class GetApproval extends Workflow<ApprovalsOf> {
  readonly name = 'get_approval';
  readonly description =
    'Tell whether a person has approved a call, and what exactly waits for it.';
  readonly parameters = GetParameters;
  readonly result = Approval;
  override readonly group = 'approvals';
  override readonly hints = { readOnly: true, idempotent: true };
  override readonly policy = { approval: 'never' } as const;
  override readonly http = { method: 'GET', path: '/approvals/:id' } as const;

  async run({ id }: z.output<typeof GetParameters>) {
    return this.configuration.approvals.get(id, currentDecider());
  }
}

const DecideParameters = z.object({
  id: Id,
  decision: z
    .enum(['approve', 'edit', 'reject'])
    .describe('edit approves other parameters than those that were asked for'),
  parametersDigest: z
    .string()
    .regex(/^[\da-f]{64}$/, 'Expected the SHA-256 digest that the approval shows')
    .describe('The digest that the approval shows: no other parameters are decided on'),
  parameters: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('All the parameters to carry it out with instead, to edit'),
  reason: z
    .string()
    .trim()
    .max(1_000)
    .refine((text) => text.isWellFormed(), 'Expected whole characters')
    .optional()
    .describe('Why, in a few words; the caller is told'),
});

/** Approves, edits or rejects a call that waits. */
export class DecideApproval extends Workflow<ApprovalsOf> {
  readonly name = 'decide_approval';
  readonly description =
    'Approve, edit or reject a call that waits. The first decision stands, and what is approved is carried out.';
  readonly parameters = DecideParameters;
  readonly result = Approval;
  override readonly group = 'approvals';
  override readonly hints = { destructive: true, openWorld: true, forApprovers: true };
  override readonly policy = { approval: 'never' } as const;
  override readonly http = {
    method: 'POST',
    path: '/approvals/:id/:decision',
    direct: true,
  } as const;

  async run({ id, ...decision }: z.output<typeof DecideParameters>) {
    return this.configuration.approvals.decide(id, decision, currentDecider());
  }
}
