import { z } from 'zod';
import { GraphwrightError } from '../../../errors.ts';
import { parse } from '../../../parse.ts';
import type { Commit, StoredEntry, StoredEvent, StoredHead } from './storage.ts';

/** Texts as they are; bytes, which JSON has not, as base64. */
const StoredData = z.codec(
  z.union([z.string(), z.strictObject({ base64: z.string() })]),
  z.union([z.string(), z.instanceof(Uint8Array)]),
  {
    decode: (written) =>
      typeof written === 'string' ? written : new Uint8Array(Buffer.from(written.base64, 'base64')),
    encode: (data) =>
      typeof data === 'string' ? data : { base64: Buffer.from(data).toString('base64') },
  },
);

const Awaited = z.strictObject({ type: z.string(), correlationId: z.string() });

const Head: z.ZodType<StoredHead> = z.strictObject({
  tenant: z.string(),
  id: z.string(),
  flow: z.string(),
  sessionId: z.string(),
  status: z.enum(['active', 'waiting', 'paused', 'completed', 'failed', 'cancelled', 'expired']),
  version: z.int(),
  waitingFor: Awaited.optional(),
  createdAt: z.number(),
  updatedAt: z.number(),
  dueAt: z.number().optional(),
  data: StoredData,
});

const Entry: z.ZodType<StoredEntry> = z.strictObject({
  version: z.int(),
  at: z.number(),
  messageId: z.string().optional(),
  checkpoint: z.string().optional(),
  data: StoredData,
  snapshot: StoredData.optional(),
});

const CommitRecord = z.strictObject({
  head: Head,
  entry: Entry,
  takes: z.strictObject({ correlationId: z.string(), id: z.string() }).optional(),
  window: z.number().optional(),
});

/** What a line of a conversation's file says. */
export type WrittenCommit = Pick<Commit, 'head' | 'entry' | 'takes' | 'limits'>;

/** A commit as a line of JSON keeps it. */
export function writtenCommit({ head, entry, takes, limits }: Commit): unknown {
  const taken = takes && { correlationId: takes.correlationId, id: takes.id };
  return z.encode(CommitRecord, { head, entry, takes: taken, window: limits?.rate?.window });
}

/** @throws GraphwrightError `store_damaged` */
export function readCommit(value: unknown): WrittenCommit {
  const record = parse(CommitRecord, value, 'store_damaged', 'A line of a conversation');
  const { window, ...commit } = record;
  if (window === undefined) return commit;
  return { ...commit, limits: { rate: { window, most: Infinity } } };
}

export const readEntry = (value: unknown): StoredEntry => readCommit(value).entry;

const EventKey = z.strictObject({ tenant: z.string(), correlationId: z.string(), id: z.string() });
const Event: z.ZodType<StoredEvent> = z.strictObject({
  ...EventKey.shape,
  type: z.string(),
  at: z.number(),
  data: StoredData,
});

/** What a line of the inbox says: an event came, or one that came was taken. */
const InboxRecord = z.union([
  z.strictObject({ put: Event, taken: z.boolean().optional() }),
  z.strictObject({ takes: EventKey }),
]);
export type InboxRecord = z.output<typeof InboxRecord>;

export const writtenInbox = (record: InboxRecord): unknown => z.encode(InboxRecord, record);

/** @throws GraphwrightError `store_damaged` */
export const readInbox = (value: unknown): InboxRecord =>
  parse(InboxRecord, value, 'store_damaged', 'A line of the inbox');

/** Heads, entries and events by themselves, as JSON keeps them. */
export const writtenHead = (head: StoredHead): unknown => z.encode(Head, head);
export const writtenEntry = (entry: StoredEntry): unknown => z.encode(Entry, entry);
export const writtenEvent = (event: StoredEvent): unknown => z.encode(Event, event);

/** @throws GraphwrightError `store_damaged` */
export const parseHead = (text: string): StoredHead =>
  parse(Head, json(text), 'store_damaged', 'The head of a conversation');

/** @throws GraphwrightError `store_damaged` */
export const parseEntry = (text: string): StoredEntry =>
  parse(Entry, json(text), 'store_damaged', 'An entry of a conversation');

/** @throws GraphwrightError `store_damaged` */
export const parseEvent = (text: string): StoredEvent =>
  parse(Event, json(text), 'store_damaged', 'An event of the inbox');

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GraphwrightError('store_damaged', 'What is stored is no JSON', { cause });
  }
}
