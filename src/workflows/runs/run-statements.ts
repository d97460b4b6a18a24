import type { SqlValue, Statement } from '../../ontology/embedded/state-file.ts';
import { decisionSignal } from '../approval/run-approval.ts';
import type { StoredSignal } from './run-rows.ts';

/** What is needed of a run to give it its turn. */
export const selectQueued = (condition: string, ...values: SqlValue[]): Statement => ({
  sql: `SELECT number, id, workflow FROM runs WHERE ended_at IS NULL AND ${condition}`,
  values,
});

/** Whether a run that lies on disk has what it waits for: its time, a signal, a child that has ended. */
export const ready = `(
  due <= ? OR (due IS NULL AND status <> 'waiting') OR (status = 'waiting' AND (
    EXISTS (SELECT 1 FROM run_signals WHERE run = runs.number AND taken = 0
      AND CASE json_extract(runs.waiting, '$.for') WHEN 'signal' THEN name = json_extract(runs.waiting, '$.name')
        WHEN 'approval' THEN name = '${decisionSignal}' END)
    OR EXISTS (SELECT 1 FROM runs AS child WHERE child.ended_at IS NOT NULL
      AND json_extract(runs.waiting, '$.for') = 'child' AND child.id = json_extract(runs.waiting, '$.name'))
  )))`;

/** The unfinished runs that can go on now, the oldest first. */
export const selectReady = (now: number, newest: number): Statement =>
  selectQueued(`number <= ? AND ${ready} ORDER BY number`, newest, now);

/** One run, if it can go on now. */
export const selectIfReady = (now: number, number: number): Statement =>
  selectQueued(`number = ? AND ${ready}`, number, now);

/** The runs whose time has come. */
export const selectDue = (now: number, after: number): Statement =>
  selectQueued('due <= ? AND number > ? ORDER BY due', now, after);

/** The earliest time at which a run goes on by itself. */
export const selectNextDue = (now: number, after: number): Statement => ({
  sql: `SELECT min(due) AS due FROM runs WHERE due > ? AND number > ? AND ended_at IS NULL`,
  values: [now, after],
});

export const insertSignal = (run: number, { id, name, payload }: StoredSignal): Statement => ({
  sql: 'INSERT OR IGNORE INTO run_signals (run, id, name, payload) VALUES (?, ?, ?, ?)',
  values: [run, id, name, payload ?? null],
});

/**
 * Lets a run that failed or was cancelled go on: forgets the end, and the failure that it came from. Of an
 * effect whose outcome is known nothing stays; of another one that it was begun, for a person to decide on.
 */
export function reopen(number: number): Statement[] {
  const failure = `(SELECT name FROM run_steps WHERE run = ?1 AND kind = 'step' AND error IS NOT NULL AND (
    error = (SELECT error FROM runs WHERE number = ?1 AND status = 'failed')
    OR asked = (SELECT max(asked) FROM run_steps WHERE run = ?1)))`;
  const known = `(SELECT name FROM run_steps WHERE run = ?1 AND kind = 'step' AND error IS NOT NULL
    AND json_extract(error, '$.code') <> 'delivery_unknown')`;
  const about = (sql: string): Statement => ({ sql, values: [number] });
  return [
    about(`DELETE FROM run_steps WHERE run = ?1 AND kind = 'intent' AND name IN ${failure}
      AND (name IN ${known} OR sequence < (SELECT max(sequence) FROM run_steps AS other
        WHERE other.run = ?1 AND other.kind = 'intent' AND other.name = run_steps.name))`),
    about(`DELETE FROM run_steps WHERE run = ?1 AND kind = 'signal' AND EXISTS (
      SELECT 1 FROM run_steps AS step WHERE step.run = ?1 AND step.name IN ${failure}
        AND (run_steps.name = 'effect:' || step.name OR instr(run_steps.name, 'effect:' || step.name || '#') = 1))`),
    about(`DELETE FROM run_steps WHERE run = ?1 AND error IS NOT NULL AND (
      error = (SELECT error FROM runs WHERE number = ?1 AND status = 'failed')
      OR asked = (SELECT max(asked) FROM run_steps WHERE run = ?1))`),
    about(`UPDATE runs SET status = 'started', error = NULL, result = NULL, waiting = NULL, due = NULL,
      ended_at = NULL WHERE number = ?1`),
  ];
}

/** Removes runs and all that belongs to them. */
export function deleteRuns(numbers: readonly number[]): Statement[] {
  const list = JSON.stringify(numbers);
  return [
    ['run_steps', 'run'],
    ['run_signals', 'run'],
    ['run_writes', 'run'],
    ['runs', 'number'],
  ].map(([table, column]) => ({
    sql: `DELETE FROM ${table} WHERE ${column} IN (SELECT value FROM json_each(?))`,
    values: [list],
  }));
}

/** Some finished runs that ended before a time, or before the newest of them, and whose parent has ended. */
export const selectExpired = (endedBefore: string, most: number, limit: number): Statement => ({
  sql: `SELECT number FROM runs WHERE ended_at IS NOT NULL
    AND (ended_at < ? OR (ended_at, number) <= (
      SELECT ended_at, number FROM runs WHERE ended_at IS NOT NULL
      ORDER BY ended_at DESC, number DESC LIMIT 1 OFFSET ?))
    AND NOT EXISTS (SELECT 1 FROM runs AS parent WHERE parent.id = runs.parent AND parent.ended_at IS NULL)
    ORDER BY ended_at LIMIT ?`,
  values: [endedBefore, most, limit],
});
