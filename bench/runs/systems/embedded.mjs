import { join } from 'node:path';
import { openStateFile } from '../../../dist/ontology/embedded/state-file.js';
import { EmbeddedRuns } from '../../../dist/workflows/runs/embedded-runs.js';
import { AwaitReview, driven, HandleFeedback } from './graphwright.mjs';

/** @param {import('./list.mjs').Place} place */
export async function open({ directory, step }) {
  const state = await openStateFile({ path: join(directory, 'state.db') });
  const workflows = { feedback: new HandleFeedback(step), review: new AwaitReview(step) };
  const runs = await EmbeddedRuns.open({ state, workflows: Object.values(workflows) });
  await runs.resume();
  const close = async () => {
    await runs.close();
    await state.close();
  };
  return { ...driven(runs, workflows), close };
}
