import type { ConversationStatus } from '../../conversation.ts';
import type { Data, StoredEntry, StoredEvent, StoredHead } from '../storage.ts';

/** A head as its row. */
export interface HeadRow {
  tenant: string;
  id: string;
  flow: string;
  session_id: string;
  status: ConversationStatus;
  version: number;
  waiting_type: string | null;
  waiting_correlation: string | null;
  /** `bigint` comes as text. */
  created_at: string;
  updated_at: string;
  due_at: string | null;
  data: Buffer;
}

/** An entry as its row. */
export interface EntryRow {
  version: number;
  at: string;
  message_id: string | null;
  checkpoint: string | null;
  data: Buffer;
  snapshot?: Buffer | null;
}

/** An event as its row. */
export interface EventRow {
  tenant: string;
  correlation_id: string;
  id: string;
  type: string;
  at: string;
  data: Buffer;
}

const [text, bytes] = [0x74, 0x62];

/** Texts and bytes share a column: the first byte, `t` or `b`, tells them apart. */
export const toBytes = (data: Data): Buffer =>
  typeof data === 'string'
    ? Buffer.concat([Buffer.of(text), Buffer.from(data)])
    : Buffer.concat([Buffer.of(bytes), data]);

export const fromBytes = (stored: Buffer): Data =>
  stored[0] === text ? stored.toString('utf8', 1) : new Uint8Array(stored.subarray(1));

export const headOf = (row: HeadRow): StoredHead => ({
  tenant: row.tenant,
  id: row.id,
  flow: row.flow,
  sessionId: row.session_id,
  status: row.status,
  version: row.version,
  ...(row.waiting_type !== null && {
    waitingFor: { type: row.waiting_type, correlationId: row.waiting_correlation! },
  }),
  createdAt: Number(row.created_at),
  updatedAt: Number(row.updated_at),
  ...(row.due_at !== null && { dueAt: Number(row.due_at) }),
  data: fromBytes(row.data),
});

/** Without its snapshot. */
export const entryOf = (row: EntryRow): StoredEntry => ({
  version: row.version,
  at: Number(row.at),
  ...(row.message_id !== null && { messageId: row.message_id }),
  ...(row.checkpoint !== null && { checkpoint: row.checkpoint }),
  data: fromBytes(row.data),
});

export const eventOf = (row: EventRow): StoredEvent => ({
  tenant: row.tenant,
  correlationId: row.correlation_id,
  id: row.id,
  type: row.type,
  at: Number(row.at),
  data: fromBytes(row.data),
});
