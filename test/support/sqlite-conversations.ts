import { openStateFile } from '../../src/ontology/embedded/state-file.ts';
import { SqliteConversations } from '../../src/workflows/conversations/storage/sqlite/sqlite-conversations.ts';
import type { OpenStorage } from '../conformance/conversations-storage.ts';
import { temporaryDirectory } from './command.ts';

/** Opens conversations in a state file of their own. */
export const openSqliteConversations: OpenStorage = async () => {
  const directory = await temporaryDirectory();
  const open = async () => {
    const state = await openStateFile({ path: `${directory.path}/state.db` });
    return { state, storage: await SqliteConversations.open(state) };
  };
  let current = await open();
  return {
    storage: current.storage,
    async reopen() {
      await current.state.close();
      current = await open();
      return current.storage;
    },
    second: () => SqliteConversations.open(current.state),
    async close() {
      await current.state.close();
      await directory[Symbol.asyncDispose]();
    },
  };
};
