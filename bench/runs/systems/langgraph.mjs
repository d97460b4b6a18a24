import { join } from 'node:path';
import { SqliteSaver } from '@langchain/langgraph-checkpoint-sqlite';
import { entrypoint, task } from '@langchain/langgraph';
import { name, steps } from '../workflow.mjs';

/** @param {import('./list.mjs').Place} place */
export async function open({ directory, step }) {
  const checkpointer = SqliteSaver.fromConnString(join(directory, 'checkpoints.db'));
  checkpointer.setup();
  // Its driver is built to sync the log only now and then; each commit has to survive a power cut.
  checkpointer.db.pragma('synchronous = FULL');
  const tasks = steps.map((each) => task(each, async () => step(each)));
  const feedback = entrypoint({ name, checkpointer }, async () => {
    for (const each of tasks) await each();
    return {};
  });
  const invoke = (input, id) =>
    feedback.invoke(input, { configurable: { thread_id: id }, durability: 'sync' });
  return {
    run: (id) => invoke({ feedback: id }, id),
    // Nothing of it goes on by itself: whoever knows the threads asks for each.
    recover: (ids) => Promise.all(ids.map((id) => invoke(null, id))),
    close: async () => checkpointer.db.close(),
  };
}
