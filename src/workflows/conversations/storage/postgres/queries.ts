import type { HeadFilter } from '../storage.ts';
import { commitFunction, type PostgresTables } from './tables.ts';

/** The statements of one set of tables. */
export interface Queries {
  readonly load: string;
  readonly commit: string;
  readonly oldestEntries: string;
  readonly newestEntries: string;
  readonly put: string;
  readonly inbox: string;
  readonly delete: string;
  readonly sweepConversations: string;
  readonly sweepEvents: string;
  /** The name under which each is prepared. */
  readonly names: ReadonlyMap<string, string>;
}

export function queriesOf(tables: PostgresTables): Queries {
  const { conversations, entries, events } = tables;
  const columns = 'version, at, message_id, checkpoint, data';
  const part = (order: 'ASC' | 'DESC') => `SELECT ${columns} FROM ${entries}
    WHERE tenant = $1 AND id = $2 AND version > $3 AND version < coalesce($4::int, 2147483647)
      AND (NOT $5::boolean OR checkpoint IS NOT NULL) ORDER BY version ${order} LIMIT $6`;
  const queries = {
    load: `SELECT h.*, b.base, b.follows, e.version AS entry_version, e.at, e.message_id, e.checkpoint,
        e.data AS entry_data, CASE WHEN e.version = b.base AND NOT b.follows THEN e.snapshot END AS snapshot
      FROM ${conversations} h
      CROSS JOIN LATERAL (SELECT coalesce($3::int <= h.version, false) AS follows,
        least(h.version, coalesce($4::int, h.version)) AS last) f
      CROSS JOIN LATERAL (SELECT f.*, CASE WHEN f.follows THEN $3::int ELSE coalesce(
        (SELECT s.version FROM ${entries} s WHERE s.tenant = h.tenant AND s.id = h.id
          AND s.version <= f.last AND s.snapshot IS NOT NULL ORDER BY s.version DESC LIMIT 1), 0) END AS base) b
      LEFT JOIN ${entries} e ON e.tenant = h.tenant AND e.id = h.id AND (
        (e.version > b.base AND e.version <= b.last)
        OR (e.version = b.base AND NOT b.follows) OR e.message_id = $5)
      WHERE h.tenant = $1 AND h.id = $2 ORDER BY e.version`,
    commit: `SELECT ${commitFunction(tables)}(${places(23)}) AS refusal`,
    oldestEntries: part('ASC'),
    newestEntries: part('DESC'),
    put: `INSERT INTO ${events} (tenant, correlation_id, id, type, at, data)
      VALUES (${places(6)}) ON CONFLICT DO NOTHING RETURNING 1`,
    inbox: `SELECT * FROM ${events} WHERE tenant = $1 AND correlation_id = $2 AND type = $3 AND NOT taken
      ORDER BY at`,
    delete: `DELETE FROM ${conversations} WHERE tenant = $1 AND id = $2 RETURNING 1`,
    sweepConversations: `DELETE FROM ${conversations} WHERE (tenant, id) IN (SELECT tenant, id
      FROM ${conversations} WHERE updated_at < $1 LIMIT $2) RETURNING 1`,
    sweepEvents: `DELETE FROM ${events} WHERE (tenant, correlation_id, id) IN
      (SELECT tenant, correlation_id, id FROM ${events} WHERE at < $1 LIMIT $2) RETURNING 1`,
  };
  const names = Object.entries(queries).map(
    ([name, sql]) => [sql, `${conversations}_${name}`] as const,
  );
  return { ...queries, names: new Map(names) };
}

/** The page of heads that a filter wants. */
export function wantedHeads(
  { conversations }: PostgresTables,
  filter: HeadFilter,
): { sql: string; values: unknown[] } {
  const values: unknown[] = [];
  const bound = (value: unknown) => `$${values.push(value)}`;
  const { tenant, flow, sessionId, status, waitingFor, dueBefore, after, limit } = filter;
  const conditions = [
    tenant !== undefined && `tenant = ${bound(tenant)}`,
    flow !== undefined && `flow = ${bound(flow)}`,
    sessionId !== undefined && `session_id = ${bound(sessionId)}`,
    status && `status = ANY (${bound([...status])})`,
    waitingFor && `waiting_correlation = ${bound(waitingFor.correlationId)}`,
    waitingFor && `waiting_type = ${bound(waitingFor.type)}`,
    dueBefore !== undefined && `due_at <= ${bound(dueBefore)}`,
    after &&
      `(created_at, tenant, id) < (${bound(after.createdAt)}, ${bound(after.tenant)}, ${bound(after.id)})`,
  ].filter((condition) => typeof condition === 'string');
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  const order = `ORDER BY created_at DESC, tenant DESC, id DESC LIMIT ${bound(limit)}`;
  return { sql: `SELECT * FROM ${conversations} ${where} ${order}`, values };
}

const places = (count: number) => Array.from({ length: count }, (_, at) => `$${at + 1}`).join(', ');
