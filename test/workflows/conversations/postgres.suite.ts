import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PostgresConversations } from '../../../src/workflows/conversations/storage/postgres/postgres-conversations.ts';
import { describeConversations } from '../../conformance/conversations.ts';
import { describeStorage } from '../../conformance/conversations-storage.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';

let postgres: Postgres;
let databases = 0;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.close());

const newDatabase = () => postgres.database(`conversations_${(databases += 1)}`);

const openStorage = async () => {
  const connectionString = await newDatabase();
  const opened: PostgresConversations[] = [];
  const open = async () => {
    opened.push(await PostgresConversations.open({ connectionString }));
    return opened.at(-1)!;
  };
  return {
    storage: await open(),
    second: open,
    async reopen() {
      await opened.pop()!.close();
      return open();
    },
    async close() {
      for (const storage of opened) await storage.close();
    },
  };
};

describeStorage('Postgres', openStorage);
describeConversations('Postgres', openStorage);

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
