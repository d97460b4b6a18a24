import { MemoryConversations } from '../../../src/workflows/conversations/storage/memory.ts';
import { describeConversations } from '../../conformance/conversations.ts';
import { describeStorage } from '../../conformance/conversations-storage.ts';

const open = async () => {
  const storage = new MemoryConversations();
  return { storage, close: () => storage.close() };
};

describeStorage('memory', open, { keeps: false });
describeConversations('memory', open);
