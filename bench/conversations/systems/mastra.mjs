import { join } from 'node:path';
import { Mastra } from '@mastra/core/mastra';
import { createStep, createWorkflow } from '@mastra/core/workflows';
import { LibSQLStore } from '@mastra/libsql';
import { z } from 'zod';
import { answer, noOrder, steps } from '../script.mjs';

const any = z.any();
const schemas = { inputSchema: any, outputSchema: any };

/** Its workflows have loops but no jumps: one step is carried out again and again, and suspended in between. */
const turn = createStep({
  id: 'turn',
  ...schemas,
  resumeSchema: any,
  suspendSchema: any,
  async execute({ inputData, resumeData, suspend }) {
    const { step, order, reply } = inputData;
    if (resumeData === undefined) return suspend({ reply });
    const answered = answer(step, order, resumeData.text);
    return {
      step: answered.next,
      order: { ...order, ...answered.update },
      reply: answered.reply,
    };
  },
});

/** The run stands at its step again. */
function replyIn({ status, steps: executed }) {
  if (status !== 'suspended') throw new Error(`The run is ${status}`);
  return executed.turn.suspendPayload.reply;
}

/** @param {import('./list.mjs').Place} place */
export async function open({ directory }) {
  const storage = new LibSQLStore({ id: 'bench', url: `file:${join(directory, 'mastra.db')}` });
  await storage.init();
  // It asks SQLite to sync only now and then; each commit has to survive a power cut.
  await storage.client.execute('PRAGMA synchronous = FULL');
  const orders = createWorkflow({ id: 'orders', ...schemas })
    .dountil(turn, async () => false)
    .commit();
  const workflow = new Mastra({ storage, workflows: { orders }, logger: false }).getWorkflow(
    'orders',
  );
  return {
    async begin(runId) {
      const run = await workflow.createRun({ runId });
      replyIn(await run.start({ inputData: { step: steps[0], order: noOrder, reply: '' } }));
    },
    async say(runId, text) {
      const run = await workflow.createRun({ runId });
      return replyIn(await run.resume({ step: 'turn', resumeData: { text } }));
    },
    close: async () => storage.close?.(),
  };
}
