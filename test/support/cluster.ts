import { ClusterRuns } from '../../src/workflows/runs/cluster/cluster-runs.ts';
import type { AnyWorkflow } from '../../src/workflows/workflow.ts';
import { describeRuns, type OpenRuns } from '../conformance/runs.ts';
import { clusterDatabases } from './cluster-databases.ts';

/** Runs a suite, that of the port by default, on runs in Postgres, each test in a database of its own. */
export function describeCluster(
  name: string,
  patience?: number,
  suite: (name: string, open: OpenRuns) => void = describeRuns,
): void {
  const database = clusterDatabases();
  suite(name, async (offered) => {
    const databaseUrl = await database();
    let workflows = offered;
    const open = async () => {
      const runs = await ClusterRuns.open({ databaseUrl, workflows, patience });
      await runs.resume();
      return runs;
    };
    let current = await open();
    return {
      runs: current,
      async reopen(others: readonly AnyWorkflow[] = workflows) {
        await current.close();
        workflows = others;
        current = await open();
        return current;
      },
      close: () => current.close(),
    };
  });
}
