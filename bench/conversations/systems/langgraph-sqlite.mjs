import { join } from 'node:path';
import { SqliteSaver } from '@langchain/langgraph-checkpoint-sqlite';
import { over } from './langgraph.mjs';

/** @param {import('./list.mjs').Place} place */
export async function open({ directory }) {
  const checkpointer = SqliteSaver.fromConnString(join(directory, 'checkpoints.db'));
  checkpointer.setup();
  // Its driver is built to sync the log only now and then; each commit has to survive a power cut.
  checkpointer.db.pragma('synchronous = FULL');
  return over(checkpointer, async () => checkpointer.db.close());
}
