import { afterAll, beforeAll } from 'vitest';
import { ClusterRuns } from '../../src/workflows/runs/cluster/cluster-runs.ts';
import type { AnyWorkflow } from '../../src/workflows/workflow.ts';
import { describeRuns, type OpenRuns } from '../conformance/runs.ts';
import { startPostgres, type Postgres } from './postgres.ts';

/** Runs a suite, that of the port by default, on runs in Postgres, each test in a database of its own. */
export function describeCluster(
  name: string,
  patience?: number,
  suite: (name: string, open: OpenRuns) => void = describeRuns,
): void {
  let postgres: Postgres;
  let databases = 0;

  beforeAll(async () => {
    postgres = await startPostgres();
    // The tables of DBOS take longer to make than most tests.
    const prepared = await postgres.database('prepared');
    await (await ClusterRuns.open({ databaseUrl: prepared, workflows: [] })).close();
  });
  afterAll(() => postgres.close());

  suite(name, async (offered) => {
    const databaseUrl = await postgres.database(`runs_${(databases += 1)}`, 'prepared');
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
