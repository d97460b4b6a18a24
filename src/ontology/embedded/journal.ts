import { hash } from 'node:crypto';
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

/** What the journal's triggers do, by their names: they keep a write out whose predecessor failed, and note the last. */
const triggers = {
  journal_has_no_gap: `BEFORE INSERT ON journal
      WHEN NEW.position <> (SELECT coalesce(max(position), 0) + 1 FROM journal)
      BEGIN SELECT RAISE(ABORT, 'the write before this one is missing'); END`,
  // Each row vouches for those before it; the last is vouched for elsewhere, as it may go missing too.
  journal_end: `AFTER INSERT ON journal
      BEGIN INSERT OR REPLACE INTO newest (sequence, position) VALUES ('journal', NEW.position); END`,
};

/** Makes the journal. */
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
  ...Object.entries(triggers).map(([name, rule]) => ({
    sql: `CREATE TRIGGER IF NOT EXISTS ${name} ${rule}`,
  })),
];

/** The triggers of which SQLite keeps the very text that they were made from; compared there, as a damaged one may be no text. */
export const readTriggers: Statement = {
  sql: `SELECT name FROM sqlite_schema WHERE (name, sql) IN (VALUES ${Object.keys(triggers).map(() => '(?, ?)')})`,
  values: Object.entries(triggers).flatMap(([name, rule]) => [
    name,
    `CREATE TRIGGER ${name} ${rule}`,
  ]),
};

/**
 * @param sound What {@link readTriggers} found.
 * @throws GraphwrightError `store_damaged` naming a trigger that would keep the next write out, or lose track of it.
 */
export function verifyTriggers(sound: readonly { name: string }[]): void {
  const missing = Object.keys(triggers).find((name) => !sound.some((each) => each.name === name));
  if (missing !== undefined)
    throw new GraphwrightError(
      'store_damaged',
      `state.db is damaged: the trigger ${missing} is not as it was made. Restore the data directory from a backup`,
    );
}

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
  // octet_length() tells the size without reading the text.
  sql: `WITH next AS (
      SELECT position, sum(octet_length(removed) + octet_length(inserted)) OVER (ORDER BY position) AS size
      FROM (SELECT position, removed, inserted FROM journal WHERE position > ?1 ORDER BY position LIMIT 1000)
    )
    SELECT position, at, removed, inserted, checksum FROM journal
    WHERE position > ?1 AND position <=
      (SELECT coalesce(min(position) FILTER (WHERE size >= ${16 * 2 ** 20}), max(position)) FROM next)
    ORDER BY position`,
  values: [position],
});

/** The row that records a delta after the given head. */
export function nextRow(
  head: Head,
  { removed, inserted }: Delta,
  at = new Date().toISOString(),
): JournalRow {
  const row = { position: head.position + 1, at, removed, inserted };
  return { ...row, checksum: chain(head.checksum, row) };
}

/** @throws GraphwrightError `store_damaged` unless the row is the one that was written after the head. */
export function verifyRow(head: Head, row: JournalRow): void {
  const { position, at, removed, inserted } = row;
  // A single bit makes bytes of a text, and these have the same checksum.
  const isText = [at, removed, inserted].every((value) => typeof value === 'string');
  const follows = position === head.position + 1;
  if (follows && isText && row.checksum === chain(head.checksum, row)) return;
  throw damagedAt(head.position + 1);
}

function damagedAt(position: number): GraphwrightError {
  const message = `The journal is damaged at position ${position}: the row is missing or not what was written. Restore the data directory from a backup`;
  return new GraphwrightError('store_damaged', message);
}

/** Where the journal ends, by what was noted with its last row; nothing before the first. */
export const readEnd: Statement = {
  sql: `SELECT position FROM newest WHERE sequence = 'journal'`,
};

/** Fails, and with it the transaction, while the journal does not reach a position. */
export const assertEnd = (position: number): Statement => ({
  sql: `UPDATE newest SET position = NULL WHERE sequence = 'journal' AND position < ?`,
  values: [position],
});

/** @throws GraphwrightError `store_damaged` when reading the journal came to no more rows before its end. */
export function verifyEnd(position: number, end: number): void {
  if (position < end) throw damagedAt(position + 1);
}

function chain(before: string, { position, at, removed, inserted }: Omit<JournalRow, 'checksum'>) {
  const head = `${before} ${position} ${at} ${removed.length} ${inserted.length}\n`;
  return hash('sha256', head + removed + inserted, 'base64');
}
