import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { over } from './langgraph.mjs';

/** @param {import('./list.mjs').Place} place */
export async function open({ url }) {
  const checkpointer = PostgresSaver.fromConnString(url);
  await checkpointer.setup();
  return over(checkpointer, () => checkpointer.end());
}
