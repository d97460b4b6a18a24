import { DBOS } from '@dbos-inc/dbos-sdk';
import { name, steps } from '../workflow.mjs';

const silent = () => undefined;

/** @param {import('./list.mjs').Place} place */
export async function open({ url, step }) {
  const feedback = DBOS.registerWorkflow(
    async () => {
      for (const each of steps) await DBOS.runStep(async () => step(each), { name: each });
      return {};
    },
    { name },
  );
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: url,
    applicationVersion: 'bench',
    logger: { info: silent, debug: silent, warn: silent, error: silent },
  });
  // It takes up what it left by itself.
  await DBOS.launch();
  return {
    run: async (workflowID) =>
      (await DBOS.startWorkflow(feedback, { workflowID })({ feedback: workflowID })).getResult(),
    async recover(ids) {
      const asked = { workflowIDs: [...ids], loadInput: false, loadOutput: false };
      for (;;) {
        const ended = await DBOS.listWorkflows({ ...asked, status: 'SUCCESS' });
        if (ended.length === ids.length) return;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    close: () => DBOS.shutdown(),
  };
}
