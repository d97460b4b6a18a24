import { GraphwrightError, type SerializedError } from '../../../errors.ts';
import type { Agent } from '../../../ontology/attribution.ts';
import type { TraceContext } from '../../../telemetry.ts';
import { decisionSignal, type RunApproval } from '../../approval/run-approval.ts';
import { completedStep, json, type StepRow, type StoredRun } from '../run-rows.ts';
import type { RunRecord, RunStatus, Waiting } from '../runs.ts';

/** The one workflow that DBOS knows; which of ours a run is of stands in its attributes. */
export const dbosWorkflow = 'graphwright_run';

/** What is kept of a run in the attributes of its row. */
export interface RunAttributes {
  number: number;
  workflow: string;
  startedAt: string;
  delayedUntil?: string;
  parent?: string;
  retryOf?: string;
  owner?: string;
  agent?: Agent;
  /** Where its start is in a trace. */
  place?: TraceContext;
  /** Set when a person has to approve it. */
  approval?: RunApproval;
  /** The digest of its idempotency key. */
  key?: string;
  /** Short texts among its parameters, by which it is found. */
  values: Record<string, string>;
  /** How it stood when it was last published. */
  now?: Published;
  /** Of processes that died while it was under way; see `updateOrphaned`. */
  crashes?: Crashes;
}

/** How often in a row a run was under way when its process died, and got no further. */
export interface Crashes {
  count: number;
  /** The place of the last thing that it had recorded, 0 without one. */
  place: number;
  /** When it had a turn apart from others under suspicion, in milliseconds since 1970. */
  tried?: number;
}

/** A run as it lies in Postgres. */
export interface ClusterRun extends StoredRun {
  /** How often in a row its process died. */
  crashes?: number;
}

/** How a run stands while it is under way, for the other processes. */
export interface Published {
  status: RunStatus;
  currentStep?: string;
  waiting?: Waiting;
  sequence: number;
}

/** A row of {@link selectRuns}. */
export interface RunRow {
  id: string;
  status: string;
  executor: string | null;
  attempts: string;
  attributes: RunAttributes;
  /** What a person decided on it, as {@link SignalMessage}. */
  decision: string | null;
  inputs: string;
  output: string | null;
  error: string | null;
  ended: string | null;
  /** The steps that it has behind it, where they are asked for, without their values. */
  steps?: OperationRow[] | null;
}

/** A recorded thing with its place among those of its run. */
export interface PlacedRow extends StepRow {
  place: number;
}

/** A row of `operation_outputs`. */
export interface OperationRow {
  place: number;
  name: string;
  /** As {@link stepStatement} writes it; of a list without its value. */
  output: string;
  error: string | null;
  ended: string;
}

/** The steps that a run has behind it; their values may be large, and are left where they are. */
export const completedSteps = `(
    SELECT json_agg(json_build_object('place', s.function_id, 'name', s.function_name, 'output',
      substring(s.output FROM '^\\{"meta":\\[[^]]*\\]') || '}', 'error', NULL,
      'ended', s.completed_at_epoch_ms) ORDER BY s.function_id)
    FROM dbos.operation_outputs s WHERE s.workflow_uuid = w.workflow_uuid AND s.error IS NULL
      AND s.function_name LIKE 'step %')`;

/** Reads runs by a condition written in this folder. */
export const selectRuns = (condition: string, steps = 'NULL'): string => `
  SELECT w.workflow_uuid AS id, w.status, w.executor_id AS executor, w.recovery_attempts AS attempts,
    w.attributes, CASE WHEN w.attributes ? 'approval' THEN (
      SELECT n.message FROM dbos.notifications n
      WHERE n.destination_uuid = w.workflow_uuid AND n.topic = '${decisionSignal}') END AS decision, i.inputs, o.output, o.error, w.completed_at AS ended, ${steps} AS steps
  FROM dbos.workflow_status w
  LEFT JOIN dbos.workflow_input i ON i.workflow_uuid = w.workflow_uuid
  LEFT JOIN dbos.workflow_output o ON o.workflow_uuid = w.workflow_uuid
  WHERE w.name = '${dbosWorkflow}' AND ${condition}`;

