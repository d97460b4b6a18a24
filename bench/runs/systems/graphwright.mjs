import { Workflow } from '../../../dist/workflows/workflow.js';
// The very zod that the library works with, not the one that a compared package brings along.
import { z } from '../../../node_modules/zod/index.js';
import { name, steps } from '../workflow.mjs';

const schemas = { parameters: z.object({ feedback: z.string() }), result: z.object({}) };

/** The five steps, as a workflow of ours; its configuration is the body of a step. */
export class HandleFeedback extends Workflow {
  name = name;
  description = 'Handle the feedback of one customer.';
  parameters = schemas.parameters;
  result = schemas.result;

  async run(_parameters, run) {
    for (const step of steps) await run.step(step, () => this.configuration(step));
    return {};
  }
}

/** One step, and then a wait without an end. */
export class AwaitReview extends Workflow {
  name = 'await_review';
  description = 'Wait for a person to look at the feedback of one customer.';
  parameters = schemas.parameters;
  result = schemas.result;

  async run(_parameters, run) {
    await run.step('get_customer', () => this.configuration('get_customer'));
    await run.waitFor('reviewed');
    return {};
  }
}

const day = 24 * 60 * 60_000;

/**
 * What both adapters do alike.
 * @param {import('../../../dist/workflows/runs/runs.js').Runs} runs
 * @param {{ feedback: HandleFeedback, review: AwaitReview }} workflows
 */
export const driven = (runs, { feedback, review }) => ({
  async run(id) {
    await runs.start(feedback, { feedback: id }, { id });
    await completed(runs, id);
  },
  recover: (ids) => Promise.all(ids.map((id) => completed(runs, id))),
  async wait(count) {
    let started = 0;
    const lane = async () => {
      while (started < count) await runs.start(review, { feedback: `f${(started += 1)}` });
    };
    await Promise.all(Array.from({ length: 100 }, lane));
    while (await busy(runs)) await new Promise((resolve) => setTimeout(resolve, 50));
  },
});

async function completed(runs, id) {
  const { status } = await runs.wait(id, day);
  if (status !== 'completed') throw new Error(`The run ${id} is ${status}`);
}

/** Whether a run has neither ended nor waits. */
async function busy(runs) {
  const { items } = await runs.list({ status: ['started', 'processing'], limit: 1 });
  return items.length > 0;
}
