import type { StateFile, Statement } from '../../ontology/embedded/state-file.ts';
import { countCrashes, crashTables } from './run-crashes.ts';

/** How runs lie in the state file: a row that changes seldom, and rows that are only added. */
const tables: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS runs (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    workflow TEXT NOT NULL,
    status TEXT NOT NULL,
    parameters TEXT NOT NULL,
    result TEXT,
    error TEXT,
    waiting TEXT,
    due INTEGER,
    attempts INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    parent TEXT,
    retry_of TEXT,
    owner TEXT,
    agent TEXT,
    place TEXT,
    approval TEXT,
    idempotency_key TEXT,
    started_at TEXT NOT NULL,
    delayed_until TEXT,
    ended_at TEXT
  ) STRICT`,
  'CREATE INDEX IF NOT EXISTS unfinished_runs ON runs (number) WHERE ended_at IS NULL',
  'CREATE INDEX IF NOT EXISTS due_runs ON runs (due) WHERE due IS NOT NULL',
  'CREATE INDEX IF NOT EXISTS ended_runs ON runs (ended_at) WHERE ended_at IS NOT NULL',
  'CREATE INDEX IF NOT EXISTS child_runs ON runs (parent) WHERE parent IS NOT NULL',
  `CREATE UNIQUE INDEX IF NOT EXISTS runs_by_key ON runs (idempotency_key)
    WHERE idempotency_key IS NOT NULL`,
  `CREATE TABLE IF NOT EXISTS run_steps (
    run INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    asked INTEGER NOT NULL,
    value TEXT,
    error TEXT,
    at TEXT NOT NULL,
    duration REAL,
    attempts INTEGER,
    PRIMARY KEY (run, sequence)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS run_signals (
    number INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    payload TEXT,
    taken INTEGER NOT NULL DEFAULT 0,
    UNIQUE (run, id)
  ) STRICT`,
  // What a step wrote to the graph in commits before its end.
  `CREATE TABLE IF NOT EXISTS run_writes (
    run INTEGER NOT NULL,
    step TEXT NOT NULL,
    place INTEGER NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (run, step, place)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS run_openings (number INTEGER PRIMARY KEY) STRICT`,
  ...crashTables,
];

/** Brings over the table of version 0.1.0, in which the steps of a run were one value of its row. */
const fromBefore: readonly string[] = [
  'ALTER TABLE runs RENAME TO runs_before',
  ...tables,
  `INSERT INTO runs (id, workflow, status, parameters, result, error, attempts, sequence, started_at, ended_at)
    SELECT id, workflow, CASE WHEN ended_at IS NULL THEN 'started' ELSE status END, parameters, result,
      error, 1, json_array_length(steps) + 1, started_at, ended_at
    FROM runs_before ORDER BY rowid`,
  `INSERT INTO run_steps (run, sequence, kind, name, asked, at, duration, attempts)
    SELECT number, step.key + 1, 'step', json_extract(step.value, '$.step'), step.key, runs.ended_at,
      json_extract(step.value, '$.duration'), 1
    FROM runs_before JOIN runs USING (id), json_each(steps) AS step WHERE runs.ended_at IS NOT NULL`,
  'DROP TABLE runs_before',
];

/** Which of all openings of the file this is, from 1, and the number of the newest run. */
export interface Opening {
  opening: number;
  newest: number;
}

/** Makes the tables of runs where they are missing. */
export async function prepareTables(state: StateFile): Promise<Opening> {
  const columns = await state.read({ sql: `SELECT name FROM pragma_table_info('runs')` });
  const before = columns.length > 0 && !columns.some(({ name }) => name === 'number');
  const statements = (before ? fromBefore : tables).map((sql): Statement => ({ sql }));
  for (const added of ['place', 'approval'])
    if (!before && columns.length > 0 && !columns.some(({ name }) => name === added))
      statements.push({ sql: `ALTER TABLE runs ADD COLUMN ${added} TEXT` });
  const opened = { sql: 'INSERT INTO run_openings DEFAULT VALUES' };
  await state.commit([...statements, ...countCrashes(Date.now()), opened]);
  const [row] = await state.read<Record<'opening' | 'newest', number>>({
    sql: `SELECT (SELECT max(number) FROM run_openings) AS opening,
      (SELECT coalesce(max(number), 0) FROM runs) AS newest`,
  });
  return row!;
}
