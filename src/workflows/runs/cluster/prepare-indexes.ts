import { dbosWorkflow, numberOfRun } from './cluster-rows.ts';
import type { Database } from './database.ts';

const table = 'dbos.workflow_status';

/** What runs are found by, besides what DBOS finds them by; a key stands for one run in all processes. */
const indexes = {
  graphwright_run_number: `CREATE INDEX IF NOT EXISTS graphwright_run_number ON ${table}
    (${numberOfRun.replaceAll('w.', '')}, workflow_uuid) WHERE name = '${dbosWorkflow}'`,
  graphwright_run_key: `CREATE UNIQUE INDEX IF NOT EXISTS graphwright_run_key ON ${table}
    ((attributes->>'key')) WHERE name = '${dbosWorkflow}' AND attributes ? 'key'`,
};

/** Makes the indexes that are missing; those that are there hold up nobody. */
export async function prepareIndexes(database: Database): Promise<void> {
  const sql = `SELECT indexname AS name FROM pg_indexes WHERE schemaname = 'dbos' AND indexname = ANY ($1)`;
  const found = await database.rows<{ name: string }>(sql, [Object.keys(indexes)]);
  const names = new Set(found.map(({ name }) => name));
  for (const [name, create] of Object.entries(indexes))
    if (!names.has(name)) await database.rows(create);
}
