import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Agent } from '../../src/ontology/attribution.ts';
import type {
  ApprovalRule,
  ApprovalSettings,
} from '../../src/workflows/approval/approval-policy.ts';
import { Approvals, type Decision } from '../../src/workflows/approval/approvals.ts';
import type { Decider } from '../../src/workflows/approval/decider.ts';
import { execute } from '../../src/workflows/execute.ts';
import { hasEnded, type RunRecord, type Runs } from '../../src/workflows/runs/runs.ts';
import { Workflow, type AnyWorkflow, type Run } from '../../src/workflows/workflow.ts';
import type { OpenRuns, RunsUnderTest } from './runs.ts';

const MailParameters = z.object({
  to: z.email(),
  subject: z.string(),
  copies: z.number().int().default(1),
});

/** A workflow that sends, which remembers what it sent. */
export class SendMail extends Workflow {
  readonly name: string = 'send_mail';
  readonly description = 'Send a mail.';
  readonly parameters = MailParameters;
  readonly result = z.object({ sent: z.string() });
  override readonly hints = { openWorld: true, sends: true };
  override readonly policy: { approval?: ApprovalRule };
  readonly sent: string[] = [];

  constructor(approval?: ApprovalRule) {
    super({});
    this.policy = { approval };
  }

  async run({ to, subject }: z.output<typeof MailParameters>, run: Run) {
    const mail = `${subject} to ${to}`;
    await run.step('send', () => void this.sent.push(mail));
    return { sent: mail };
  }
}

/** Calls another workflow as its child. */
class Campaign extends Workflow<{ mail: SendMail }> {
  readonly name = 'run_campaign';
  readonly description = 'Send mail to everyone.';
  readonly parameters = z.object({ subject: z.string() });
  readonly result = z.object({ sent: z.string() });

  async run({ subject }: { subject: string }, run: Run) {
    return run.child(this.configuration.mail, { to: 'all@example.org', subject });
  }
}

const letter = { to: 'ada@example.org', subject: 'Hello' };
const assistant: Agent = { surface: 'mcp', name: 'assistant' };
const person: Decider = { agent: { surface: 'http', name: 'grace' } };
/** RFC 8785: sorted keys, no spaces. */
const digest = createHash('sha256')
  .update('{"subject":"Hello","to":"ada@example.org"}')
  .digest('hex');
const approve: Decision = { decision: 'approve', parametersDigest: digest };

