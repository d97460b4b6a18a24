import type { Statement } from '../../../ontology/embedded/state-file.ts';
import { decisionSignal } from '../../approval/run-approval.ts';
import { json, type StepRow, type StoredRun } from '../run-rows.ts';
import { isHeldBack } from './cluster-crashes.ts';
import {
  dbosWorkflow,
  endedStates,
  jsonText,
  numberOfRun,
  type Published,
} from './cluster-rows.ts';

/**
 * Writes what a run recorded, as long as the run is this process's. The row lock keeps others from taking
 * the run over in between.
 */
const insertOperations = `
  WITH own AS MATERIALIZED (
    SELECT workflow_uuid FROM dbos.workflow_status
    WHERE workflow_uuid = ANY ($1::text[]) AND executor_id = ($2::text[])[1] AND status = 'PENDING'
    ORDER BY workflow_uuid FOR NO KEY UPDATE
  )
  INSERT INTO dbos.operation_outputs (workflow_uuid, function_id, function_name, output, error,
    started_at_epoch_ms, completed_at_epoch_ms, serialization, application_name, retention_timestamp)
  SELECT r.run, r.place, r.name, r.output, r.error, r.began, r.ended, 'portable_json', 'graphwright', r.ended
  FROM unnest($1::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[])
    AS r(run, place, name, output, error, began, ended)
  JOIN own ON own.workflow_uuid = r.run
  ON CONFLICT DO NOTHING
  RETURNING workflow_uuid AS run`;

export function stepStatement(
  run: string,
  executor: string,
  place: number,
  row: StepRow,
): Statement {
  const { kind, name, sequence, asked, attempts = 1, duration = 0, value, error, at } = row;
  const meta = JSON.stringify([sequence, asked, attempts, duration]);
  const output = value === undefined ? `{"meta":${meta}}` : `{"meta":${meta},"value":${value}}`;
  const ended = Date.parse(at);
  const values = [run, executor, place, `${kind} ${quoted(name)}`, output, json(error) ?? null];
  return { sql: insertOperations, values: [...values, ended - Math.round(duration), ended] };
}

/**
 * Lets go of a run that waits; DBOS gives it its turn again when its time has come. One that got as far has not
 * ended its process.
 */
const updateParked = `
  UPDATE dbos.workflow_status w SET status = 'DELAYED', owner_xid = NULL, started_at_epoch_ms = NULL,
    delay_until_epoch_ms = r.due, queue_name = COALESCE(w.queue_name, r.queue),
    attributes = (w.attributes - 'crashes') || jsonb_build_object('now', r.now::jsonb),
    updated_at = (EXTRACT(EPOCH FROM now()) * 1000)::bigint
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[]) AS r(run, executor, now, due, queue)
  WHERE w.workflow_uuid = r.run AND w.executor_id = r.executor AND w.status = 'PENDING'
  RETURNING w.workflow_uuid AS run`;

export const parkStatement = (
  { record, due }: StoredRun,
  executor: string,
  published: Published,
  queue: string,
): Statement => ({
  sql: updateParked,
  values: [record.id, executor, jsonText(published), due ?? null, queue],
});

/** Marks signals as asked for. */
const updateTaken = `
  UPDATE dbos.notifications n SET consumed = true
  FROM unnest($1::text[], $2::text[]) AS r(run, id)
  WHERE n.message_uuid = r.id
  RETURNING r.run`;

export const takenStatement = (run: string, signal: string): Statement => ({
  sql: updateTaken,
  values: [run, signal],
});

/** Whether a run that was let go of has what it waits for: a signal, or a child that has ended. */
export const isReady = `(w.attributes #>> '{now,waiting,for}' = 'signal' AND EXISTS (
    SELECT 1 FROM dbos.notifications n WHERE n.destination_uuid = w.workflow_uuid
      AND n.topic = w.attributes #>> '{now,waiting,name}' AND NOT n.consumed)
  OR w.attributes #>> '{now,waiting,for}' = 'approval' AND EXISTS (
    SELECT 1 FROM dbos.notifications n WHERE n.destination_uuid = w.workflow_uuid
      AND n.topic = '${decisionSignal}' AND NOT n.consumed)
  OR w.attributes #>> '{now,waiting,for}' = 'child' AND EXISTS (
    SELECT 1 FROM dbos.workflow_status c WHERE c.workflow_uuid = w.attributes #>> '{now,waiting,name}'
      AND c.status IN (${endedStates.map((state) => `'${state}'`).join(', ')})))`;

