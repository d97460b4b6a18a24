import { afterAll, beforeAll } from 'vitest';
import { ClusterRuns } from '../../src/workflows/runs/cluster/cluster-runs.ts';
import { startPostgres, type Postgres } from './postgres.ts';

/**
 * Starts a Postgres for the suite that calls this; gives what makes databases there, with the tables of DBOS,
 * which take longer to make than most tests.
 */
export function clusterDatabases(): () => Promise<string> {
  let postgres: Postgres;
  let databases = 0;
  beforeAll(async () => {
    postgres = await startPostgres();
    const prepared = await postgres.database('prepared');
    await (await ClusterRuns.open({ databaseUrl: prepared, workflows: [] })).close();
  });
  afterAll(() => postgres.close());
  return () => postgres.database(`test_${(databases += 1)}`, 'prepared');
}
