import type { AddressInfo } from 'node:net';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { sparql } from '../../src/ontology/sparql.ts';
import { keysOf } from '../../src/server/keys.ts';
import { server, type ServerConfiguration } from '../../src/server/server.ts';
import { approvalWorkflows } from '../../src/workflows/approval/approval-workflows.ts';
import { Approvals } from '../../src/workflows/approval/approvals.ts';
import { EmbeddedRuns } from '../../src/workflows/runs/embedded-runs.ts';
import { SendMail } from '../conformance/approvals.ts';
import { textOf } from '../support/mcp.ts';

const letter = { to: 'ada@example.org', subject: 'Hello' };
const master = 'master-master-master';
const none = { read: [], write: [], workflows: ['send_mail'] };
const approver = { ...none, approve: ['send_mail'] };
const keys = [
  { ...none, name: 'support', key: 'support-support-1' },
  { ...approver, name: 'lead', key: 'lead-lead-lead-lead', approveOverMcp: true },
  {
    ...none,
    name: 'clerk',
    key: 'clerk-clerk-clerk-1',
    approve: ['import_feed'],
    approveOverMcp: true,
  },
  { ...approver, name: 'boss', key: 'boss-boss-boss-boss', workflows: ['*'] },
];

let embedded: Awaited<ReturnType<typeof openEmbedded>>;
let runs: EmbeddedRuns;
let app: Awaited<ReturnType<typeof server>>;
let mail: SendMail;
let clients: Client[];

async function open(given: Pick<ServerConfiguration, 'apiKey' | 'keys'>) {
  const { store, state } = embedded;
  mail = new SendMail();
  runs = await EmbeddedRuns.open({ state, workflows: [mail] });
  const approvals = new Approvals({ runs, store, settings: { from: 'assistants' } });
  const workflows = [mail, ...approvalWorkflows(approvals)];
  approvals.guard(workflows);
  app = await server({ store, runs, workflows, ...given });
  await app.listen({ host: '127.0.0.1', port: 0 });
}

async function close() {
  for (const client of clients.splice(0)) await client.close();
  app.server.closeAllConnections();
  await app.close();
  await runs.close();
}

beforeEach(async () => {
  clients = [];
  embedded = await openEmbedded({ provenance: { level: 'statement' } });
  await open({ apiKey: master, keys });
});
afterEach(async () => {
  await close();
  await embedded.close();
});

