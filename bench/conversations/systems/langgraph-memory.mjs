import { MemorySaver } from '@langchain/langgraph';
import { over } from './langgraph.mjs';

export const open = async () => over(new MemorySaver(), async () => undefined);
