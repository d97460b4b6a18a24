import { join } from 'node:path';
import { openStateFile } from '../../../dist/ontology/embedded/state-file.js';
import { SqliteConversations } from '../../../dist/workflows/conversations/storage/sqlite/sqlite-conversations.js';
import { over } from './graphwright.mjs';

/** @param {import('./list.mjs').Place} place */
export async function open({ directory }) {
  const state = await openStateFile({ path: join(directory, 'state.db') });
  return over(await SqliteConversations.open(state), () => state.close());
}