/** An assistant with a key, over streamable HTTP. */
async function assistant(key: string) {
  const client = new Client(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  clients.push(client);
  const { port } = app.server.address() as AddressInfo;
  const headers = { authorization: `Bearer ${key}` };
  const url = new URL(`http://127.0.0.1:${port}/mcp`);
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
  return {
    client,
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: (name: string, given: Record<string, unknown>) =>
      client.callTool({ name, arguments: given }),
    /** Asks for the mail, which waits. */
    async ask() {
      const answer = await client.callTool({ name: 'send_mail', arguments: letter });
      expect(answer.structuredContent).toMatchObject({ status: 'waiting' });
      const { approval } = answer.structuredContent as {
        approval: { id: string; parametersDigest: string };
      };
      return { id: approval.id, parametersDigest: approval.parametersDigest };
    },
  };
}

const over = (key: string, url: string, payload: object) =>
  app.inject({ method: 'POST', url, payload, headers: { authorization: `Bearer ${key}` } });

const deciding = ['list_approvals', 'decide_approval'];

describe('N8 approval over MCP', () => {
  test('one assistant asks, another lists, edits and approves, and the graph tells who', async () => {
    const support = await assistant('support-support-1');
    const lead = await assistant('lead-lead-lead-lead');
    const { id, parametersDigest } = await support.ask();
    expect(mail.sent).toEqual([]);
    const list = await lead.call('list_approvals', {});
    expect(list.structuredContent).toMatchObject({
      items: [{ id, parameters: letter, requestedBy: { surface: 'mcp', name: 'support' } }],
    });
    const edit = { id, parametersDigest, decision: 'edit', reason: 'Shorter' };
    const wrong = await lead.call('decide_approval', { ...edit, parameters: { to: 'nobody' } });
    expect(JSON.parse(textOf(wrong))).toMatchObject({ error: 'invalid_parameters' });
    const parameters = { ...letter, subject: 'Hi' };
    const edited = await lead.call('decide_approval', { ...edit, parameters });
    expect(edited.structuredContent).toMatchObject({
      status: 'edited',
      decision: { by: { surface: 'mcp', name: 'lead' } },
    });
    await runs.wait(id, 10_000);
    expect(mail.sent).toEqual(['Hi to ada@example.org']);
    const second = await support.ask();
    await lead.call('decide_approval', { ...second, decision: 'approve' });
    await runs.wait(second.id, 10_000);
    expect(mail.sent).toEqual(['Hi to ada@example.org', 'Hello to ada@example.org']);
    const rows = await embedded.store.select(sparql`
      PREFIX prov: <http://www.w3.org/ns/prov#>
      PREFIX gw: <https://w3id.org/graphwright#>
      SELECT ?outcome ?surface ?decider ?asker WHERE {
        GRAPH <urn:graphwright:graph:approval_data> {
          ?run prov:wasInformedBy ?decision .
          ?decision gw:outcome ?outcome ; prov:wasAssociatedWith ?agent .
          ?agent gw:agentName ?decider ; gw:surface ?surface .
        }
        GRAPH <urn:graphwright:graph:provenance> { ?run prov:wasAssociatedWith/gw:agentName ?asker }
      } ORDER BY ?outcome`);
    const told = { surface: 'mcp', decider: 'lead', asker: 'support' };
    expect(
      rows.map((row) =>
        Object.fromEntries(Object.entries(row).map(([key, term]) => [key, term?.value])),
      ),
    ).toEqual([
      { ...told, outcome: 'approved' },
      { ...told, outcome: 'edited' },
    ]);
  });

  test('what is rejected is not carried out, and who asked learns why', async () => {
    const support = await assistant('support-support-1');
    const lead = await assistant('lead-lead-lead-lead');
    const asked = await support.ask();
    const reject = { ...asked, decision: 'reject', reason: 'Not today' };
    expect((await lead.call('decide_approval', reject)).isError).toBeFalsy();
    await runs.wait(asked.id, 10_000);
    const told = await support.call('get_approval', { id: asked.id });
    expect(told.structuredContent).toMatchObject({
      status: 'rejected',
      run: { error: { code: 'forbidden', message: expect.stringContaining('Not today') } },
    });
    expect(mail.sent).toEqual([]);
  });

  test('T22 only a key whose `approveOverMcp` says so finds a tool to decide with', async () => {
    expect(await (await assistant('lead-lead-lead-lead')).tools()).toEqual(
      expect.arrayContaining(deciding),
    );
    for (const key of ['support-support-1', 'boss-boss-boss-boss', master]) {
      const { tools, call, client } = await assistant(key);
      expect((await tools()).filter((name) => deciding.includes(name))).toEqual([]);
      expect(client.getInstructions()).not.toContain('decision');
      await expect(call('list_approvals', {})).rejects.toThrow('No tool list_approvals');
    }
  });

  test('T28 an assistant that obeys a text decides on no call beyond what its key may approve', async () => {
    const support = await assistant('support-support-1');
    const asked = await support.ask();
    const clerk = await assistant('clerk-clerk-clerk-1');
    expect((await clerk.call('list_approvals', {})).structuredContent).toEqual({ items: [] });
    for (const call of [
      clerk.call('get_approval', { id: asked.id }),
      clerk.call('decide_approval', { ...asked, decision: 'approve' }),
    ])
      expect(JSON.parse(textOf(await call))).toMatchObject({ error: 'not_found' });
    expect(mail.sent).toEqual([]);
  });

  test('T28 nobody decides on what it asked for itself, over MCP or with the same key over HTTP', async () => {
    const lead = await assistant('lead-lead-lead-lead');
    const { id, ...digest } = await lead.ask();
    for (const decision of ['approve', 'reject']) {
      const refused = await lead.call('decide_approval', { id, ...digest, decision });
      expect(JSON.parse(textOf(refused))).toMatchObject({
        error: 'forbidden',
        message: expect.stringContaining('asked for this call itself'),
      });
    }
    const parameters = { ...letter, to: 'evil@example.net' };
    const edit = { id, ...digest, decision: 'edit', parameters };
    expect(JSON.parse(textOf(await lead.call('decide_approval', edit)))).toMatchObject({
      error: 'forbidden',
    });
    const same = await over('lead-lead-lead-lead', `/approvals/${id}/approve`, digest);
    expect(same.statusCode).toBe(403);
    expect(same.json().detail).toContain('with another key');
    expect(mail.sent).toEqual([]);
    const other = await over('boss-boss-boss-boss', `/approvals/${id}/approve`, digest);
    expect(other.statusCode).toBe(200);
    await runs.wait(id, 10_000);
    expect(mail.sent).toHaveLength(1);
  });

  test('T28 what a key asked for over HTTP it does not decide on over MCP', async () => {
    await close();
    const { store, state } = embedded;
    runs = await EmbeddedRuns.open({ state, workflows: [mail] });
    const approvals = new Approvals({ runs, store, settings: { from: 'always' } });
    const workflows = [mail, ...approvalWorkflows(approvals)];
    approvals.guard(workflows);
    app = await server({ store, runs, workflows, keys });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const asked = await over('lead-lead-lead-lead', '/workflows/send_mail', letter);
    const { id, approval } = asked.json();
    const { parametersDigest } = approval;
    const lead = await assistant('lead-lead-lead-lead');
    const approve = { id, parametersDigest, decision: 'approve' };
    expect(JSON.parse(textOf(await lead.call('decide_approval', approve)))).toMatchObject({
      error: 'forbidden',
    });
    expect(mail.sent).toEqual([]);
  });

  test('who has the only key that may approve approves with it over HTTP, never over MCP', async () => {
    await close();
    await open({ apiKey: master, keys: [keys[0]!] });
    const { id, ...digest } = await (await assistant(master)).ask();
    const approved = await over(master, `/approvals/${id}/approve`, digest);
    expect(approved.statusCode).toBe(200);
    await close();
    await open({ apiKey: master, keys });
    const asked = await (await assistant(master)).ask();
    const { id: next, parametersDigest } = asked;
    const refused = await over(master, `/approvals/${next}/approve`, { parametersDigest });
    expect(refused.statusCode).toBe(403);
    const withdrawn = await over(master, `/approvals/${next}/reject`, { parametersDigest });
    expect(withdrawn.statusCode).toBe(200);
  });
});

test('N8 each key is told which calls others may approve', () => {
  const told = (apiKey: string | undefined, named: typeof keys) =>
    keysOf(apiKey, named).map(({ name, othersApprove }) => [name, othersApprove]);
  expect(told(master, keys.slice(0, 2))).toEqual([
    [undefined, ['send_mail']],
    ['support', ['*', 'send_mail']],
    ['lead', ['*']],
  ]);
  expect(told(undefined, keys.slice(1, 2))).toEqual([['lead', []]]);
});
