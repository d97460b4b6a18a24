import { PostgresConversations } from '../../../dist/workflows/conversations/storage/postgres/postgres-conversations.js';
import { over } from './graphwright.mjs';

/** @param {import('./list.mjs').Place} place */
export const open = async ({ url }) =>
  over(await PostgresConversations.open({ connectionString: url }), async () => undefined);
