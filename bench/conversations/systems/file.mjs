import { FileConversations } from '../../../dist/workflows/conversations/storage/file/file-conversations.js';
import { over } from './graphwright.mjs';

/** @param {import('./list.mjs').Place} place */
export const open = async ({ directory }) =>
  over(await FileConversations.open({ directory }), async () => undefined);