/** The place of a run in the order of all starts. */
export const numberOfRun = `((w.attributes->>'number')::bigint)`;

const statuses: Record<string, RunStatus> = {
  SUCCESS: 'completed',
  ERROR: 'failed',
  MAX_RECOVERY_ATTEMPTS_EXCEEDED: 'failed',
  CANCELLED: 'cancelled',
};

/** The states of DBOS in which nothing more happens to a run. */
export const endedStates = Object.keys(statuses);

export const statesOf = (status: RunStatus): string[] =>
  endedStates.filter((state) => statuses[state] === status);

/** Gives back a run; its steps are read by themselves. */
export function readRun(row: RunRow): ClusterRun {
  const { number, workflow, startedAt, delayedUntil, parent, retryOf, owner, agent, place, now } =
    row.attributes;
  const attempts = Number(row.attempts);
  const end = statuses[row.status];
  const published = end ? undefined : now;
  const record: RunRecord = {
    id: row.id,
    workflow,
    status: end ?? published?.status ?? (row.status === 'PENDING' ? 'processing' : 'started'),
    parameters: (JSON.parse(row.inputs) as { positionalArgs: [unknown] }).positionalArgs[0],
    stepsCompleted: (row.steps ?? []).map((step) => completedStep(readOperation(step))),
    currentStep: published?.currentStep,
    waiting: published?.waiting,
    approval: approvalOf(row),
    result:
      end === 'completed' ? (JSON.parse(row.output!) as { result: unknown }).result : undefined,
    error: errorOf(row),
    attempts,
    parent,
    retryOf,
    owner,
    startedAt,
    delayedUntil,
    endedAt: end && new Date(Number(row.ended)).toISOString(),
  };
  // Above all that was told of this execution, and below all of the next one.
  const sequence = end ? (attempts + 1) * 2 ** 32 - 1 : (now?.sequence ?? attempts * 2 ** 32);
  return { number, record, agent, place, sequence, crashes: row.attributes.crashes?.count };
}

function approvalOf({ attributes, decision }: RunRow): RunApproval | undefined {
  const { approval } = attributes;
  if (!approval || decision === null) return approval;
  const { payload } = JSON.parse(decision) as { payload: RunApproval['decision'] };
  return { ...approval, decision: payload };
}

function errorOf({ status, error }: RunRow): SerializedError | undefined {
  if (status === 'CANCELLED') return cancellation().toJSON();
  if (statuses[status] !== 'failed') return undefined;
  const { data, message } = JSON.parse(error ?? '{}') as {
    data?: SerializedError;
    message?: string;
  };
  return data ?? new GraphwrightError('internal', message ?? 'It was taken up too often').toJSON();
}

export const cancellation = (): GraphwrightError =>
  new GraphwrightError('cancelled', 'It was cancelled');

/** Gives back what {@link stepStatement} wrote. */
export function readOperation({ place, name, output, error, ended }: OperationRow): PlacedRow {
  const { meta, value } = JSON.parse(output) as {
    meta: [number, number, number, number];
    value?: unknown;
  };
  const [sequence, asked, attempts, duration] = meta;
  const space = name.indexOf(' ');
  return {
    run: 0,
    place,
    kind: name.slice(0, space) as StepRow['kind'],
    name: JSON.parse(`"${name.slice(space + 1)}"`) as string,
    sequence,
    asked,
    attempts,
    duration,
    value: json(value),
    error: error === null ? undefined : (JSON.parse(error) as SerializedError),
    at: new Date(Number(ended)).toISOString(),
  };
}

/** A value as Postgres takes it for JSON. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'string' ? part.replaceAll('\0', '\ufffd').toWellFormed() : part,
  );
