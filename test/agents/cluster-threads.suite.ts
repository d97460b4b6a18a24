import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PostgresThreads } from '../../src/agents/postgres-threads.ts';
import { Threads } from '../../src/agents/threads.ts';
import { describeThreads } from '../conformance/threads.ts';
import { agentKit, callsOf, type AgentKit } from '../support/agents.ts';
import { chatServer } from '../support/chat-server.ts';
import { start, temporaryDirectory } from '../support/command.ts';
import { startPostgres, type Postgres } from '../support/postgres.ts';

let postgres: Postgres;
let databases = 0;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.close());

const database = () => postgres.database(`threads_${(databases += 1)}`);

describeThreads('Postgres', async () => ({
  store: new PostgresThreads(await database()),
  close: async () => undefined,
}));

/** Asks a database as its administrator. */
async function query<Row extends pg.QueryResultRow>(databaseUrl: string, sql: string) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

const heard = ({ models }: AgentKit) =>
  callsOf(models.get('model'))
    .at(-1)!
    .slice(1)
    .map(([, text]) => text);

/** What each did: the texts of the answers, and the codes of the refusals. */
const outcomes = (settled: readonly PromiseSettledResult<{ text: string }>[]) =>
  settled.map((each) =>
    each.status === 'fulfilled' ? each.value.text : (each.reason as { code: string }).code,
  );

