import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { GraphwrightError } from '../../errors.ts';
import type { OntologyStore } from '../../ontology/store.ts';
import { suggest } from '../../nearest.ts';
import { parse } from '../../parse.ts';
import { Turns } from '../runs/run-starts.ts';
import { hasEnded, type RunFilter, type RunRecord, type Runs } from '../runs/runs.ts';
import { runView, RunView } from '../runs/run-workflows.ts';
import type { AnyWorkflow } from '../workflow.ts';
import type { ApprovalSettings } from './approval-policy.ts';
import { assertMayDecide } from './assert-may-decide.ts';
import { mayDecide, type Decider } from './decider.ts';
import { guard, type Requester } from './gate.ts';
import { recordDecision } from './record-decision.ts';
import { ApprovalDecision, digestOf } from './run-approval.ts';

/** What approvals work with. */
export interface ApprovalsConfiguration {
  /** Where calls wait. */
  runs: Runs;
  /** Where decisions are written down; nowhere but in the runs by default. */
  store?: OntologyStore;
  settings: ApprovalSettings;
}

/** A call as a person decides on it; times are ISO 8601 in UTC. */
export const Approval = z.object({
  id: z.string().describe('That of the run that waits'),
  status: z
    .enum(['pending', 'approved', 'edited', 'rejected', 'expired', 'withdrawn'])
    .describe('What was decided; withdrawn when the run was cancelled before'),
  workflow: z.string(),
  description: z.string().optional().describe('What the workflow does'),
  parameters: z.unknown().describe('What the caller gave'),
  parametersDigest: z
    .string()
    .describe(
      'SHA-256 of the parameters as canonical JSON (RFC 8785), to which the decision is bound',
    ),
  requestedBy: z.object({ surface: z.string(), name: z.string().optional() }),
  requestedAt: z.string(),
  expiresAt: z.string().optional().describe('When it fails, if nobody decides'),
  separateApprover: z.boolean().optional().describe('Whether whoever asked may not approve'),
  decision: ApprovalDecision.optional(),
  run: RunView.optional().describe('What became of the call, where one approval is asked for'),
});
export type Approval = z.output<typeof Approval>;

/** The decisions that there are. */
export type DecisionKind = 'approve' | 'edit' | 'reject';

/** What a person decides. */
export interface Decision {
  decision: DecisionKind;
  /** Of the parameters that the person was shown. */
  parametersDigest: string;
  /** The new ones, to `edit`. */
  parameters?: unknown;
  reason?: string;
}

/** Which approvals are wanted. */
export interface ApprovalFilter {
  /** Only those that nobody has decided on; true by default. */
  pending?: boolean;
  workflow?: string;
  cursor?: string;
  limit?: number;
}

/**
 * The calls that wait for a person, and what is decided on them.
 * @example
 * const approvals = new Approvals({ runs, store, settings: { from: 'assistants' } });
 * approvals.guard(workflows);
 */
export class Approvals {
  readonly #configuration: ApprovalsConfiguration;
  readonly #workflows = new Map<string, AnyWorkflow>();
  readonly #turns = new Turns();

  constructor(configuration: ApprovalsConfiguration) {
    this.#configuration = configuration;
  }

  /**
   * Holds every call of these workflows to the settings, on whatever surface.
   * @throws GraphwrightError `invalid_configuration` for a setting of a workflow that is none of them.
   */
  guard(workflows: readonly AnyWorkflow[]): void {
    const { settings, store } = this.#configuration;
    const names = workflows.map(({ name }) => name);
    for (const name of settings.workflows?.keys() ?? [])
      if (!names.includes(name))
        throw new GraphwrightError(
          'invalid_configuration',
          `approval.workflows: no workflow ${name}; ${suggest(name, names)}`,
        );
    for (const workflow of workflows) {
      this.#workflows.set(workflow.name, workflow);
      guard(workflow, {
        settings,
        request: (wanted, input, by) => this.#request(wanted, input, by),
        record: async (run, decision) => {
          if (store) await recordDecision(store, run, decision);
        },
      });
    }
  }

