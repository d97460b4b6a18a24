import type { StoredRun } from '../run-rows.ts';
import type { RunRecord } from '../runs.ts';
import { jsonText, type Published } from './cluster-rows.ts';
import { updatePublished } from './cluster-statements.ts';
import type { Database } from './database.ts';

/** How a run under way stands, how it stood at the last look, and as the others know it. */
export interface Standing {
  stored: StoredRun;
  seen?: string;
  published: string;
}

/** Milliseconds for which a run has to stand as it does before the others are told. */
const interval = 250;

/** Tells the other processes how runs stand, once they have stood like that for a while. */
export class Presence {
  readonly #database: Database;
  readonly #executor: string;
  readonly #standing: () => readonly Standing[];
  readonly #timer: NodeJS.Timeout;

  /** @param standing Gives the runs that are under way here. */
  constructor(database: Database, executor: string, standing: () => readonly Standing[]) {
    this.#database = database;
    this.#executor = executor;
    this.#standing = standing;
    this.#timer = setInterval(() => void this.#publish(), interval);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #publish(): Promise<void> {
    const changed: Standing[] = [];
    for (const run of this.#standing()) {
      const state = stateOf(run.stored.record);
      if (state === run.seen && state !== run.published) changed.push(run);
      run.seen = state;
    }
    if (changed.length === 0) return;
    for (const run of changed) run.published = run.seen!;
    const ids = changed.map(({ stored }) => stored.record.id);
    const states = changed.map(({ stored }) => jsonText(published(stored)));
    const values = [ids, states, this.#executor];
    // What the others see is for information; the next change is told again.
    await this.#database.rows(updatePublished, values).catch(() => undefined);
  }
}

export const published = ({ record, sequence }: StoredRun): Published => {
  const { status, currentStep, waiting } = record;
  return { status, currentStep, waiting, sequence };
};

export const stateOf = ({ status, currentStep, waiting }: RunRecord): string =>
  JSON.stringify([status, currentStep, waiting]);
