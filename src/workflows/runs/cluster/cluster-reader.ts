import { stepEvent } from '../run-recorder.ts';
import {
  completedStep,
  isCompleted,
  json,
  type StoredRun,
  type StoredSignal,
} from '../run-rows.ts';
import { unknownRun } from '../run-reader.ts';
import { hasEnded, type RunEvent } from '../runs.ts';
import {
  completedSteps,
  endedStates,
  numberOfRun,
  readOperation,
  readRun,
  selectRuns,
  type ClusterRun,
  type OperationRow,
  type PlacedRow,
  type RunRow,
} from './cluster-rows.ts';
import { isStorable } from './cluster-list.ts';
import type { Database } from './database.ts';

const Id = /^[A-Za-z0-9_-]{1,64}$/;

/** Reads runs as they lie in Postgres. */
export class ClusterReader {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async run(id: string): Promise<StoredRun | undefined> {
    if (!Id.test(id)) return undefined;
    const [found] = await this.runs('w.workflow_uuid = $1', [id]);
    return found;
  }

  /** @throws GraphwrightError `not_found` */
  async existing(id: string): Promise<StoredRun> {
    const found = await this.run(id);
    if (!found) throw unknownRun(id);
    return found;
  }

  /** Runs without their steps. */
  async bare(condition: string, values: readonly unknown[]): Promise<ClusterRun[]> {
    return (await this.#database.rows<RunRow>(selectRuns(condition), values)).map(readRun);
  }

  /** Runs with the steps that they have behind them. */
  async runs(condition: string, values: readonly unknown[]): Promise<StoredRun[]> {
    const sql = selectRuns(condition, completedSteps);
    return (await this.#database.rows<RunRow>(sql, values)).map(readRun);
  }

  /** The newest run of a workflow whose parameter `name` was `value`. */
  async latest(workflow: string, name: string, value: string): Promise<StoredRun | undefined> {
    if (![workflow, name, value].every(isStorable)) return undefined;
    const condition = `w.attributes @> $1::jsonb ORDER BY ${numberOfRun} DESC LIMIT 1`;
    const [found] = await this.bare(condition, [
      JSON.stringify({ workflow, values: { [name]: value } }),
    ]);
    return found;
  }

  /** The ids of the children of a run that have not ended. */
  async childrenOf(id: string): Promise<string[]> {
    const values = [JSON.stringify({ parent: id }), endedStates];
    const condition = 'w.attributes @> $1::jsonb AND NOT w.status = ANY ($2)';
    return (await this.bare(condition, values)).map(({ record }) => record.id);
  }

  /** What a run recorded, in order. */
  async steps(id: string): Promise<PlacedRow[]> {
    const sql = `SELECT function_id AS place, function_name AS name, output, error,
        completed_at_epoch_ms AS ended
      FROM dbos.operation_outputs WHERE workflow_uuid = $1 ORDER BY function_id`;
    return (await this.#database.rows<OperationRow>(sql, [id])).map(readOperation);
  }

  /** Signals that the run has not asked for, in the order in which they came. */
  async signals(id: string): Promise<StoredSignal[]> {
    const sql = `SELECT message_uuid AS id, topic AS name, message, created_at_epoch_ms AS time
      FROM dbos.notifications WHERE destination_uuid = $1 AND NOT consumed`;
    type Row = { id: string; name: string; message: string; time: string };
    const rows = await this.#database.rows<Row>(sql, [id]);
    return rows
      .map(({ message, ...row }) => ({ ...row, ...(JSON.parse(message) as SignalMessage) }))
      .toSorted((a, b) => Number(a.time) - Number(b.time) || a.number - b.number)
      .map(({ id: signal, name, payload }) => ({ id: signal, name, payload: json(payload) }));
  }

  /** What is on disk of what happened in a run after an event, in order. */
  async events({ record, sequence }: StoredRun, after: number): Promise<RunEvent[]> {
    const steps = await this.steps(record.id);
    const events = steps
      .filter((row) => row.kind === 'step' && row.sequence > after)
      .map(stepEvent)
      .toSorted((a, b) => a.sequence - b.sequence);
    const { status, error, waiting } = record;
    if (sequence <= after || (!waiting && !hasEnded(record))) return events;
    const at = record.endedAt ?? record.startedAt;
    return [...events, { sequence, at, type: 'status', status, error, waiting }];
  }

  /** The steps that a run has behind it. */
  completed(rows: readonly PlacedRow[]) {
    return rows.filter(isCompleted).map(completedStep);
  }
}

/** A signal as DBOS carries it; `number` orders those that came in the same millisecond. */
export interface SignalMessage {
  number: number;
  payload?: unknown;
}
