import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PostgresConversations } from '../../../src/workflows/conversations/storage/postgres/postgres-conversations.ts';
import { openConversationStorage } from '../../../src/workflows/conversations/settings/open-storage.ts';
import { readConversationSettings } from '../../../src/workflows/conversations/settings/read-settings.ts';
import { describePrivacy } from '../../conformance/conversation-privacy.ts';
import { describeConversations } from '../../conformance/conversations.ts';
import { describeStorage } from '../../conformance/conversations-storage.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { openShared } from '../../support/shared-storage.ts';

let postgres: Postgres;
let databases = 0;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.close());

const newDatabase = () => postgres.database(`conversations_${(databases += 1)}`);

const openStorage = async () => {
  const connectionString = await newDatabase();
  return openShared(() => PostgresConversations.open({ connectionString }));
};

describeStorage('Postgres', openStorage);
describeConversations('Postgres', openStorage, { shared: true });
describePrivacy('Postgres', async () => {
  const connectionString = await newDatabase();
  return {
    settings: { backend: 'postgres', postgres: { connection_string: connectionString } },
    dump: () => dump(connectionString),
    close: async () => {},
  };
});

/** Every value of every table, bytes as text. */
async function dump(connectionString: string): Promise<string> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rows: tables } = await client.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await client.query<Record<string, unknown>>(`SELECT * FROM ${name}`);
    for (const value of rows.flatMap((row) => Object.values(row)))
      texts.push(Buffer.isBuffer(value) ? value.toString('latin1') : String(value));
  }
  await client.end();
  return texts.join('\n');
}

describe('V14 conversations in Postgres', () => {
  test('are in tables that the settings name, and other names are refused', async () => {
    const connectionString = await newDatabase();
    const tables = { conversations: 'public.my_conversations', entries: 'my_entries' };
    const storage = await PostgresConversations.open({ connectionString, tables });
    await storage.close();
    const client = new pg.Client({ connectionString });
    await client.connect();
    const { rows } = await client.query(
      "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
    );
    await client.end();
    expect(rows.map(({ tablename }) => tablename as string)).toEqual([
      'graphwright_conversation_events',
      'graphwright_conversation_windows',
      'my_conversations',
      'my_entries',
    ]);
    for (const conversations of ['a; DROP TABLE x', '', 'A', 'a.b.c', 'my_entries'])
      await expect(
        PostgresConversations.open({ connectionString, tables: { ...tables, conversations } }),
      ).rejects.toMatchObject({ code: 'invalid_configuration' });
  });

  test('may be opened by many processes at once, on an empty database', async () => {
    const connectionString = await newDatabase();
    const all = await Promise.all(
      Array.from({ length: 5 }, () => PostgresConversations.open({ connectionString })),
    );
    for (const storage of all) {
      expect(await storage.list({ limit: 1 })).toEqual([]);
      await storage.close();
    }
  });

  test('A15 say that the database cannot be reached, when it cannot', async () => {
    const connectionString = 'postgres://postgres@127.0.0.1:1/none';
    await expect(PostgresConversations.open({ connectionString })).rejects.toMatchObject({
      code: 'unavailable',
      retriable: true,
    });
  });
});

test('V20 each tenant may have a database of its own, which the settings name', async () => {
  const names = ['acme', 'other'];
  const urls = await Promise.all(names.map((name) => postgres.database(`tenant_${name}`)));
  const settings = {
    backend: 'postgres',
    connection_string: urls[0]!.replace('acme', '{tenant}'),
    tenants: { isolation: true, names },
  };
  const storage = await openConversationStorage(readConversationSettings({ settings }));
  for (const tenant of names)
    await storage.commit({
      expected: 0,
      head: {
        tenant,
        id: 'c1',
        flow: 'survey',
        sessionId: 's1',
        status: 'active',
        version: 1,
        createdAt: 1,
        updatedAt: 1,
        data: 'facts',
      },
      entry: { version: 1, at: 1, data: `words of ${tenant}` },
    });
  expect(await storage.list({ limit: 10 })).toHaveLength(2);
  await storage.close();
  const text = await dump(urls[1]!);
  expect(text).toContain('words of other');
  expect(text).not.toContain('words of acme');
});
