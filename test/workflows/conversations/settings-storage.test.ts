import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStateFile } from '../../../src/ontology/embedded/state-file.ts';
import { openConversationStorage } from '../../../src/workflows/conversations/settings/open-storage.ts';
import { readConversationSettings } from '../../../src/workflows/conversations/settings/read-settings.ts';
import { describePrivacy } from '../../conformance/conversation-privacy.ts';
import { commitOf } from '../../support/stored-commits.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'graphwright-storage-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = (settings: unknown) =>
  openConversationStorage(readConversationSettings({ settings }), { directory });

const firstOf = (tenant: string) =>
  commitOf(1, { tenant }, { entry: { data: `words of ${tenant}` } });

/** What SQLite says of a file, as whoever opens it next finds it. */
async function pragma(path: string, name: string): Promise<unknown> {
  const state = await openStateFile({ path, journalMode: 'DELETE' });
  const [row] = await state.read({ sql: `PRAGMA ${name}` });
  await state.close();
  return row && Object.values(row)[0];
}

describe('V15 settings of SQLite', () => {
  test('database_path and tables: where conversations lie', async () => {
    const tables = {
      conversations: 'my_conversations',
      steps: 'my_steps',
      checkpoints: 'my_checkpoints',
      sessions: 'my_sessions',
    };
    const storage = await open({ sqlite: { database_path: './deep/talk.db', tables } });
    await storage.commit(firstOf('a'));
    await storage.close();
    const state = await openStateFile({ path: join(directory, 'deep/talk.db') });
    const rows = await state.read<{ name: string }>({
      sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'my%' ORDER BY name",
    });
    expect(rows.map(({ name }) => name)).toEqual([
      'my_checkpoints',
      'my_conversations',
      'my_conversations_conversation_refusals',
      'my_sessions',
      'my_steps',
    ]);
    await state.close();
  });

  test.each([
    'runs',
    'sqlite_master',
    'a b',
    'x"; DROP TABLE y; --',
    'head',
    'conversation_entries',
  ])('T35 tables: %j is refused as a name', async (conversations) => {
    await expect(open({ sqlite: { tables: { conversations } } })).rejects.toMatchObject({
      code: 'invalid_configuration',
    });
  });

  test('enable_wal and journal_mode: how it is written', async () => {
    for (const [settings, expected] of [
      [{}, true],
      [{ enable_wal: false }, false],
      [{ journal_mode: 'truncate' }, false],
    ] as const) {
      const storage = await open({ sqlite: { database_path: './talk.db', ...settings } });
      await storage.commit(firstOf('a'));
      expect((await readdir(directory)).includes('talk.db-wal')).toBe(expected);
      await storage.close();
      const again = await open({ sqlite: { database_path: './talk.db', ...settings } });
      expect(await again.load({ tenant: 'a', id: 'c1' })).toBeDefined();
      await again.close();
      for (const name of await readdir(directory)) await rm(join(directory, name));
    }
  });

  test('auto_vacuum: whether the file shrinks, also one that was there before', async () => {
    const path = join(directory, 'talk.db');
    for (const [on, expected] of [
      [false, 0],
      [true, 1],
      [false, 0],
    ] as const) {
      const storage = await open({ sqlite: { database_path: './talk.db', auto_vacuum: on } });
      await storage.commit(firstOf('a'));
      await storage.close();
      expect(await pragma(path, 'auto_vacuum')).toBe(expected);
    }
  });

  test('timeout: how long to wait while another process has the file', async () => {
    const settings = (timeout: number) => ({ sqlite: { database_path: './talk.db', timeout } });
    const first = await open(settings(0));
    await expect(open(settings(0))).rejects.toMatchObject({ code: 'data_in_use' });
    const started = performance.now();
    await expect(open(settings(0.3))).rejects.toMatchObject({ code: 'data_in_use' });
    expect(performance.now() - started).toBeGreaterThan(290);
    const second = open(settings(60));
    await first.close();
    await (await second).close();
  });
});

describe('V20 a database of its own for each tenant', () => {
  test.each([
    ['beside one another', './talk.db', 'b', 'b/talk.db'],
    ['where the path says', './all/{tenant}/deep/talk.db', 'B_1', 'all/+b_1/deep/talk.db'],
  ])('is made %s, and taken up again', async (_, path, tenant, file) => {
    const settings = { database_path: path, tenant_isolation: true };
    const storage = await open(settings);
    for (const name of ['a', tenant]) await storage.commit(firstOf(name));
    await storage.close();
    const text = await readFile(join(directory, file), 'latin1');
    expect(text).toContain(`words of ${tenant}`);
    expect(text).not.toContain('words of a');
    const again = await open(settings);
    const found = await again.list({ limit: 10 });
    expect(found.map((head) => head.tenant)).toEqual([tenant, 'a'].toSorted().toReversed());
    await again.close();
  });

  test('is made of files as well', async () => {
    const settings = { backend: 'file', state_directory: './talk', tenant_isolation: true };
    const storage = await open(settings);
    for (const tenant of ['a', 'B']) await storage.commit(firstOf(tenant));
    await storage.close();
    expect((await readdir(join(directory, 'talk'))).toSorted()).toEqual(['+b', 'a']);
    const again = await open(settings);
    expect(await again.list({ limit: 10 })).toHaveLength(2);
    await again.close();
  });

  test('needs to be told where the tenant goes', async () => {
    const isolated = (settings: object) => open({ tenant_isolation: true, ...settings });
    await expect(isolated({ database_path: './x-{tenant}/talk.db' })).rejects.toThrow(/whole dir/);
    await expect(
      isolated({ backend: 'postgres', connection_string: 'postgres://localhost/x' }),
    ).rejects.toThrow(/\{tenant\}/);
    await expect(isolated({ backend: 'redis', redis: { prefix: 'x:' } })).rejects.toThrow(
      /redis.prefix/,
    );
    await expect(open({ backend: 'postgres' })).rejects.toThrow(/postgres.connectionString/);
  });
});

/** Every byte of every file below a directory, as text. */
async function onDisk(path: string): Promise<string> {
  const files = await readdir(path, { recursive: true, withFileTypes: true });
  const texts = files
    .filter((file) => file.isFile())
    .map((file) => readFile(join(file.parentPath, file.name), 'latin1'));
  return (await Promise.all(texts)).join('\n');
}

for (const [name, settings] of [
  ['SQLite', { sqlite: { database_path: './talk.db' } }],
  ['SQLite, one for each tenant', { database_path: './talk.db', tenant_isolation: true }],
  ['files', { backend: 'file' }],
  ['memory', { backend: 'memory' }],
] as const)
  describePrivacy(name, async () => {
    const path = await mkdtemp(join(tmpdir(), 'graphwright-private-'));
    return {
      settings,
      directory: path,
      ...(name !== 'memory' && { dump: () => onDisk(path) }),
      close: () => rm(path, { recursive: true }),
    };
  });
