import type { SqlValue, Statement } from '../../../../ontology/embedded/state-file.ts';
import { hasEnded, type ConversationKey } from '../../conversation.ts';
import type { AwaitedEvent } from '../../message.ts';
import type {
  Commit,
  CommitLimits,
  EntryFilter,
  HeadFilter,
  LoadOptions,
  Refusal,
  StoredEvent,
  StoredHead,
  SweepFilter,
} from '../storage.ts';

/** A conversation has fewer versions than this, so that its number and a version make one number. */
const versions = 2 ** 24;

/** All that a commit does, what speaks against it first. */
export function commitStatements({
  expected,
  head,
  entry,
  takes,
  limits = {},
}: Commit): Statement[] {
  const { tenant, id, version } = head;
  const place = `(SELECT number * ${versions} + ? FROM conversations WHERE tenant = ? AND id = ?)`;
  const places = [version, tenant, id];
  return [
    expected === 0 ? insertHead(head) : updateHead(head, expected),
    ...(takes ? [takeEvent(tenant, takes)] : []),
    ...limitStatements(head, limits),
    {
      sql: `INSERT INTO conversation_entries (place, at, message_id, checkpoint, data)
        VALUES (${place}, ?, ?, ?, ?)`,
      values: [...places, entry.at, entry.messageId ?? null, entry.checkpoint ?? null, entry.data],
    },
    ...(entry.snapshot === undefined
      ? []
      : [
          {
            sql: `INSERT INTO conversation_snapshots (place, data) VALUES (${place}, ?)`,
            values: [...places, entry.snapshot],
          },
        ]),
  ];
}

/** Ends the transaction with this reason unless the condition holds. */
const assertThat = (reason: Refusal, condition: string, ...values: SqlValue[]): Statement => ({
  sql: `INSERT INTO conversation_refusals SELECT '${reason}' WHERE NOT (${condition})`,
  values,
});

/** Ends the transaction with this reason. */
const refuse = (reason: Refusal): Statement => ({
  sql: 'INSERT INTO conversation_refusals VALUES (?)',
  values: [reason],
});

