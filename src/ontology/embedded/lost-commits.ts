import Database from 'libsql';
import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { GraphwrightError } from '../../errors.ts';
import { readCommitMark } from './commit-mark.ts';
import { coded } from './sqlite-errors.ts';
import { logDamage } from './write-ahead-log.ts';

/** How far each sequence in the file goes: of all commits, and of the graph's journal. */
export const createNewest = `CREATE TABLE IF NOT EXISTS newest (
  sequence TEXT PRIMARY KEY,
  position INTEGER NOT NULL
) STRICT, WITHOUT ROWID`;

/** Where the mark of a state file stands. */
export const markOf = (path: string): string => `${path}-mark`;

/** The number of the newest commit that a state file holds; 0 before the first. */
export function newestCommit(database: Database.Database): number {
  return positionOf(database, 'commit') ?? 0;
}

/**
 * Looks for acknowledged commits that are gone, before SQLite is let near the file: it takes the log up to
 * the first unsound frame into the file and throws the rest away.
 * @throws GraphwrightError `store_damaged`; what SQLite reports when the file cannot be read.
 */
export function assertLogWhole(path: string): void {
  // Of an empty file SQLite deletes the log, even when it only reads; one byte is as good as none to it.
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= 1) throw emptied(path);
  // First, as it fails while another process has the file, whose log is then on the move.
  const read = readOnly(path);
  const damage = logDamage(`${path}-wal`);
  if (damage) throw damagedLog(`${path}-wal`, damage.frame, read.journal);
  assertNoneLost(path, read.commit, read.journal);
}

/** @throws GraphwrightError `store_damaged` when a file holds fewer commits than were acknowledged. */
export function assertNoneLost(path: string, commit: number, journal?: number): void {
  const mark = readCommitMark(markOf(path)) ?? 0;
  if (commit >= mark) return;
  throw new GraphwrightError(
    'store_damaged',
    `${path} is damaged: it ends at commit ${commit}${journalAt(journal)}, but commit ${mark} was acknowledged. Restore the data directory from a backup, or delete ${markOf(path)} to go on without the later writes`,
  );
}

const emptied = (path: string) =>
  new GraphwrightError(
    'store_damaged',
    `${path} is damaged: it is empty, though its log ${path}-wal holds commits. Restore the data directory from a backup`,
  );

function damagedLog(log: string, frame: number, journal?: number): GraphwrightError {
  const place = frame === 0 ? 'in its header' : `at frame ${frame}`;
  return new GraphwrightError(
    'store_damaged',
    `${log} is damaged ${place}: what was acknowledged after it${journalAt(journal)} cannot be read. Restore the data directory from a backup`,
  );
}

const journalAt = (position: number | undefined) =>
  position === undefined ? '' : `, at position ${position} of the journal`;

/** Reads how far a file goes, and changes nothing of it. */
function readOnly(path: string): { commit: number; journal?: number } {
  try {
    const database = new Database(`${pathToFileURL(path).href}?mode=ro`, { timeout: 0 });
    return { commit: newestCommit(database), journal: positionOf(database, 'journal') };
  } catch (thrown) {
    throw coded(thrown, path);
  }
}

function positionOf(database: Database.Database, sequence: string): number | undefined {
  const made = `SELECT 1 FROM sqlite_master WHERE name = 'newest'`;
  if (database.prepare(made).all().length === 0) return undefined;
  const sql = 'SELECT position FROM newest WHERE sequence = ?';
  const [row] = database.prepare(sql).all(sequence) as { position: number }[];
  return row?.position;
}