describe('agents that share threads in Postgres', () => {
  test('hear in turn what was said to the others', async () => {
    const databaseUrl = await database();
    await using one = await agentKit(
      { model: ['Hello Ada.', 'Ada, who likes tea.'] },
      { databaseUrl },
    );
    await using other = await agentKit({ model: ['Noted.'] }, { databaseUrl });
    const { threadId } = await one.agents.complete('assistant', { message: 'I am Ada.' });
    await other.agents.complete('assistant', { message: 'I like tea.', threadId });
    await one.agents.complete('assistant', { message: 'Who am I?', threadId });
    const said = ['I am Ada.', 'Hello Ada.', 'I like tea.'];
    expect(heard(other)).toEqual(said);
    expect(heard(one)).toEqual([...said, 'Noted.', 'Who am I?']);
    // Nothing of it lies in the file of either.
    const sql = "SELECT name FROM sqlite_schema WHERE name LIKE 'agent_%'";
    expect(await one.state.read({ sql })).toEqual([]);
  });

  test('never answer two questions of a thread at once, and lose no answer', async () => {
    const databaseUrl = await database();
    const replies = Array.from({ length: 20 }, (_, index) => `Answer ${index}.`);
    const kits = await Promise.all(
      [1, 2, 3].map(() => agentKit({ model: replies }, { databaseUrl })),
    );
    const [first] = kits;
    const { threadId } = await first!.agents.complete('assistant', { message: 'Begin' });
    let answering = 0;
    let most = 0;
    const ask = (kit: AgentKit, message: string) =>
      kit.agents.complete(
        'assistant',
        { message, threadId },
        {
          async onEvent({ type }) {
            if (type === 'start') most = Math.max(most, (answering += 1));
            if (type === 'end') answering -= 1;
          },
        },
      );
    const answered: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      const asked = kits.map((kit, index) => ask(kit, `${round}.${index}`));
      const found = await Promise.allSettled(asked);
      const texts = outcomes(found);
      expect(texts.filter((text) => text !== 'conflict').length).toBeGreaterThan(0);
      expect(texts.every((text) => text === 'conflict' || text.startsWith('Answer'))).toBe(true);
      found.forEach(({ status }, index) => {
        if (status === 'fulfilled') answered.push(`${round}.${index}`);
      });
    }
    expect(most).toBe(1);
    const turns = await first!.agents.threads.turns(threadId, undefined);
    const kept = turns.slice(1).map(({ messages }) => messages[0]!.text);
    expect(kept.toSorted()).toEqual(answered.toSorted());
    for (const kit of kits) await kit.agents.close();
  });

  test('keep an answer whose lock was lost on the way, and go on', async () => {
    const databaseUrl = await database();
    await using kit = await agentKit({ model: ['One.', 'Two.', 'Three.'] }, { databaseUrl });
    const { threadId } = await kit.agents.complete('assistant', { message: 'a' });
    const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`;
    const onEvent = async ({ type }: { type: string }) => {
      if (type === 'start') await query(databaseUrl, cut);
    };
    const { text } = await kit.agents.complete(
      'assistant',
      { message: 'b', threadId },
      { onEvent },
    );
    expect(text).toBe('Two.');
    await kit.agents.complete('assistant', { message: 'c', threadId });
    expect(heard(kit)).toEqual(['a', 'One.', 'b', 'Two.', 'c']);
  });

  test('say that the database is away, and leave nothing behind', async () => {
    const databaseUrl = 'postgres://postgres@127.0.0.1:1/none';
    await using kit = await agentKit({ model: ['Never said.'] }, { databaseUrl });
    const asked = kit.agents.complete('assistant', { message: 'a' });
    await expect(asked).rejects.toMatchObject({ code: 'unavailable', retriable: true });
    expect(kit.models.size).toBe(0);
  });

  test('need no right to make tables once these are there', async () => {
    const databaseUrl = await database();
    const threads = new Threads(new PostgresThreads(databaseUrl), { maxAge: 1, maxTurns: 1 });
    await threads.list(undefined, { limit: 1 });
    await threads.close();
    await query(
      databaseUrl,
      `CREATE ROLE clerk LOGIN; GRANT USAGE ON SCHEMA graphwright TO clerk;
       GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA graphwright TO clerk`,
    );
    const asClerk = databaseUrl.replace('postgres@', 'clerk@');
    await using kit = await agentKit({ model: ['One.'] }, { databaseUrl: asClerk });
    expect(await kit.agents.complete('assistant', { message: 'a' })).toMatchObject({
      text: 'One.',
    });
  });
});

/** What a model server says that cannot go on. */
function refuse(response: ServerResponse): void {
  response.writeHead(400, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { message: 'It cannot' } }));
}

/** A server of its own process, as somebody starts one. */
async function serve(databaseUrl: string, modelUrl: string) {
  const directory = await temporaryDirectory();
  const env = {
    GRAPHWRIGHT_RUNS_DATABASE_URL: databaseUrl,
    GRAPHWRIGHT_AGENTS_MODEL: 'openai:gpt-test',
    GRAPHWRIGHT_AGENTS_API_KEY: 'sk-of-the-test',
    GRAPHWRIGHT_AGENTS_BASE_URL: modelUrl,
  };
  const { child, ended } = start(['serve', '--port', '0'], { cwd: directory.path, env });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const url = await vi.waitUntil(() => /"url":"([^"]+)"/.exec(log)?.[1], { timeout: 60_000 });
  return {
    ask: (message: string, threadId?: string) =>
      vi.waitUntil(
        async () => {
          const answer = await fetch(`${url}/agents/assistant/completion`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ message, threadId }),
          });
          // A process that is busy with loading turns requests away.
          return answer.status === 503 ? undefined : answer;
        },
        { timeout: 60_000, interval: 100 },
      ),
    get: (path: string, method = 'GET') => fetch(url + path, { method }),
    async end(signal: NodeJS.Signals = 'SIGTERM') {
      child.kill(signal);
      await ended;
      await directory[Symbol.asyncDispose]();
    },
  };
}

test('A20 V23 two servers share a thread: in turn, at once, and when one of them is killed', async () => {
  let release!: () => void;
  const held = new Promise<void>((resolve) => (release = resolve));
  await using model = await chatServer(
    'Hello Ada.',
    { raw: (response) => void held.then(() => refuse(response)) },
    'You are Ada.',
    'never',
    'Still here.',
  );
  const databaseUrl = await database();
  const servers = await Promise.all([1, 2].map(() => serve(databaseUrl, model.url)));
  const [one, other] = servers as [Awaited<ReturnType<typeof serve>>, (typeof servers)[number]];
  const contents = () =>
    model.requests
      .at(-1)!
      .messages.slice(1)
      .map(({ content }) => content);
  try {
    const first = await one.ask('I am Ada.');
    const begun = (await first.json()) as { threadId: string };
    expect(begun).toMatchObject({ text: 'Hello Ada.' });
    const { threadId } = begun;

    const slow = other.ask('Who am I?', threadId);
    await vi.waitUntil(() => model.requests.length === 2, { timeout: 20_000 });
    const early = await one.ask('Am I Ada?', threadId);
    expect([early.status, await early.json()]).toMatchObject([
      409,
      { code: 'conflict', retriable: true },
    ]);
    release();
    // What failed leaves the thread free and as it was.
    expect(await (await slow).json()).toMatchObject({ code: 'integration_refused' });
    const again = await one.ask('Am I Ada?', threadId);
    expect(await again.json()).toMatchObject({ text: 'You are Ada.' });
    expect(contents()).toEqual(['I am Ada.', 'Hello Ada.', 'Am I Ada?']);

    const lost = one.ask('Are you there?', threadId).catch(() => 'lost');
    await vi.waitUntil(() => model.requests.length === 4, { timeout: 20_000 });
    expect((await other.ask('And now?', threadId)).status).toBe(409);
    await one.end('SIGKILL');
    expect(await lost).toBe('lost');
    const after = await vi.waitUntil(
      async () => {
        const answer = await other.ask('Are you there?', threadId);
        return answer.status === 409 ? undefined : answer;
      },
      { timeout: 20_000, interval: 100 },
    );
    expect(await after.json()).toMatchObject({ text: 'Still here.' });
    const shown = await other.get(`/agents/threads/${threadId}`);
    expect(await shown.json()).toMatchObject({
      turns: [
        { messages: [{ text: 'I am Ada.' }, { text: 'Hello Ada.' }] },
        { messages: [{ text: 'Am I Ada?' }, { text: 'You are Ada.' }] },
        { messages: [{ text: 'Are you there?' }, { text: 'Still here.' }] },
      ],
    });
    expect((await other.get(`/agents/threads/${randomUUID()}`)).status).toBe(404);
    expect((await other.get(`/agents/threads/${threadId}`, 'DELETE')).status).toBe(204);
    expect((await other.get(`/agents/threads/${threadId}`)).status).toBe(404);
  } finally {
    release();
    await Promise.all(servers.map((each) => each.end()));
  }
}, 120_000);
