import { MemoryConversations } from '../../../dist/workflows/conversations/storage/memory.js';
import { over } from './graphwright.mjs';

export const open = async () => over(new MemoryConversations(), async () => undefined);
