import { RedisConversations } from '../../../dist/workflows/conversations/storage/redis/redis-conversations.js';
import { over } from './graphwright.mjs';

/** @param {import('./list.mjs').Place} place */
export const open = async ({ url }) =>
  over(await RedisConversations.open({ url }), async () => undefined);