/** Runs the suite of approvals on one adapter of runs. */
export function describeApprovals(name: string, open: OpenRuns, { patience = 15_000 } = {}): void {
  describe(`approvals: ${name}`, () => {
    let under: RunsUnderTest;
    let runs: Runs;
    let approvals: Approvals;
    let mail: SendMail;
    let campaign: Campaign;

    const guard = (settings: ApprovalSettings = { from: 'assistants' }) => {
      approvals = new Approvals({ runs, settings });
      approvals.guard([mail, campaign]);
    };
    const prepare = async (sender: SendMail) => {
      mail = sender;
      campaign = new Campaign({ mail });
      under = await open([mail, campaign] as AnyWorkflow[]);
      ({ runs } = under);
    };

    beforeEach(async () => {
      await prepare(new SendMail());
      guard();
    });
    afterEach(() => under.close());

    const reopen = async () => {
      runs = await under.reopen();
      guard();
    };
    const until = async (id: string, wanted: (record: RunRecord) => boolean) => {
      for (let tries = 0; tries < patience / 10; tries++) {
        const record = await runs.get(id);
        if (record && wanted(record)) return record;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error(`The run is still ${JSON.stringify(await runs.get(id))}`);
    };
    const waits = ({ status }: RunRecord) => status === 'waiting';
    const ask = async (options: { owner?: string } = {}) => {
      const { id } = await runs.start(mail, letter, { agent: assistant, ...options });
      return until(id, waits);
    };
    const ended = (id: string) => runs.wait(id, patience);

    describe('N8 a call that needs approval', () => {
      test('waits as a run that says for what, and does nothing', async () => {
        const record = await ask();
        expect(record).toMatchObject({
          status: 'waiting',
          waiting: { for: 'approval' },
          workflow: 'send_mail',
          parameters: letter,
          stepsCompleted: [],
          approval: { id: record.id, parametersDigest: digest, requestedBy: assistant },
        });
        expect(await approvals.get(record.id)).toMatchObject({
          id: record.id,
          status: 'pending',
          workflow: 'send_mail',
          description: 'Send a mail.',
          parameters: letter,
          parametersDigest: digest,
          requestedBy: assistant,
        });
        expect(mail.sent).toEqual([]);
      });

      test('is carried out once it is approved, and tells who approved it', async () => {
        const { id } = await ask();
        const decided = await approvals.decide(id, approve, person);
        expect(decided).toMatchObject({ id, status: 'approved' });
        expect(await ended(id)).toMatchObject({
          status: 'completed',
          result: { sent: 'Hello to ada@example.org' },
          approval: {
            decision: { outcome: 'approved', by: person.agent, parametersDigest: digest },
          },
        });
        expect(mail.sent).toEqual(['Hello to ada@example.org']);
        expect(await approvals.get(id)).toMatchObject({
          status: 'approved',
          run: { status: 'completed', result: { sent: 'Hello to ada@example.org' } },
        });
      });

      test('is carried out with other parameters when it is edited, and what was asked for stays known', async () => {
        const { id } = await ask();
        const edited = { to: 'bob@example.org', subject: 'Hi' };
        await approvals.decide(id, { ...approve, decision: 'edit', parameters: edited }, person);
        const record = await ended(id);
        expect(record).toMatchObject({
          status: 'completed',
          parameters: letter,
          result: { sent: 'Hi to bob@example.org' },
          approval: {
            parametersDigest: digest,
            decision: { outcome: 'edited', parameters: edited },
          },
        });
        expect(record.approval!.decision!.parametersDigest).not.toBe(digest);
        expect(mail.sent).toEqual(['Hi to bob@example.org']);
      });

      test('fails with the reason when it is rejected', async () => {
        const { id } = await ask();
        await approvals.decide(
          id,
          { ...approve, decision: 'reject', reason: 'Ada asked for silence' },
          person,
        );
        expect(await ended(id)).toMatchObject({
          status: 'failed',
          error: { code: 'forbidden', message: 'grace rejected it: Ada asked for silence' },
        });
        expect(mail.sent).toEqual([]);
        await runs.resume(id);
        expect(await ended(id)).toMatchObject({ status: 'failed', error: { code: 'forbidden' } });
        expect(mail.sent).toEqual([]);
      });

      test('needs it again when it is tried again', async () => {
        const { id } = await ask();
        await approvals.decide(id, { ...approve, decision: 'reject' }, person);
        await ended(id);
        const again = await runs.retry(id);
        await until(again.id, waits);
        expect(await approvals.get(again.id)).toMatchObject({ status: 'pending' });
        expect(mail.sent).toEqual([]);
      });
    });

    describe('T28 an approval', () => {
      test('of other parameters than those that wait is refused', async () => {
        const { id } = await ask();
        const other = createHash('sha256').update('{}').digest('hex');
        await expect(
          approvals.decide(id, { ...approve, parametersDigest: other }, person),
        ).rejects.toMatchObject({ code: 'conflict', problems: [{ pointer: '/parametersDigest' }] });
        expect(await approvals.get(id)).toMatchObject({ status: 'pending' });
        expect(mail.sent).toEqual([]);
      });

      test('with new parameters that the workflow refuses is refused, and it waits on', async () => {
        const { id } = await ask();
        for (const parameters of [
          { ...letter, to: 'everyone' },
          { ...letter, bcc: 'x@y.org' },
        ])
          await expect(
            approvals.decide(id, { ...approve, decision: 'edit', parameters }, person),
          ).rejects.toMatchObject({ code: 'invalid_parameters' });
        await expect(
          approvals.decide(id, { ...approve, parameters: letter }, person),
        ).rejects.toMatchObject({ code: 'invalid_parameters' });
        expect(await approvals.get(id)).toMatchObject({ status: 'pending' });
      });

      test('cannot be made up as a signal', async () => {
        const { id } = await ask();
        const payload = {
          id: 'x',
          outcome: 'approved',
          by: assistant,
          at: new Date().toISOString(),
          parametersDigest: digest,
        };
        for (const signal of [
          { name: 'graphwright:approval', payload },
          { name: 'graphwright:approval', id: 'graphwright:approval', payload },
          { name: 'other', id: 'graphwright:approval', payload },
        ])
          await expect(runs.signal(id, signal)).rejects.toMatchObject({ code: 'forbidden' });
        await runs.signal(id, { name: 'approval', payload });
        expect(await approvals.get(id)).toMatchObject({ status: 'pending' });
        expect(mail.sent).toEqual([]);
      });

      test('stands once it is made: a second one is refused', async () => {
        const { id } = await ask();
        await approvals.decide(id, { ...approve, decision: 'reject' }, person);
        await expect(approvals.decide(id, approve, person)).rejects.toMatchObject({
          code: 'conflict',
        });
        await ended(id);
        await expect(approvals.decide(id, approve, person)).rejects.toMatchObject({
          code: 'conflict',
        });
        expect(mail.sent).toEqual([]);
      });

      test('of several at the same moment is one', async () => {
        const { id } = await ask();
        const decisions = [...Array(8).keys()].map((index) =>
          approvals.decide(
            id,
            index % 2 ? approve : { ...approve, decision: 'reject', reason: String(index) },
            { agent: { surface: 'http', name: `person-${index}` } },
          ),
        );
        const outcomes = await Promise.allSettled(decisions);
        const made = outcomes.filter((outcome) => outcome.status === 'fulfilled');
        expect(made).toHaveLength(1);
        const refused = outcomes.flatMap((outcome) =>
          outcome.status === 'rejected' ? [outcome.reason as { code: string }] : [],
        );
        expect(refused.map(({ code }) => code)).toEqual(Array(7).fill('conflict'));
        const record = await ended(id);
        expect(record.approval!.decision).toEqual(made[0]!.value.decision);
        expect(mail.sent).toHaveLength(record.status === 'completed' ? 1 : 0);
      });
    });

    describe('N8 A17 waiting for a person', () => {
      test('survives a stop before the decision', async () => {
        const { id } = await ask();
        await reopen();
        expect(await approvals.get(id)).toMatchObject({
          status: 'pending',
          parametersDigest: digest,
          requestedBy: assistant,
        });
        await approvals.decide(id, approve, person);
        expect(await ended(id)).toMatchObject({ status: 'completed' });
        expect(mail.sent).toEqual(['Hello to ada@example.org']);
      });

      test('survives a stop right after the decision', async () => {
        const { id } = await ask();
        await approvals.decide(id, approve, person);
        await reopen();
        expect(await ended(id)).toMatchObject({
          status: 'completed',
          approval: { decision: { outcome: 'approved', by: person.agent } },
        });
        expect(mail.sent).toEqual(['Hello to ada@example.org']);
      });

      test('ends when its time is over', async () => {
        guard({ from: 'assistants', expiresAfter: 30 });
        const { id } = await runs.start(mail, letter, { agent: assistant });
        expect(await ended(id)).toMatchObject({
          status: 'failed',
          error: { code: 'timeout', retriable: false },
        });
        expect(await approvals.get(id)).toMatchObject({ status: 'expired' });
        await expect(approvals.decide(id, approve, person)).rejects.toMatchObject({
          code: 'conflict',
        });
        expect(mail.sent).toEqual([]);
      });

      test('ends when its run is cancelled', async () => {
        const { id } = await ask();
        await runs.cancel(id);
        expect(await approvals.get(id)).toMatchObject({ status: 'withdrawn' });
        await expect(approvals.decide(id, approve, person)).rejects.toMatchObject({
          code: 'conflict',
        });
        expect(mail.sent).toEqual([]);
      });

      test('concerns no run that needs no approval', async () => {
        const { id } = await runs.start(mail, letter, { agent: { surface: 'http' } });
        expect(await ended(id)).toMatchObject({ status: 'completed', approval: undefined });
        await expect(approvals.decide(id, approve, person)).rejects.toMatchObject({
          code: 'not_found',
        });
        await expect(
          runs.decide(id, {
            id: 'x',
            outcome: 'approved',
            by: person.agent,
            at: '',
            parametersDigest: digest,
          }),
        ).rejects.toMatchObject({ code: 'conflict' });
      });
    });

    describe('N8 which calls wait', () => {
      test('the policy says by surface, for workflows that are risky', async () => {
        for (const [from, surface, waiting] of [
          ['never', 'mcp', false],
          ['assistants', 'mcp', true],
          ['assistants', 'langchain', true],
          ['assistants', 'agent', true],
          ['assistants', 'http', false],
          ['assistants', 'command', false],
          ['always', 'program', true],
        ] as const) {
          guard({ from });
          const record = await runs.start(mail, letter, { agent: { surface } });
          expect({ from, surface, waiting: record.approval !== undefined }).toEqual({
            from,
            surface,
            waiting,
          });
        }
      });

      test('a setting by name comes before the rest, and has to name a workflow', async () => {
        guard({ from: 'always', workflows: new Map([['send_mail', 'never']]) });
        const record = await runs.start(mail, letter, { agent: assistant });
        expect(record.approval).toBeUndefined();
        guard({ from: 'never', workflows: new Map([['run_campaign', 'always']]) });
        expect(await runs.start(campaign, { subject: 'x' })).toHaveProperty('approval.id');
        expect(() =>
          guard({ from: 'never', workflows: new Map([['send_mial', 'always']]) }),
        ).toThrow(/no workflow send_mial; did you mean send_mail/);
      });

      test('a workflow decides by its parameters and the caller', async () => {
        await under.close();
        await prepare(
          new SendMail({
            from: 'always',
            when: (parameters: { copies?: number }, caller) =>
              parameters.copies! > 1 || caller.name === 'assistant',
            expiresAfter: 60_000,
          }),
        );
        guard({ from: 'never' });
        const start = (copies: number | undefined, agent: Agent) =>
          runs.start(mail, { ...letter, copies }, { agent });
        expect((await start(undefined, { surface: 'http' })).approval).toBeUndefined();
        expect((await start(2, { surface: 'http' })).approval?.expiresAt).toBeDefined();
        expect((await start(1, assistant)).approval).toBeDefined();
      });

      test('a call that is carried out at once is turned into a run that waits', async () => {
        const call = () => execute(mail, letter, { agent: assistant, owner: 'tenant-a' });
        const refused = await call().then(
          () => undefined,
          (error: unknown) => error as { code: string; details: { run: RunRecord } },
        );
        expect(refused).toMatchObject({
          code: 'approval_required',
          details: { run: { workflow: 'send_mail', owner: 'tenant-a' } },
        });
        const { id } = refused!.details.run;
        await until(id, waits);
        await expect(call()).rejects.toMatchObject({ details: { run: { id } } });
        await approvals.decide(id, approve, person);
        await ended(id);
        expect(mail.sent).toEqual(['Hello to ada@example.org']);
        const again = await call().catch((error: { details: { run: RunRecord } }) => error);
        expect(again).not.toMatchObject({ details: { run: { id } } });
        expect(await execute(mail, letter, { agent: { surface: 'program' } })).toEqual({
          sent: 'Hello to ada@example.org',
        });
      });

      test('a child waits by itself; a call within a call that cannot wait is refused', async () => {
        await expect(
          execute(campaign, { subject: 'Sale' }, { agent: assistant }),
        ).rejects.toMatchObject({ code: 'approval_required', details: undefined });
        expect((await approvals.list()).items).toEqual([]);
        const { id } = await runs.start(campaign, { subject: 'Sale' }, { agent: assistant });
        await until(id, ({ waiting }) => waiting?.for === 'child');
        const { items } = await approvals.list();
        expect(items).toMatchObject([{ workflow: 'send_mail', requestedBy: assistant }]);
        const [{ id: child, parametersDigest }] = items as [(typeof items)[number]];
        await until(child, waits);
        await approvals.decide(child, { decision: 'approve', parametersDigest }, person);
        expect(await ended(id)).toMatchObject({
          status: 'completed',
          result: { sent: 'Sale to all@example.org' },
        });
      });
    });

    describe('N8 T22 who may decide', () => {
      const tenant = (owner: string, rights: string[] = []): Decider => ({
        agent: { surface: 'http', name: owner },
        owner,
        approve: rights,
      });

      test('whoever asked sees it, and others have no such approval', async () => {
        const { id } = await ask({ owner: 'tenant-a' });
        expect(await approvals.get(id, tenant('tenant-a'))).toMatchObject({ status: 'pending' });
        await expect(approvals.decide(id, approve, tenant('tenant-a'))).rejects.toMatchObject({
          code: 'forbidden',
        });
        const stranger = tenant('tenant-b', ['run_campaign']);
        await expect(approvals.get(id, stranger)).rejects.toMatchObject({ code: 'not_found' });
        await expect(approvals.decide(id, approve, stranger)).rejects.toMatchObject({
          code: 'not_found',
        });
        expect((await approvals.list({}, stranger)).items).toEqual([]);
        expect((await approvals.list({}, tenant('tenant-a'))).items).toMatchObject([{ id }]);
        expect(mail.sent).toEqual([]);
      });

      test('whoever may approve a workflow sees and decides its calls', async () => {
        const { id } = await ask({ owner: 'tenant-a' });
        for (const rights of [['send_mail'], ['*']]) {
          const approver = tenant('approver', rights);
          expect((await approvals.list({}, approver)).items).toMatchObject([{ id }]);
          expect(await approvals.get(id, approver)).toMatchObject({ status: 'pending' });
        }
        await approvals.decide(id, approve, tenant('approver', ['send_mail']));
        expect(await ended(id)).toMatchObject({ status: 'completed' });
      });

      test('not whoever asked, where somebody else has to', async () => {
        guard({ from: 'assistants', separateApprover: true });
        const { id } = await ask();
        const requester: Decider = { agent: { surface: 'http', name: assistant.name! } };
        await expect(approvals.decide(id, approve, requester)).rejects.toMatchObject({
          code: 'forbidden',
        });
        const edit: Decision = { ...approve, decision: 'edit', parameters: letter };
        await expect(approvals.decide(id, edit, requester)).rejects.toMatchObject({
          code: 'forbidden',
        });
        await approvals.decide(id, approve, person);
        expect(await ended(id)).toMatchObject({ status: 'completed' });
        const unnamed = await runs.start(mail, letter, { agent: { surface: 'mcp' } });
        await expect(
          approvals.decide(unnamed.id, approve, { agent: { surface: 'http' } }),
        ).rejects.toMatchObject({ code: 'forbidden' });
      });
    });

    test('N8 approvals are listed in pages, the newest first, decided ones when asked for', async () => {
      const ids: string[] = [];
      for (let index = 0; index < 5; index++) ids.unshift((await ask()).id);
      const first = await approvals.list({ limit: 2 });
      expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 2));
      const second = await approvals.list({ limit: 2, cursor: first.nextCursor });
      expect(second.items.map(({ id }) => id)).toEqual(ids.slice(2, 4));
      await approvals.decide(ids[0]!, { ...approve, decision: 'reject' }, person);
      await until(ids[0]!, hasEnded);
      expect((await approvals.list()).items.map(({ id }) => id)).toEqual(ids.slice(1));
      const all = await approvals.list({ pending: false });
      expect(all.items.map(({ id, status }) => [id, status])).toEqual(
        ids.map((id, index) => [id, index === 0 ? 'rejected' : 'pending']),
      );
      expect((await approvals.list({ workflow: 'run_campaign' })).items).toEqual([]);
      await runs.start(mail, letter, { agent: { surface: 'http' } });
      expect((await approvals.list({ pending: false })).items).toHaveLength(5);
    });
  });
}
