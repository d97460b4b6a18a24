import { endedStates } from './cluster-rows.ts';
import type { Database } from './database.ts';
import { longestTimer } from '../../../time-limit.ts';

/** Milliseconds between two looks, at first and at most. */
const [shortest, longest] = [2, 50];

/** Looks for the ends of the runs that somebody waits for, all in one query. */
export class EndWatch {
  readonly #database: Database;
  readonly #watchers = new Map<string, Set<() => void>>();
  #interval = longest;
  #timer?: NodeJS.Timeout;
  #looking = false;
  #closed = false;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Calls back when a run has ended. */
  watch(id: string, told: () => void): () => void {
    const watchers = this.#watchers.get(id) ?? new Set();
    this.#watchers.set(id, watchers.add(told));
    this.#plan();
    return () => {
      watchers.delete(told);
      if (watchers.size === 0 && this.#watchers.get(id) === watchers) this.#watchers.delete(id);
    };
  }

  /** Resolves when the run has ended, the time is over, or the signal aborts. */
  ended(id: string, milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        forget();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, Math.min(milliseconds, longestTimer));
      const forget = this.watch(id, end);
      if (signal.aborted) end();
      else signal.addEventListener('abort', end);
    });
  }

  /** Calls those back who wait for a run that has ended. */
  tell(id: string): void {
    for (const told of this.#watchers.get(id) ?? []) told();
  }

  /** Something is about to end here: looks again soon. */
  poke(): void {
    this.#interval = shortest;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#plan();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #plan(): void {
    if (this.#timer || this.#looking || this.#closed || this.#watchers.size === 0) return;
    this.#timer = setTimeout(() => void this.#look(), this.#interval);
    this.#interval = Math.min(longest, this.#interval * 2);
  }

  async #look(): Promise<void> {
    this.#timer = undefined;
    this.#looking = true;
    const asked = [...this.#watchers.keys()];
    const sql = `SELECT workflow_uuid AS id FROM dbos.workflow_status
      WHERE workflow_uuid = ANY ($1) AND status = ANY ($2)`;
    try {
      const ended = await this.#database.rows<{ id: string }>(sql, [asked, endedStates]);
      for (const { id } of ended) this.tell(id);
    } catch {
      // The database is away; those who wait go on waiting for it.
    }
    this.#looking = false;
    this.#plan();
  }
}