/** Gives runs that were let go of their turn again. */
export const updateReady = `
  UPDATE dbos.workflow_status w SET status = 'ENQUEUED', delay_until_epoch_ms = NULL,
    attributes = w.attributes - 'now', updated_at = (EXTRACT(EPOCH FROM now()) * 1000)::bigint
  WHERE w.name = '${dbosWorkflow}' AND w.status = 'DELAYED' AND w.attributes ? 'now' AND ${isReady}`;

/** A name without what Postgres does not take in a text. */
const quoted = (name: string): string => JSON.stringify(name).slice(1, -1);

/** Lets a run go on from what it recorded, without some rows. */
export const updateReopened = `
  WITH run AS (
    UPDATE dbos.workflow_status SET status = 'ENQUEUED', owner_xid = NULL, queue_name = $2,
      completed_at = NULL, started_at_epoch_ms = NULL, attributes = attributes - 'now' - 'crashes',
      updated_at = (EXTRACT(EPOCH FROM now()) * 1000)::bigint
    WHERE workflow_uuid = $1 AND status = ANY ($3) AND status <> 'SUCCESS'
    RETURNING workflow_uuid
  ), outcome AS (
    DELETE FROM dbos.workflow_output o USING run WHERE o.workflow_uuid = run.workflow_uuid
  )
  DELETE FROM dbos.operation_outputs s USING run
  WHERE s.workflow_uuid = run.workflow_uuid AND s.function_id = ANY ($4::int[])`;

/** Some finished runs that ended before a time, or before the newest of them, and whose parent has ended. */
export const selectExpired = `
  SELECT w.workflow_uuid AS id FROM dbos.workflow_status w
  WHERE w.name = '${dbosWorkflow}' AND w.status = ANY ($1) AND (w.completed_at < $2::bigint
    OR (w.completed_at, ${numberOfRun}) <= (
      SELECT w.completed_at, ${numberOfRun} FROM dbos.workflow_status w
      WHERE w.name = '${dbosWorkflow}' AND w.status = ANY ($1)
      ORDER BY w.completed_at DESC, ${numberOfRun} DESC LIMIT 1 OFFSET $3::bigint))
    AND NOT EXISTS (SELECT 1 FROM dbos.workflow_status p
      WHERE p.workflow_uuid = w.attributes->>'parent' AND NOT p.status = ANY ($1))
  ORDER BY w.completed_at LIMIT 100`;

/** Puts runs of a process into their queues again: some, or all of them. */
export const updateGivenBack = `
  UPDATE dbos.workflow_status SET status = 'ENQUEUED', owner_xid = NULL, started_at_epoch_ms = NULL,
    queue_name = COALESCE(queue_name, $3), updated_at = (EXTRACT(EPOCH FROM now()) * 1000)::bigint
  WHERE ($1::text[] IS NULL OR workflow_uuid = ANY ($1)) AND executor_id = $2 AND status = 'PENDING'`;

/** Tells how runs stand that are under way. */
export const updatePublished = `
  UPDATE dbos.workflow_status w SET attributes = w.attributes || jsonb_build_object('now', r.now::jsonb)
  FROM unnest($1::text[], $2::text[]) AS r(run, now)
  WHERE w.workflow_uuid = r.run AND w.executor_id = $3 AND w.status = 'PENDING'`;

/** Counts the runs that wait for their turn. */
export const countReady = `
  SELECT count(*) FROM dbos.workflow_status w
  WHERE w.name = '${dbosWorkflow}' AND (w.status = 'ENQUEUED' OR ${isHeldBack})`;
