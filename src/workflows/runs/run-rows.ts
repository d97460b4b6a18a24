import type { SerializedError } from '../../errors.ts';
import type { Agent } from '../../ontology/attribution.ts';
import type { SqlValue, Statement } from '../../ontology/embedded/state-file.ts';
import type { TraceContext } from '../../telemetry.ts';
import { decisionSignal, type RunApproval } from '../approval/run-approval.ts';
import type { CompletedStep, RunRecord, Waiting } from './runs.ts';

/** A run with what its record does not show. */
export interface StoredRun {
  /** Its place in the order of all starts. */
  number: number;
  record: RunRecord;
  agent?: Agent;
  /** Where its start is in a trace, if anybody traced it. */
  place?: TraceContext;
  idempotencyKey?: string;
  /** The sequence number of its last event that is on disk. */
  sequence: number;
  /** When it goes on by itself, in milliseconds since 1970. */
  due?: number;
}

/** What a run recorded: how something ended that its code asked for, so that it is not done again. */
export interface StepRow {
  run: number;
  sequence: number;
  /**
   * `step`: how it ended. `sleep`: until when. `signal`: what came, or that nothing came in time.
   * `child`: what it gave. `now`: the time. `intent`: an effect is about to begin. `deadline`: of a signal.
   */
  kind: 'step' | 'sleep' | 'signal' | 'child' | 'now' | 'intent' | 'deadline';
  /** With the number of its occurrence from the second on: `name#2`. */
  name: string;
  /** How many things the code had asked for before. */
  asked: number;
  /** As JSON; absent for undefined. */
  value?: string;
  error?: SerializedError;
  at: string;
  /** Milliseconds. */
  duration?: number;
  attempts?: number;
}

/** A signal that no code has asked for yet. */
export interface StoredSignal {
  id: string;
  name: string;
  /** As JSON; absent for undefined. */
  payload?: string;
}

type Row = Record<string, SqlValue>;

export const insertRun = (
  { number, record, agent, place, idempotencyKey, sequence, due }: StoredRun,
  parameters: string,
): Statement => ({
  sql: `INSERT INTO runs (number, id, workflow, status, parameters, due, attempts, sequence, parent,
      retry_of, owner, agent, place, approval, idempotency_key, started_at, delayed_until)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  values: [
    number,
    record.id,
    record.workflow,
    record.status,
    parameters,
    due ?? null,
    record.attempts,
    sequence,
    record.parent ?? null,
    record.retryOf ?? null,
    record.owner ?? null,
    json(agent) ?? null,
    json(place) ?? null,
    json(record.approval) ?? null,
    idempotencyKey ?? null,
    record.startedAt,
    record.delayedUntil ?? null,
  ],
});

/** Writes how a run stands, unless it has ended before. */
export const updateRun = ({ number, record, sequence, due }: StoredRun): Statement => ({
  sql: `UPDATE runs SET status = ?, result = ?, error = ?, waiting = ?, due = ?, attempts = ?,
    sequence = ?, ended_at = ? WHERE number = ? AND ended_at IS NULL`,
  values: [
    record.status,
    json(record.result) ?? null,
    json(record.error) ?? null,
    json(record.waiting) ?? null,
    due ?? null,
    record.attempts,
    sequence,
    record.endedAt ?? null,
    number,
  ],
});

export const insertStep = (row: StepRow): Statement => ({
  sql: `INSERT INTO run_steps (run, sequence, kind, name, asked, value, error, at, duration, attempts)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  values: [
    row.run,
    row.sequence,
    row.kind,
    row.name,
    row.asked,
    row.value ?? null,
    json(row.error) ?? null,
    row.at,
    row.duration ?? null,
    row.attempts ?? null,
  ],
});

/** Reads runs by a condition written in this folder; its values are bound. */
export const selectRuns = (condition: string, ...values: SqlValue[]): Statement => ({
  sql: `SELECT *, CASE WHEN approval IS NOT NULL THEN (SELECT payload FROM run_signals AS decision
      WHERE decision.run = runs.number AND decision.id = '${decisionSignal}') END AS decision
    FROM runs WHERE ${condition}`,
  values,
});

/** Reads what some runs recorded, in order. */
export const selectSteps = (numbers: readonly number[], after = 0): Statement => ({
  sql: `SELECT * FROM run_steps WHERE run IN (SELECT value FROM json_each(?)) AND sequence > ?
    ORDER BY run, sequence`,
  values: [JSON.stringify(numbers), after],
});

/** Reads the signals that a run has not asked for yet, in the order in which they came. */
export const selectSignals = (run: number): Statement => ({
  sql: 'SELECT id, name, payload FROM run_signals WHERE run = ? AND taken = 0 ORDER BY number',
  values: [run],
});

/** Gives back a run; its steps are read by themselves. */
export function readRun(row: Row): StoredRun {
  const text = (column: string) => (row[column] as string | null) ?? undefined;
  const record: RunRecord = {
    id: String(row['id']),
    workflow: String(row['workflow']),
    status: String(row['status']) as RunRecord['status'],
    parameters: parsed(row['parameters']),
    stepsCompleted: [],
    result: parsed(row['result']),
    error: parsed(row['error']) as RunRecord['error'],
    waiting: parsed(row['waiting']) as Waiting | undefined,
    approval: approvalOf(row),
    attempts: Number(row['attempts']),
    parent: text('parent'),
    retryOf: text('retry_of'),
    owner: text('owner'),
    startedAt: String(row['started_at']),
    delayedUntil: text('delayed_until'),
    endedAt: text('ended_at'),
  };
  return {
    number: Number(row['number']),
    record,
    agent: parsed(row['agent']) as Agent | undefined,
    place: parsed(row['place']) as TraceContext | undefined,
    idempotencyKey: text('idempotency_key'),
    sequence: Number(row['sequence']),
    due: row['due'] === null ? undefined : Number(row['due']),
  };
}

/** The approval that a run needs, with what was decided, if anything was. */
function approvalOf(row: Row): RunApproval | undefined {
  const approval = parsed(row['approval']) as RunApproval | undefined;
  const decision = parsed(row['decision']) as RunApproval['decision'];
  return approval && { ...approval, ...(decision && { decision }) };
}

/** Gives back what {@link insertStep} wrote. */
export const readStep = (row: Row): StepRow => ({
  run: Number(row['run']),
  sequence: Number(row['sequence']),
  kind: String(row['kind']) as StepRow['kind'],
  name: String(row['name']),
  asked: Number(row['asked']),
  value: (row['value'] as string | null) ?? undefined,
  error: parsed(row['error']) as SerializedError | undefined,
  at: String(row['at']),
  duration: (row['duration'] as number | null) ?? undefined,
  attempts: (row['attempts'] as number | null) ?? undefined,
});

/** Gives back a signal. */
export const readSignal = (row: Row): StoredSignal => ({
  id: String(row['id']),
  name: String(row['name']),
  payload: (row['payload'] as string | null) ?? undefined,
});

/** Whether a row is a step that was done, as a run's record lists them. */
export const isCompleted = ({ kind, error }: StepRow): boolean => kind === 'step' && !error;

export const completedStep = ({ name, duration = 0, attempts = 1 }: StepRow): CompletedStep => ({
  step: name,
  duration,
  attempts,
});

/** A value as JSON; undefined has none. */
export const json = (value: unknown): string | undefined =>
  value === undefined ? undefined : JSON.stringify(value);

/** Gives back a value that lies as JSON in a column. */
export const parsed = (text: SqlValue | undefined): unknown =>
  typeof text === 'string' ? JSON.parse(text) : undefined;
