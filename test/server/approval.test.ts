import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { server } from '../../src/server/server.ts';
import { approvalWorkflows } from '../../src/workflows/approval/approval-workflows.ts';
import { Approvals } from '../../src/workflows/approval/approvals.ts';
import { EmbeddedRuns } from '../../src/workflows/runs/embedded-runs.ts';
import type { RunRecord } from '../../src/workflows/runs/runs.ts';
import { SendMail } from '../conformance/approvals.ts';

const letter = { to: 'ada@example.org', subject: 'Hello' };
const none = { read: [], write: [], workflows: [] };
const keys = [
  { ...none, name: 'support', key: 'support-support-1', workflows: ['send_mail'] },
  { ...none, name: 'lead', key: 'lead-lead-lead-lead', approve: ['send_mail'] },
  { ...none, name: 'other', key: 'other-other-other-1', approve: ['import_feed'] },
];

let embedded: Awaited<ReturnType<typeof openEmbedded>>;
let runs: EmbeddedRuns;
let app: Awaited<ReturnType<typeof server>>;
let mail: SendMail;

beforeEach(async () => {
  embedded = await openEmbedded({});
  mail = new SendMail();
  const { store, state } = embedded;
  runs = await EmbeddedRuns.open({ state, workflows: [mail] });
  const approvals = new Approvals({ runs, store, settings: { from: 'always' } });
  const workflows = [mail, ...approvalWorkflows(approvals)];
  approvals.guard(workflows);
  app = await server({ store, runs, workflows, apiKey: 'master-master-master', keys });
});
afterEach(async () => {
  await app.close();
  await runs.close();
  await embedded.close();
});

const call = (key: string, method: 'GET' | 'POST', url: string, payload?: object) =>
  app.inject({ method, url, payload, headers: { authorization: `Bearer ${key}` } });

describe('N8 T22 approvals and the rights of keys', () => {
  test('a key approves what its `approve` names, and nothing else', async () => {
    const asked = await call('support-support-1', 'POST', '/workflows/send_mail', letter);
    expect(asked.statusCode).toBe(202);
    const { id, approval } = asked.json<RunRecord>();
    const body = { parametersDigest: approval!.parametersDigest };
    const approve = (key: string) => call(key, 'POST', `/approvals/${id}/approve`, body);
    expect((await approve('support-support-1')).statusCode).toBe(403);
    expect((await approve('other-other-other-1')).statusCode).toBe(404);
    expect((await call('other-other-other-1', 'GET', '/approvals')).json()).toEqual({ items: [] });
    expect(
      (await call('lead-lead-lead-lead', 'POST', '/workflows/send_mail', letter)).statusCode,
    ).toBe(403);
    expect((await call('lead-lead-lead-lead', 'GET', '/approvals')).json()).toMatchObject({
      items: [{ id, requestedBy: { name: 'support' } }],
    });
    expect((await approve('lead-lead-lead-lead')).statusCode).toBe(200);
    expect(await runs.wait(id, 10_000)).toMatchObject({
      status: 'completed',
      approval: { decision: { by: { surface: 'http', name: 'lead' } } },
    });
  });

  test('the key that opens everything sees and decides all', async () => {
    const asked = await call('support-support-1', 'POST', '/workflows/send_mail', letter);
    const { id, approval } = asked.json<RunRecord>();
    const list = await call('master-master-master', 'GET', '/approvals');
    expect(list.json()).toMatchObject({ items: [{ id }] });
    const body = { parametersDigest: approval!.parametersDigest, reason: 'Not today' };
    const rejected = await call('master-master-master', 'POST', `/approvals/${id}/reject`, body);
    expect(rejected.json()).toMatchObject({ status: 'rejected' });
    expect(await runs.wait(id, 10_000)).toMatchObject({ error: { code: 'forbidden' } });
    expect(mail.sent).toEqual([]);
  });
});