const insertHead = (head: StoredHead): Statement => ({
  sql: `INSERT INTO conversations (version, updated_at, due_at, data, status, open, waiting_type, waiting_correlation,
      tenant, id, flow, session, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  values: [
    ...changingValues(head),
    head.tenant,
    head.id,
    head.flow,
    head.sessionId,
    head.createdAt,
  ],
});

/** SQLite writes each index anew whose columns are set, equal or not: so these are set only where they differ. */
function updateHead(head: StoredHead, expected: number): Statement {
  const values = [...changingValues(head), head.tenant, head.id, expected];
  const which = 'WHERE tenant = ?9 AND id = ?10 AND version = ?11';
  return {
    sql: `UPDATE conversations SET version = ?1, updated_at = ?2, due_at = ?3, data = ?4
      ${which} AND status = ?5 AND open = ?6 AND waiting_type IS ?7 AND waiting_correlation IS ?8`,
    values,
    otherwise: {
      sql: `UPDATE conversations SET version = ?1, updated_at = ?2, due_at = ?3, data = ?4,
        status = ?5, open = ?6, waiting_type = ?7, waiting_correlation = ?8 ${which}`,
      values,
      otherwise: refuse('version'),
    },
  };
}

/** What a conversation does not keep for as long as there is one. */
const changingValues = (head: StoredHead): SqlValue[] => [
  head.version,
  head.updatedAt,
  head.dueAt ?? null,
  head.data,
  head.status,
  hasEnded(head.status) ? 0 : 1,
  head.waitingFor?.type ?? null,
  head.waitingFor?.correlationId ?? null,
];

const takeEvent = (
  tenant: string,
  { correlationId, id }: NonNullable<Commit['takes']>,
): Statement => ({
  sql: `UPDATE conversation_inbox SET taken = 1
    WHERE tenant = ? AND correlation = ? AND id = ? AND taken = 0`,
  values: [tenant, correlationId, id],
  otherwise: refuse('event'),
});

/** The head is in its table already, and counts if it is open. */
function limitStatements(
  { tenant }: StoredHead,
  { tenantSessions, allSessions, rate }: CommitLimits,
): Statement[] {
  const statements: Statement[] = [];
  const open = 'SELECT count(*) FROM conversations WHERE open = 1';
  if (tenantSessions !== undefined)
    statements.push(
      assertThat('tenant_sessions', `(${open} AND tenant = ?) <= ?`, tenant, tenantSessions),
    );
  if (allSessions !== undefined)
    statements.push(assertThat('all_sessions', `(${open}) <= ?`, allSessions));
  if (rate)
    statements.push(
      {
        sql: `INSERT INTO conversation_windows (tenant, window, count) VALUES (?, ?, 1)
          ON CONFLICT (tenant) DO UPDATE SET window = excluded.window,
            count = CASE WHEN window = excluded.window THEN count + 1 ELSE 1 END`,
        values: [tenant, rate.window],
      },
      assertThat(
        'rate',
        '(SELECT count FROM conversation_windows WHERE tenant = ?) <= ?',
        tenant,
        rate.most,
      ),
    );
  return statements;
}

/** Everything that is needed to rebuild a conversation, in one statement, so that it fits together. */
export const selectConversation = (
  { tenant, id }: ConversationKey,
  { known, at, messageId, messageIds }: LoadOptions,
): Statement => ({
  sql: `WITH head AS (SELECT * FROM conversations WHERE tenant = ?1 AND id = ?2),
    bounds AS (SELECT number * ${versions} AS zero, number * ${versions} + coalesce(?4, version) AS last,
      ?3 <= version AS follows FROM head),
    base AS (SELECT CASE WHEN follows THEN NULL ELSE (SELECT max(place) FROM conversation_snapshots
      WHERE place > zero AND place <= last) END AS snapshot, * FROM bounds)
    SELECT 'head' AS kind, version, updated_at AS at, NULL AS message_id, NULL AS checkpoint, data, id, tenant, flow,
      session, status, waiting_type, waiting_correlation, created_at, due_at FROM head
    UNION ALL SELECT 'snapshot', place - zero, 0, NULL, NULL, data, ${nothing} FROM base
      JOIN conversation_snapshots ON place = snapshot
    UNION ALL SELECT 'entry', place - zero, at, message_id, checkpoint, data, ${nothing} FROM base
      JOIN conversation_entries ON place > CASE WHEN follows THEN zero + ?3 ELSE coalesce(snapshot, zero) END AND place <= last
    UNION ALL SELECT 'answered', place - zero, at, message_id, checkpoint, data, ${nothing} FROM base
      JOIN conversation_entries ON place > zero AND place < zero + ${versions} AND message_id = ?5${messageIds ? selectIds : ''}`,
  values: [tenant, id, known ?? null, at ?? null, messageId ?? null],
});

const nothing = 'NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL';

const selectIds = `
    UNION ALL SELECT 'ids', 0, 0, NULL, NULL, json_group_array(message_id), ${nothing} FROM base
      JOIN conversation_entries ON place > zero AND place < zero + ${versions} AND message_id IS NOT NULL`;

/** A part of the log. */
export function selectEntries({ tenant, id }: ConversationKey, filter: EntryFilter): Statement {
  const { after = 0, before = versions, checkpoints = false, order = 'oldest', limit } = filter;
  return {
    sql: `SELECT place - number * ${versions} AS version, at, message_id, checkpoint, conversation_entries.data AS data
      FROM conversations JOIN conversation_entries
        ON place > number * ${versions} + ?3 AND place < number * ${versions} + ?4
      WHERE tenant = ?1 AND id = ?2 ${checkpoints ? 'AND checkpoint IS NOT NULL' : ''}
      ORDER BY place ${order === 'newest' ? 'DESC' : ''} LIMIT ?5`,
    values: [tenant, id, after, Math.min(before, versions), limit],
  };
}

/** Puts an event into the inbox, unless it is known. */
export const insertEvent = (event: StoredEvent): Statement => ({
  sql: `INSERT INTO conversation_inbox (tenant, correlation, id, type, at, data) VALUES (?, ?, ?, ?, ?, ?)`,
  values: [event.tenant, event.correlationId, event.id, event.type, event.at, event.data],
});

export const selectInbox = (tenant: string, { type, correlationId }: AwaitedEvent): Statement => ({
  sql: `SELECT * FROM conversation_inbox WHERE tenant = ? AND correlation = ? AND type = ? AND taken = 0
    ORDER BY at, number`,
  values: [tenant, correlationId, type],
});

/** A page of heads, the newest first. */
export function selectHeads({ limit, after, ...filter }: HeadFilter): Statement {
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  const where = (condition: string, ...bound: (SqlValue | undefined)[]) => {
    if (bound.includes(undefined)) return;
    conditions.push(condition);
    values.push(...(bound as SqlValue[]));
  };
  where('tenant = ?', filter.tenant);
  where('flow = ?', filter.flow);
  where('session = ?', filter.sessionId);
  where(
    'status IN (SELECT value FROM json_each(?))',
    filter.status && JSON.stringify(filter.status),
  );
  where('waiting_type = ?', filter.waitingFor?.type);
  where('waiting_correlation = ?', filter.waitingFor?.correlationId);
  where('open = 1 AND due_at <= ?', filter.dueBefore);
  if (filter.status?.every((status) => !hasEnded(status))) where('open = 1');
  where('(created_at, tenant, id) < (?, ?, ?)', after?.createdAt, after?.tenant, after?.id);
  return {
    sql: `SELECT * FROM conversations ${indexFor(filter)} WHERE ${conditions.join(' AND ') || 'true'}
      ORDER BY created_at DESC, tenant DESC, id DESC LIMIT ?`,
    values: [...values, limit],
  };
}

/** Left to itself SQLite reads all of a tenant, because they lie in the order that is wanted. */
function indexFor({ tenant, waitingFor, sessionId }: Omit<HeadFilter, 'limit'>): string {
  if (tenant === undefined) return '';
  if (waitingFor) return 'INDEXED BY waiting_conversations';
  return sessionId === undefined ? '' : 'INDEXED BY conversations_by_session';
}

const selectNumber = 'SELECT number FROM conversations WHERE tenant = ? AND id = ?';

export const selectNumberOf = ({ tenant, id }: ConversationKey): Statement => ({
  sql: selectNumber,
  values: [tenant, id],
});

/** The conversations in which nothing happened since a time. */
export const selectOld = ({ conversationsBefore, limit }: SweepFilter): Statement => ({
  sql: 'SELECT number FROM conversations WHERE updated_at < ? LIMIT ?',
  values: [conversationsBefore, limit],
});

/** The events that came before a time. */
export const selectOldEvents = ({ eventsBefore, limit }: SweepFilter): Statement => ({
  sql: 'SELECT number FROM conversation_inbox WHERE at < ? LIMIT ?',
  values: [eventsBefore, limit],
});

/** Removes conversations with all that belongs to them. */
export const deleteConversations = (numbers: readonly number[]): Statement[] =>
  numbers.flatMap((number) => [
    ...['conversation_entries', 'conversation_snapshots'].map((table) => ({
      sql: `DELETE FROM ${table} WHERE place > ? AND place < ?`,
      values: [number * versions, (number + 1) * versions],
    })),
    { sql: 'DELETE FROM conversations WHERE number = ?', values: [number] },
  ]);

export const deleteEvents = (numbers: readonly number[]): Statement => ({
  sql: 'DELETE FROM conversation_inbox WHERE number IN (SELECT value FROM json_each(?))',
  values: [JSON.stringify(numbers)],
});