  /** A page of approvals that somebody may see, the newest first. */
  async list(
    { pending = true, ...filter }: ApprovalFilter = {},
    { owner, ...decider }: Decider = { agent: { surface: 'program' } },
  ): Promise<{ items: Approval[]; nextCursor?: string }> {
    const seesAll = owner === undefined || mayDecide(decider, '*');
    const wanted: RunFilter = { ...filter, approval: pending ? 'pending' : 'any' };
    if (!seesAll) wanted.seenBy = { owner, workflows: decider.approve ?? [] };
    const { items, nextCursor } = await this.#configuration.runs.list(wanted);
    const found = items.map((record) => this.#view(record));
    const shown = pending ? found.filter(({ status }) => status === 'pending') : found;
    return { items: shown, ...(nextCursor !== undefined && { nextCursor }) };
  }

  /** @throws GraphwrightError `not_found` for one that there is not, or not for this one. */
  async get(id: string, decider: Decider = { agent: { surface: 'program' } }): Promise<Approval> {
    const record = await this.#seen(id, decider);
    return { ...this.#view(record), run: runView(record) };
  }

  /**
   * Decides on a call. What is approved goes on by itself.
   * @throws GraphwrightError `not_found`; `forbidden` for one who may not decide, or asked for it; `conflict`
   * for other parameters than those that wait, and when it is decided on, expired or withdrawn;
   * `invalid_parameters` for new ones that the workflow refuses.
   */
  async decide(
    id: string,
    { decision, parametersDigest, parameters, reason }: Decision,
    decider: Decider = { agent: { surface: 'program' } },
  ): Promise<Approval> {
    const record = await this.#seen(id, decider);
    const approval = this.#view(record);
    assertMayDecide(record, decider, decision);
    assertPending(approval);
    if (parametersDigest !== approval.parametersDigest)
      throw new GraphwrightError(
        'conflict',
        `What waits has the digest ${approval.parametersDigest}, which is not what was decided on; look at it again`,
        { problems: [{ pointer: '/parametersDigest', detail: 'The digest of other parameters' }] },
      );
    if ((parameters !== undefined) !== (decision === 'edit'))
      throw new GraphwrightError(
        'invalid_parameters',
        'To edit, and only to edit, give new parameters',
        {
          problems: [{ pointer: '/parameters', detail: `Not for ${decision}` }],
        },
      );
    if (decision === 'edit') this.#assertParameters(record.workflow, parameters);
    const made: ApprovalDecision = {
      id: randomUUID(),
      outcome: outcomes[decision],
      by: decider.agent,
      at: new Date().toISOString(),
      parametersDigest: decision === 'edit' ? digestOf(parameters) : parametersDigest,
      ...(decision === 'edit' && { parameters }),
      ...(reason !== undefined && { reason }),
    };
    const standing = await this.#configuration.runs.decide(id, made);
    if (standing.id !== made.id) throw decided(id, standing);
    return { ...approval, status: made.outcome, decision: standing };
  }

  #assertParameters(name: string, parameters: unknown): void {
    const workflow = this.#workflows.get(name);
    if (!workflow)
      throw new GraphwrightError('not_found', `No workflow ${name} is offered any more`);
    parse(workflow.parameters, parameters, 'invalid_parameters', name);
  }

  /** The same call again, while it waits, is no second one. */
  #request(
    workflow: AnyWorkflow,
    input: unknown,
    { caller, owner }: Requester,
  ): Promise<RunRecord> {
    const { runs } = this.#configuration;
    const parametersDigest = digestOf(input);
    return this.#turns.take(JSON.stringify([workflow.name, owner, parametersDigest]), async () => {
      const filter = { workflow: workflow.name, owner, approval: 'pending', limit: 1000 } as const;
      const { items } = await runs.list(filter);
      const same = items.find(
        (record) =>
          record.owner === owner &&
          this.#view(record).status === 'pending' &&
          record.approval!.parametersDigest === parametersDigest &&
          isDeepStrictEqual(record.approval!.requestedBy, caller),
      );
      return same ?? runs.start(workflow, input as never, { agent: caller, owner });
    });
  }

  async #seen(id: string, { owner, ...decider }: Decider): Promise<RunRecord> {
    const record = await this.#configuration.runs.get(id);
    const isOwn = owner === undefined || record?.owner === owner;
    if (!record?.approval || !(isOwn || mayDecide(decider, record.workflow)))
      throw unknownApproval(id);
    return record;
  }

  #view(record: RunRecord): Approval {
    const { workflow, parameters } = record;
    const { decision, ...approval } = record.approval!;
    return {
      ...approval,
      status: statusOf(record),
      workflow,
      description: this.#workflows.get(workflow)?.description,
      parameters,
      ...(decision && { decision }),
    };
  }
}

const outcomes = { approve: 'approved', edit: 'edited', reject: 'rejected' } as const;

function statusOf(record: RunRecord): Approval['status'] {
  const { decision, expiresAt } = record.approval!;
  if (decision) return decision.outcome;
  if (record.status === 'cancelled') return 'withdrawn';
  const isLate = expiresAt !== undefined && Date.parse(expiresAt) <= Date.now();
  return isLate || hasEnded(record) ? 'expired' : 'pending';
}

function assertPending({ id, status, decision }: Approval): void {
  if (decision) throw decided(id, decision);
  if (status !== 'pending')
    throw new GraphwrightError('conflict', `The approval ${id} is ${status}; it needs a new call`);
}

const decided = (id: string, { outcome, by, at }: ApprovalDecision): GraphwrightError =>
  new GraphwrightError(
    'conflict',
    `The call ${id} was ${outcome} by ${by.name ?? by.surface} at ${at}; the first decision stands`,
  );

const unknownApproval = (id: string): GraphwrightError =>
  new GraphwrightError('not_found', `No approval ${id}`);
