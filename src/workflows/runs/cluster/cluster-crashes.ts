import { GraphwrightError } from '../../../errors.ts';
import { dbosWorkflow, numberOfRun, type ClusterRun } from './cluster-rows.ts';

/** So many crashes in a row put a run under suspicion; up to then it may merely have been under way. */
const suspicious = 2;
/** Milliseconds that a run under suspicion has to itself. */
const trial = 5_000;

const milliseconds = '(EXTRACT(EPOCH FROM now()) * 1000)::bigint';
const known = (field: 'count' | 'place' | 'tried') =>
  `(w.attributes #>> '{crashes,${field}}')::bigint`;

/** How far a run has got: the place of the last thing that it recorded. */
const progress = `(SELECT coalesce(max(s.function_id), 0) FROM dbos.operation_outputs s
  WHERE s.workflow_uuid = w.workflow_uuid AND s.function_name NOT LIKE 'intent %')`;

/** The crashes in a row, with the one of now. A run under suspicion counts only when it had its turn. */
const crashes = `CASE WHEN ${progress} > coalesce(${known('place')}, -1) THEN 1
  WHEN ${known('count')} < ${suspicious} OR ${known('tried')} IS NOT NULL THEN ${known('count')} + 1
  ELSE ${known('count')} END`;

/**
 * Gives the runs of dead processes to their queues, and counts for each that its process died. Those under
 * suspicion are held back until they have their turn. The lock of a dead process can be had; with the end of the
 * statement it is free again.
 */
export const updateOrphaned = `
  WITH dead AS MATERIALIZED (
    SELECT executor_id FROM (
      SELECT DISTINCT executor_id FROM dbos.workflow_status
      WHERE status = 'PENDING' AND name = $1 AND executor_id <> $2
    ) AS other
    WHERE pg_try_advisory_xact_lock(hashtextextended(executor_id, 0))
  )
  UPDATE dbos.workflow_status w SET owner_xid = NULL, started_at_epoch_ms = NULL, delay_until_epoch_ms = NULL,
    status = CASE WHEN ${crashes} BETWEEN ${suspicious} AND $4::int - 1 THEN 'DELAYED' ELSE 'ENQUEUED' END,
    attributes = (w.attributes - 'now') || jsonb_build_object('crashes',
      jsonb_build_object('count', ${crashes}, 'place', ${progress})),
    queue_name = COALESCE(w.queue_name, $3), updated_at = ${milliseconds}
  WHERE w.status = 'PENDING' AND w.name = $1 AND w.executor_id IN (SELECT executor_id FROM dead)`;

/** Runs that have crashed and not waited since. */
const crashed = `w.name = '${dbosWorkflow}' AND w.attributes ? 'crashes'`;

/** Runs under suspicion that are held back. One that waits is under suspicion no more, see `updateParked`. */
export const isHeldBack = `(w.status = 'DELAYED' AND w.attributes ? 'crashes')`;

/**
 * Gives one run under suspicion its turn, unless another one has it, in any process: the next crash then tells
 * which of them it comes from. The least suspected come first: while processes die too early for anything to get
 * further, no run is to be blamed for all of it. One that takes long, or has got further, does not hold the others up.
 */
export const updateTried = `
  WITH alone AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(hashtextextended('graphwright suspects', 0)) AS mine
  ), next AS (
    SELECT w.workflow_uuid AS id FROM dbos.workflow_status w
    WHERE ${crashed} AND ${isHeldBack} AND (SELECT mine FROM alone) AND NOT EXISTS (
      SELECT 1 FROM dbos.workflow_status w WHERE ${crashed} AND w.status IN ('ENQUEUED', 'PENDING')
        AND ${known('tried')} > ${milliseconds} - ${trial} AND ${progress} <= ${known('place')})
    ORDER BY ${known('count')}, ${numberOfRun} LIMIT 1
  )
  UPDATE dbos.workflow_status w SET status = 'ENQUEUED', updated_at = ${milliseconds},
    attributes = jsonb_set(w.attributes, '{crashes,tried}', to_jsonb(${milliseconds}))
  FROM next WHERE w.workflow_uuid = next.id AND ${isHeldBack}`;

/** The error of a run that is not to have another turn, if it is one. */
export function crashFailure(
  { record: { id, workflow }, crashes: count = 0 }: ClusterRun,
  limit: number,
): GraphwrightError | undefined {
  if (count < limit) return undefined;
  return new GraphwrightError(
    'limit_reached',
    `${count} processes in a row died while they carried out the run ${id} of ${workflow}, which is not taken up again. Find out what ends them, then resume the run`,
  );
}
