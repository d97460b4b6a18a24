import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileConversations } from '../../../src/workflows/conversations/storage/file/file-conversations.ts';
import { MemoryConversations } from '../../../src/workflows/conversations/storage/memory.ts';
import { TenantStorages } from '../../../src/workflows/conversations/storage/tenant-storages.ts';
import { describeStorage } from '../../conformance/conversations-storage.ts';
import { commitOf } from '../../support/stored-commits.ts';

// One storage for all, since the suite has a limit on all tenants together.
describeStorage(
  'memory for each tenant',
  async () => {
    const one = new MemoryConversations();
    const storage = await TenantStorages.open({ open: async () => one });
    return { storage, close: () => storage.close() };
  },
  { keeps: false },
);

test('V20 each tenant has a directory of its own, and all are taken up again', async () => {
  const root = await mkdtemp(join(tmpdir(), 'graphwright-tenants-'));
  const open = () =>
    TenantStorages.open({
      open: (tenant) => FileConversations.open({ directory: join(root, tenant) }),
      tenants: () => readdir(root),
    });
  let storage = await open();
  for (const tenant of ['a', 'b'])
    await storage.commit(commitOf(1, { tenant }, { entry: { data: `words of ${tenant}` } }));
  await storage.close();
  const file = await readFile(join(root, 'a', 'a', 'c1.jsonl'), 'utf8');
  expect(file).toContain('words of a');
  expect(file).not.toContain('words of b');
  storage = await open();
  const all = await storage.list({ limit: 10 });
  expect(all.map(({ tenant }) => tenant)).toEqual(['b', 'a']);
  await storage.close();
  await rm(root, { recursive: true });
});
