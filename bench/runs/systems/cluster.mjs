import { ClusterRuns } from '../../../dist/workflows/runs/cluster/index.js';
import { AwaitReview, driven, HandleFeedback } from './graphwright.mjs';

/** @param {import('./list.mjs').Place} place */
export async function open({ url, step }) {
  const workflows = { feedback: new HandleFeedback(step), review: new AwaitReview(step) };
  const runs = await ClusterRuns.open({ databaseUrl: url, workflows: Object.values(workflows) });
  await runs.resume();
  return { ...driven(runs, workflows), close: () => runs.close() };
}
