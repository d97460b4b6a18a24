import type { SqlValue } from '../../../../ontology/embedded/state-file.ts';
import type { ConversationStatus } from '../../conversation.ts';
import type { Data, StoredEntry, StoredEvent, StoredHead } from '../storage.ts';

/** A row as the state file gives it. */
export type Row = Record<string, SqlValue>;

const text = (value: SqlValue | undefined): string | undefined =>
  (value as string | null) ?? undefined;
const number = (value: SqlValue | undefined): number | undefined =>
  (value as number | null) ?? undefined;
const data = (value: unknown): Data =>
  typeof value === 'string' ? value : new Uint8Array(value as ArrayBuffer | Uint8Array);

export function readHead(row: Row): StoredHead {
  const type = text(row['waiting_type']);
  const correlationId = text(row['waiting_correlation']);
  return {
    tenant: String(row['tenant']),
    id: String(row['id']),
    flow: String(row['flow']),
    sessionId: String(row['session']),
    status: row['status'] as ConversationStatus,
    version: Number(row['version']),
    waitingFor: type === undefined ? undefined : { type, correlationId: correlationId! },
    createdAt: Number(row['created_at']),
    updatedAt: Number(row['updated_at'] ?? row['at']),
    dueAt: number(row['due_at']),
    data: data(row['data']),
  };
}

export const readEntry = (row: Row): StoredEntry => ({
  version: Number(row['version']),
  at: Number(row['at']),
  messageId: text(row['message_id']),
  checkpoint: text(row['checkpoint']),
  data: data(row['data']),
});

export const readEvent = (row: Row): StoredEvent => ({
  tenant: String(row['tenant']),
  correlationId: String(row['correlation']),
  id: String(row['id']),
  type: String(row['type']),
  at: Number(row['at']),
  data: data(row['data']),
});

export const readData = (row: Row): Data => data(row['data']);
