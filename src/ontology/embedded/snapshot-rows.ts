import { createHash } from 'node:crypto';
import { GraphwrightError } from '../../errors.ts';
import { beginning, type Head } from './journal.ts';
import type { StateFile, Statement } from './state-file.ts';

/** A part of a snapshot: N-Quads, and the digest that finds out when they are not what was written. */
export interface SnapshotPage {
  position: number;
  number: number;
  /** As UTF-8, in which they go from the file to the engine. */
  statements: Uint8Array;
  checksum: string;
}

/** A finished snapshot: all that the journal tells up to its head. */
export interface Snapshot {
  head: Head;
  pages: number;
  /** When it was made, ISO 8601. */
  at: string;
}

/** Snapshots stand beside the journal, so that one file holds, moves and restores everything. */
export const createSnapshots: readonly Statement[] = [
  {
    sql: `CREATE TABLE IF NOT EXISTS snapshot (
      position INTEGER PRIMARY KEY,
      head TEXT NOT NULL,
      pages INTEGER NOT NULL,
      at TEXT NOT NULL,
      checksum TEXT NOT NULL
    ) STRICT`,
  },
  {
    sql: `CREATE TABLE IF NOT EXISTS snapshot_page (
      position INTEGER NOT NULL,
      number INTEGER NOT NULL,
      statements TEXT NOT NULL,
      checksum TEXT NOT NULL,
      PRIMARY KEY (position, number)
    ) STRICT, WITHOUT ROWID`,
  },
  // The head before the first row that the journal still holds.
  {
    sql: `CREATE TABLE IF NOT EXISTS journal_start (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      position INTEGER NOT NULL,
      checksum TEXT NOT NULL
    ) STRICT`,
  },
  // What was under way when the process ended.
  { sql: 'DELETE FROM snapshot_page WHERE position NOT IN (SELECT position FROM snapshot)' },
];

/** The head before the first row of the journal; after its beginning when older rows were let go. */
export async function journalStart(state: StateFile): Promise<Head> {
  const sql = 'SELECT position, checksum FROM journal_start';
  const [row] = await state.read<{ position: number; checksum: string }>({ sql });
  return row ? { position: row.position, checksum: row.checksum } : beginning;
}

/**
 * The newest snapshot.
 * @throws GraphwrightError `store_damaged` when its record is not what was written.
 */
export async function newestSnapshot(state: StateFile): Promise<Snapshot | undefined> {
  const sql =
    'SELECT position, head, pages, at, checksum FROM snapshot ORDER BY position DESC LIMIT 1';
  const [row] = await state.read<{
    position: number;
    head: string;
    pages: number;
    at: string;
    checksum: string;
  }>({ sql });
  if (!row) return undefined;
  const { position, pages, at, checksum } = row;
  const snapshot = { head: { position, checksum: row.head }, pages, at };
  if (checksum !== digestOf(snapshot)) throw damagedSnapshot(position);
  return snapshot;
}

/**
 * One page.
 * @throws GraphwrightError `store_damaged` when it is missing.
 */
export async function readPage(
  state: StateFile,
  { head: { position } }: Snapshot,
  number: number,
): Promise<SnapshotPage> {
  // A single bit makes bytes of a text, and these have the same checksum.
  const [page] = await state.read<SnapshotPage & Record<string, string | number | Uint8Array>>({
    sql: `SELECT position, number, CAST(statements AS BLOB) AS statements, checksum FROM snapshot_page
      WHERE position = ? AND number = ? AND typeof(statements) = 'text'`,
    values: [position, number],
  });
  if (!page) throw damagedSnapshot(position, number);
  return page;
}

/** The statements of a page. @throws GraphwrightError `store_damaged` unless they are what was written. */
export function verifiedPage(page: SnapshotPage): Uint8Array {
  const { position, number, statements, checksum } = page;
  if (checksum !== digest(position, number, statements)) throw damagedSnapshot(position, number);
  return statements;
}

/** Adds one page to a snapshot under way. */
export const appendPage = (position: number, number: number, statements: string): Statement => ({
  sql: 'INSERT INTO snapshot_page (position, number, statements, checksum) VALUES (?, ?, ?, ?)',
  values: [position, number, statements, digest(position, number, statements)],
});

/** Makes a snapshot whose pages are all there the only one. */
export const completeSnapshot = (snapshot: Snapshot): Statement[] => {
  const { head, pages, at } = snapshot;
  return [
    {
      sql: 'INSERT OR REPLACE INTO snapshot (position, head, pages, at, checksum) VALUES (?, ?, ?, ?, ?)',
      values: [head.position, head.checksum, pages, at, digestOf(snapshot)],
    },
    { sql: 'DELETE FROM snapshot WHERE position <> ?', values: [head.position] },
    { sql: 'DELETE FROM snapshot_page WHERE position <> ?', values: [head.position] },
  ];
};

/** Takes the pages of an unfinished snapshot out again. */
export const discardPages = (position: number): Statement => ({
  sql: 'DELETE FROM snapshot_page WHERE position = ?',
  values: [position],
});

/** Lets go of the journal's rows up to a position, which must be in it and not its last. */
export const pruneJournal = (upTo: number): Statement[] => [
  {
    sql: `INSERT OR REPLACE INTO journal_start (one, position, checksum)
      SELECT 1, position, checksum FROM journal WHERE position = ?`,
    values: [upTo],
  },
  {
    sql: `DELETE FROM journal WHERE position <= ?
      AND position <= (SELECT position FROM journal_start)`,
    values: [upTo],
  },
];

function damagedSnapshot(position: number, page?: number): GraphwrightError {
  const place = page === undefined ? 'its record' : `page ${page}`;
  const message = `The snapshot at position ${position} is damaged: ${place} is missing or not what was written`;
  return new GraphwrightError('store_damaged', message);
}

function digest(...parts: readonly (string | number | Uint8Array)[]): string {
  const hash = createHash('sha256');
  parts.forEach((part, index) => {
    if (index > 0) hash.update(' ');
    // What a damaged file holds may be of any type.
    hash.update(part instanceof Uint8Array ? part : String(part));
  });
  return hash.digest('base64');
}

const digestOf = ({ head, pages, at }: Snapshot): string =>
  digest(head.position, head.checksum, pages, at);
