import { MemoryConversations } from '../../../src/workflows/conversations/storage/memory.ts';
import { describeStorage } from '../../conformance/conversations-storage.ts';

describeStorage('memory', async () => {
  const storage = new MemoryConversations();
  return { storage, close: () => storage.close() };
});
