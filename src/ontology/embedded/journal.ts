import { createHash } from 'node:crypto';
import { GraphwrightError } from '../../errors.ts';
import type { Statement } from './state-file.ts';

/**
 * What one write changed, as N-Quads. A comment line `# graph <name>` stands for the named graph
 * itself: removed when it was dropped, inserted when it came into being.
 */
export interface Delta {
  removed: string;
  inserted: string;
}

/** How far a copy of the graph has followed the journal. */
export interface Head {
  position: number;
  /** Of the row at this position; empty before the first. */
  checksum: string;
}

/** One write as the journal keeps it; the checksum covers this row and, through its predecessor's, all before. */
export interface JournalRow extends Delta, Head {
  /** When it was written, ISO 8601. */
  at: string;
}

/** The place before the first write. */
export const beginning: Head = { position: 0, checksum: '' };

/** Makes the journal; the trigger keeps a write out whose predecessor failed. */
export const createJournal: readonly Statement[] = [
  {
    sql: `CREATE TABLE IF NOT EXISTS journal (
      position INTEGER PRIMARY KEY,
      at TEXT NOT NULL,
      removed TEXT NOT NULL,
      inserted TEXT NOT NULL,
      checksum TEXT NOT NULL
    ) STRICT`,
  },
  {
    sql: `CREATE TRIGGER IF NOT EXISTS journal_has_no_gap BEFORE INSERT ON journal
      WHEN NEW.position <> (SELECT coalesce(max(position), 0) + 1 FROM journal)
      BEGIN SELECT RAISE(ABORT, 'the write before this one is missing'); END`,
  },
];

/** Adds one row. */
export const appendRow = ({
  position,
  at,
  removed,
  inserted,
  checksum,
}: JournalRow): Statement => ({
  sql: 'INSERT INTO journal (position, at, removed, inserted, checksum) VALUES (?, ?, ?, ?, ?)',
  values: [position, at, removed, inserted, checksum],
});

/** The next rows after a position, as many as travel well in one message. */
export const rowsAfter = (position: number): Statement => ({
  sql: `SELECT position, at, removed, inserted, checksum FROM journal
    WHERE position > ? ORDER BY position LIMIT 1000`,
  values: [position],
});

/** The row that records a delta after the given head. */
export function nextRow(head: Head, { removed, inserted }: Delta): JournalRow {
  const row = { position: head.position + 1, at: new Date().toISOString(), removed, inserted };
  return { ...row, checksum: chain(head.checksum, row) };
}

/** @throws GraphwrightError `store_damaged` unless the row is the one that was written after the head. */
export function verifyRow(head: Head, row: JournalRow): void {
  if (row.position === head.position + 1 && row.checksum === chain(head.checksum, row)) return;
  const message = `The journal is damaged at position ${head.position + 1}: the row is missing or not what was written. Restore the data directory from a backup`;
  throw new GraphwrightError('store_damaged', message);
}

function chain(before: string, { position, at, removed, inserted }: Omit<JournalRow, 'checksum'>) {
  return createHash('sha256')
    .update(`${before} ${position} ${at} ${removed.length} ${inserted.length}\n`)
    .update(removed)
    .update(inserted)
    .digest('base64');
}
