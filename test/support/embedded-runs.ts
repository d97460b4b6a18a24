import { openStateFile } from '../../src/ontology/embedded/state-file.ts';
import { EmbeddedRuns } from '../../src/workflows/runs/embedded-runs.ts';
import type { AnyWorkflow } from '../../src/workflows/workflow.ts';
import type { OpenRuns } from '../conformance/runs.ts';
import { temporaryDirectory } from './command.ts';

/** Opens the embedded runs in a directory of their own; a waiting run is let go of after `patience`. */
export const openEmbeddedRuns =
  (patience?: number): OpenRuns =>
  async (offered) => {
    const directory = await temporaryDirectory();
    let workflows = offered;
    const open = async () => {
      const state = await openStateFile({ path: `${directory.path}/state.db` });
      const runs = await EmbeddedRuns.open({ state, workflows, patience });
      await runs.resume();
      return { state, runs };
    };
    let current = await open();
    const shut = async () => {
      await current.runs.close();
      await current.state.close();
    };
    return {
      runs: current.runs,
      async reopen(others: readonly AnyWorkflow[] = workflows) {
        await shut();
        workflows = others;
        current = await open();
        return current.runs;
      },
      async close() {
        await shut();
        await directory[Symbol.asyncDispose]();
      },
    };
  };
