import type { ConversationStorage } from '../../src/workflows/conversations/storage/storage.ts';
import type { StorageUnderTest } from '../conformance/conversations-storage.ts';

/** A storage that a server keeps, opened as often as a test wants it. */
export async function openShared(
  openOne: () => Promise<ConversationStorage>,
): Promise<StorageUnderTest> {
  const opened: ConversationStorage[] = [];
  const open = async () => {
    const storage = await openOne();
    opened.push(storage);
    return storage;
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
}
