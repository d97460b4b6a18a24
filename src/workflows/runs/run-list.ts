import { z } from 'zod';
import { GraphwrightError } from '../../errors.ts';
import type { SqlValue, Statement } from '../../ontology/embedded/state-file.ts';
import { parse } from '../../parse.ts';
import { decisionSignal } from '../approval/run-approval.ts';
import { selectRuns } from './run-rows.ts';
import type { RunFilter, RunStatus } from './runs.ts';

const Status = z.enum(['started', 'processing', 'waiting', 'completed', 'failed', 'cancelled']);

const Filter = z.object({
  workflow: z.string().optional(),
  status: z.union([Status, z.array(Status)]).optional(),
  parent: z.string().optional(),
  owner: z.string().optional(),
  approval: z.enum(['any', 'pending']).optional(),
  seenBy: z.object({ owner: z.string(), workflows: z.array(z.string()).readonly() }).optional(),
  since: z.iso.datetime({ offset: true }).optional(),
  before: z.iso.datetime({ offset: true }).optional(),
  cursor: z.string().optional(),
  limit: z.int('A limit is a whole number').min(1).max(1000).default(50),
});

/** A filter whose values are known to be what they should be. */
export type ParsedFilter = z.output<typeof Filter>;

/** @throws GraphwrightError `invalid_parameters` */
export const parseFilter = (filter: RunFilter): ParsedFilter =>
  parse(Filter, filter, 'invalid_parameters', 'The filter of runs');

/** The place after which the next page begins, as clients see it. */
export const cursorOf = (number: number): string =>
  Buffer.from(`runs:${number}`).toString('base64url');

/** @throws GraphwrightError `invalid_parameters` for a text that is no cursor. */
export function numberOf(cursor: string): number {
  const [, number] = /^runs:(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (number !== undefined) return Number(number);
  throw new GraphwrightError('invalid_parameters', 'The cursor is none that a page of runs gave', {
    problems: [{ pointer: '/cursor', detail: 'Not a cursor' }],
  });
}

/**
 * Selects one run more than a page holds, so that it shows whether there are more.
 * @param live How the runs in memory stand, which is newer than what is on disk.
 */
export function selectPage(filter: ParsedFilter, live: ReadonlyMap<number, RunStatus>): Statement {
  const { workflow, status, parent, owner, approval, seenBy, since, before, cursor, limit } =
    filter;
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  const where = (condition: string, ...bound: SqlValue[]) => {
    conditions.push(condition);
    values.push(...bound);
  };
  if (cursor !== undefined) where('number < ?', numberOf(cursor));
  if (workflow !== undefined) where('workflow = ?', workflow);
  if (parent !== undefined) where('parent = ?', parent);
  if (owner !== undefined) where('owner = ?', owner);
  if (approval !== undefined) where('approval IS NOT NULL');
  if (approval === 'pending')
    where(
      `ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM run_signals AS decision
        WHERE decision.run = runs.number AND decision.id = ?)`,
      decisionSignal,
    );
  if (seenBy)
    where(
      '(owner = ? OR workflow IN (SELECT value FROM json_each(?)))',
      seenBy.owner,
      JSON.stringify(seenBy.workflows),
    );
  if (since !== undefined) where('started_at >= ?', new Date(since).toISOString());
  if (before !== undefined) where('started_at < ?', new Date(before).toISOString());
  if (status !== undefined) {
    const wanted = [status].flat();
    const matching = [...live].flatMap(([number, now]) => (wanted.includes(now) ? number : []));
    where(
      `(number IN (SELECT value FROM json_each(?)) OR
        (number NOT IN (SELECT value FROM json_each(?)) AND status IN (SELECT value FROM json_each(?))))`,
      JSON.stringify(matching),
      JSON.stringify([...live.keys()]),
      JSON.stringify(wanted),
    );
  }
  return selectRuns(
    `${conditions.join(' AND ') || 'true'} ORDER BY number DESC LIMIT ?`,
    ...values,
    limit + 1,
  );
}
