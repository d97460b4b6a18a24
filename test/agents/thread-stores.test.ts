import { threadsInState } from '../../src/agents/thread-store.ts';
import { openStateFile } from '../../src/ontology/embedded/state-file.ts';
import { describeThreads } from '../conformance/threads.ts';

describeThreads('state file', async () => {
  const state = await openStateFile({ path: ':memory:' });
  return { store: threadsInState(state), close: () => state.close() };
});
