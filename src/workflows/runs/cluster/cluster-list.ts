import { GraphwrightError } from '../../../errors.ts';
import type { ParsedFilter } from '../run-list.ts';
import type { RunStatus } from '../runs.ts';
import { decisionSignal } from '../../approval/run-approval.ts';
import { endedStates, numberOfRun, statesOf } from './cluster-rows.ts';

/** The place after which the next page begins, as clients see it. */
export const cursorOf = (number: number, id: string): string =>
  Buffer.from(`runs:${number}:${id}`).toString('base64url');

function placeOf(cursor: string): [number, string] {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, number, id] = /^runs:(\d{1,15}):([A-Za-z0-9_-]{1,64})$/.exec(text) ?? [];
  if (number !== undefined) return [Number(number), id!];
  throw new GraphwrightError('invalid_parameters', 'The cursor is none that a page of runs gave', {
    problems: [{ pointer: '/cursor', detail: 'Not a cursor' }],
  });
}

/** A condition with the values that it binds. */
export interface Condition {
  condition: string;
  values: unknown[];
}

/** How the runs that are executed here stand, which is newer than what is on disk. */
type Live = ReadonlyMap<string, RunStatus>;

/**
 * The runs of a page, and one more, so that it shows whether there are more; undefined when there can be none.
 */
export function pageCondition(filter: ParsedFilter, live: Live): Condition | undefined {
  const { workflow, status, parent, owner, approval, seenBy, since, before, cursor, limit } =
    filter;
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const conditions: string[] = [];
  const attributes = { workflow, parent, owner };
  if (Object.values(attributes).some((value) => value !== undefined && !isStorable(value)))
    return undefined;
  if (workflow !== undefined || parent !== undefined || owner !== undefined)
    conditions.push(`w.attributes @> ${bind(JSON.stringify(attributes))}::jsonb`);
  if (cursor !== undefined) {
    const [number, id] = placeOf(cursor);
    conditions.push(
      `(${numberOfRun}, w.workflow_uuid) < (${bind(number)}::bigint, ${bind(id)}::text)`,
    );
  }
  if (approval !== undefined) conditions.push(`w.attributes ? 'approval'`);
  if (approval === 'pending')
    conditions.push(`NOT w.status = ANY (${bind(endedStates)}) AND NOT EXISTS (
      SELECT 1 FROM dbos.notifications n
      WHERE n.destination_uuid = w.workflow_uuid AND n.topic = ${bind(decisionSignal)})`);
  if (seenBy)
    conditions.push(
      `(w.attributes->>'owner' = ${bind(seenBy.owner)} OR w.attributes->>'workflow' = ANY (${bind(seenBy.workflows)}))`,
    );
  if (since !== undefined) conditions.push(`${numberOfRun} >= ${bind(firstNumber(since))}::bigint`);
  if (before !== undefined)
    conditions.push(`${numberOfRun} < ${bind(firstNumber(before))}::bigint`);
  if (status !== undefined) conditions.push(statusCondition([status].flat(), live, bind));
  const where = conditions.join(' AND ') || 'true';
  const order = `ORDER BY ${numberOfRun} DESC, w.workflow_uuid DESC LIMIT ${bind(limit + 1)}`;
  return { condition: `${where} ${order}`, values };
}

function statusCondition(
  wanted: readonly RunStatus[],
  live: Live,
  bind: (value: unknown) => string,
): string {
  const matching = [...live].flatMap(([id, now]) => (wanted.includes(now) ? id : []));
  const stored = [`w.status = ANY (${bind(wanted.flatMap(statesOf))})`];
  const published = `w.attributes #>> '{now,status}'`;
  const isWaiting = `(w.status IN ('PENDING', 'DELAYED', 'ENQUEUED') AND ${published} IS NOT DISTINCT FROM 'waiting')`;
  if (wanted.includes('waiting')) stored.push(isWaiting);
  if (wanted.includes('processing')) stored.push(`(w.status = 'PENDING' AND NOT ${isWaiting})`);
  if (wanted.includes('started'))
    stored.push(`(w.status IN ('DELAYED', 'ENQUEUED') AND NOT ${isWaiting})`);
  return `(w.workflow_uuid = ANY (${bind(matching)}) OR
    (NOT w.workflow_uuid = ANY (${bind([...live.keys()])}) AND (${stored.join(' OR ')})))`;
}

/** The smallest number of a run that was accepted at this time; see {@link numbers}. */
const firstNumber = (time: string): number => Date.parse(time) * perMillisecond;

const perMillisecond = 100;

/** Numbers that grow with time, and within this process with each one. */
export function numbers(now: () => number): () => number {
  let last = 0;
  return () => (last = Math.max(last + 1, now() * perMillisecond));
}

/** Whether Postgres can hold a text as JSON. */
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/** @throws GraphwrightError `invalid_parameters` */
export function assertStorable(pointer: string, text: string): void {
  if (isStorable(text)) return;
  const detail = 'Holds a NUL or half a surrogate pair, which Postgres does not take';
  throw new GraphwrightError('invalid_parameters', `The text at ${pointer} cannot be stored`, {
    problems: [{ pointer, detail }],
  });
}
