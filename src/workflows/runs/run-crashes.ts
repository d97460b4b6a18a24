import { setTimeout as sleep } from 'node:timers/promises';
import { GraphwrightError } from '../../errors.ts';
import type { StateFile, Statement } from '../../ontology/embedded/state-file.ts';
import { ready } from './run-statements.ts';
import type { RunRecord } from './runs.ts';

/** What is known of processes that died: which openings were closed, and what each run had then done. */
export const crashTables: readonly string[] = [
  'CREATE TABLE IF NOT EXISTS run_closings (opening INTEGER PRIMARY KEY) STRICT',
  `CREATE TABLE IF NOT EXISTS run_crashes (
    run INTEGER PRIMARY KEY,
    crashes INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    tried INTEGER NOT NULL DEFAULT 0
  ) STRICT`,
];

/** So many crashes in a row put a run under suspicion; up to then it may merely have waited for its turn. */
const suspicious = 2;
/** Milliseconds that a run under suspicion has to itself. */
const trial = 5_000;

/**
 * Counts, at the opening after a process that died, the runs that it may have died of: those that were
 * under way and have recorded nothing since the crash before. A run under suspicion counts only when it had its turn.
 */
export const countCrashes = (now: number): readonly Statement[] => [
  {
    sql: `INSERT INTO run_crashes (run, crashes, sequence)
      SELECT number, 1, (SELECT coalesce(max(sequence), 0) FROM run_steps WHERE run = number AND kind <> 'intent')
      FROM runs WHERE ended_at IS NULL AND ${ready}
        AND EXISTS (SELECT 1 FROM run_openings)
        AND NOT EXISTS (SELECT 1 FROM run_closings WHERE opening = (SELECT max(number) FROM run_openings))
      ON CONFLICT (run) DO UPDATE SET
        crashes = CASE WHEN excluded.sequence > sequence THEN 1
          WHEN crashes < ${suspicious} OR tried = 1 THEN crashes + 1 ELSE crashes END,
        sequence = excluded.sequence`,
    values: [now],
  },
  { sql: 'UPDATE run_crashes SET tried = 0 WHERE tried = 1' },
  {
    sql: 'DELETE FROM run_crashes WHERE run NOT IN (SELECT number FROM runs WHERE ended_at IS NULL)',
  },
  { sql: 'DELETE FROM run_closings' },
];

/** Notes that an opening did not end by a crash. */
export const noteClosing = (opening: number): Statement => ({
  sql: 'INSERT OR IGNORE INTO run_closings (opening) VALUES (?)',
  values: [opening],
});

/** Forgets the crashes of a run that a person lets go on. */
export const forgetCrashes = (number: number): Statement => ({
  sql: 'DELETE FROM run_crashes WHERE run = ?',
  values: [number],
});

/** Notes that a run under suspicion is about to have its turn. */
const noteTried = (number: number): Statement => ({
  sql: 'UPDATE run_crashes SET tried = 1 WHERE run = ?',
  values: [number],
});

/** The runs that were under way at crash after crash, and how often. */
export class Suspects {
  readonly #state: StateFile;
  readonly #crashes: Map<number, number>;
  readonly #limit: number;

  private constructor(state: StateFile, crashes: Map<number, number>, limit: number) {
    this.#state = state;
    this.#crashes = crashes;
    this.#limit = limit;
  }

  /** @param limit How many crashes in a row a run is taken up again after. */
  static async find(state: StateFile, limit: number): Promise<Suspects> {
    const sql = 'SELECT run, crashes FROM run_crashes WHERE crashes >= ?';
    const values = [Math.min(suspicious, limit)];
    const rows = await state.read<Record<'run' | 'crashes', number>>({ sql, values });
    return new Suspects(state, new Map(rows.map(({ run, crashes }) => [run, crashes])), limit);
  }

  /** Whether there is anything to be said of a run. */
  knows({ number }: { number: number }): boolean {
    return this.#crashes.has(number);
  }

  /** Whether a run is to be tried out apart from other suspects, so that the next crash tells them apart. */
  has({ number }: { number: number }): boolean {
    return (this.#crashes.get(number) ?? this.#limit) < this.#limit;
  }

  /**
   * Takes up runs under suspicion one after the other: the next crash then tells which of them it comes from. The
   * least suspected come first: while processes die too early for anything to get further, no run is to be blamed
   * for all of it.
   */
  async oneByOne<Run extends { number: number }>(
    runs: readonly Run[],
    takeUp: (run: Run) => void,
    isUnderWay: (run: Run) => boolean,
  ): Promise<void> {
    const crashesOf = ({ number }: Run) => this.#crashes.get(number) ?? 0;
    for (const run of runs.toSorted((a, b) => crashesOf(a) - crashesOf(b))) {
      takeUp(run);
      // One that takes long does not hold the others up.
      const late = performance.now() + trial;
      while (isUnderWay(run) && performance.now() < late)
        await sleep(10, undefined, { ref: false });
    }
  }

  /**
   * Notes on disk that a run has its turn, if it is under suspicion.
   * @returns the error of a run that is not to have another one.
   */
  async try(number: number, { id, workflow }: RunRecord): Promise<GraphwrightError | undefined> {
    const crashes = this.#crashes.get(number);
    if (crashes === undefined) return undefined;
    this.#crashes.delete(number);
    if (crashes < this.#limit) {
      await this.#state.commit([noteTried(number)]);
      return undefined;
    }
    return new GraphwrightError(
      'limit_reached',
      `The process died ${crashes} times in a row while it carried out the run ${id} of ${workflow}, which is not taken up again. Find out what ends the process, then resume the run`,
    );
  }
}
