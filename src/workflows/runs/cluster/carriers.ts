import { GraphwrightError } from '../../../errors.ts';
import type { RunRecord } from '../runs.ts';
import type { Database } from './database.ts';

const key = `hashtextextended('graphwright carriers', 0)`;

/** Held, shared with the others, by each process that carries out runs. */
export const lockCarrier = `SELECT pg_advisory_lock_shared(${key})`;

/** Whether any process holds it; to try for it would look, to a third, as if somebody did. */
const selectCarrier = `
  SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND ((classid::bigint << 32) | objid::bigint) = ${key}) AS found`;

/** Knows which processes carry out what others started: this one, or others, or none. */
export class Carriers {
  readonly #database: Database;
  readonly #onNone: (error: GraphwrightError, run: RunRecord) => void;
  #here = false;

  /** @param onNone Told of a run that waits for such a process when there is none. */
  constructor(database: Database, onNone: (error: GraphwrightError, run: RunRecord) => void) {
    this.#database = database;
    this.#onNone = onNone;
  }

  /** Whether this process is one of them. */
  get here(): boolean {
    return this.#here;
  }

  /** This process is one of them from now on. */
  join(): void {
    this.#here = true;
  }

  /** Whether others are there and this process is none of them, so that it leaves everything to them. */
  async onlyElsewhere(): Promise<boolean> {
    if (this.#here) return false;
    const [answer] = await this.#database.rows<{ found: boolean }>(selectCarrier);
    return answer!.found;
  }

  /** Says so when nobody is there who takes a run from its queue. */
  async tellIfNone(run: RunRecord): Promise<void> {
    // The run lies in its queue all the same, so a question that fails is no failure of its.
    const some = this.#here || (await this.onlyElsewhere().catch(() => true));
    if (some) return;
    const message = `The run ${run.id} of ${run.workflow} waits in a queue, and no process carries out the runs of its database; start one, such as graphwright serve`;
    this.#onNone(new GraphwrightError('unavailable', message), run);
  }
}
