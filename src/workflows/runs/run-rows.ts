import type { SqlValue, Statement } from '../../ontology/embedded/state-file.ts';
import type { RunRecord } from './runs.ts';

/** How a run lies in the state file; nested values are JSON. */
export const createTable: Statement = {
  sql: `CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY,
    workflow TEXT NOT NULL,
    status TEXT NOT NULL,
    parameters TEXT NOT NULL,
    steps TEXT NOT NULL,
    result TEXT,
    error TEXT,
    started_at TEXT NOT NULL,
    ended_at TEXT
  )`,
};

/** Writes a run, new or changed. */
export function writeRecord(run: RunRecord): Statement {
  return {
    sql: `INSERT INTO runs (id, workflow, status, parameters, steps, result, error, started_at, ended_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET status = excluded.status, steps = excluded.steps,
        result = excluded.result, error = excluded.error, ended_at = excluded.ended_at`,
    values: [
      run.id,
      run.workflow,
      run.status,
      JSON.stringify(run.parameters),
      JSON.stringify(run.stepsCompleted),
      json(run.result),
      json(run.error),
      run.startedAt,
      run.endedAt ?? null,
    ],
  };
}

/** Reads runs by a condition written in this folder; its values are bound. */
export const selectRuns = (condition: string, ...values: SqlValue[]): Statement => ({
  sql: `SELECT * FROM runs WHERE ${condition}`,
  values,
});

/** Gives back what {@link writeRecord} wrote. */
export function readRecord(row: Record<string, SqlValue>): RunRecord {
  return {
    id: String(row['id']),
    workflow: String(row['workflow']),
    status: String(row['status']) as RunRecord['status'],
    parameters: parsed(row['parameters']),
    stepsCompleted: parsed(row['steps']) as RunRecord['stepsCompleted'],
    result: parsed(row['result']),
    error: parsed(row['error']) as RunRecord['error'],
    startedAt: String(row['started_at']),
    endedAt: row['ended_at'] === null ? undefined : String(row['ended_at']),
  };
}

const json = (value: unknown): string | null =>
  value === undefined ? null : JSON.stringify(value);

const parsed = (text: SqlValue | undefined): unknown =>
  typeof text === 'string' ? JSON.parse(text) : undefined;
