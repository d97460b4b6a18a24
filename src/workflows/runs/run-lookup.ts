import { ended, underWay } from './refusals.ts';
import { copy } from './run-reader.ts';
import type { StoredRun } from './run-rows.ts';
import { hasEnded, type RunPage, type RunRecord } from './runs.ts';

/** Where runs are looked up: in memory, which is newer, and on disk. */
export interface LookupParts {
  executor: { present(id: string): StoredRun | undefined };
  reader: {
    run(id: string): Promise<StoredRun | undefined>;
    /** @throws GraphwrightError `not_found` */
    existing(id: string): Promise<StoredRun>;
  };
}

/** Looks up runs as they stand at the moment. All but {@link get} reject with `not_found` for an unknown id. */
export class RunLookup {
  readonly #parts: LookupParts;

  constructor(parts: LookupParts) {
    this.#parts = parts;
  }

  async get(id: string): Promise<RunRecord | undefined> {
    const { executor, reader } = this.#parts;
    return copy(executor.present(id) ?? (await reader.run(id)));
  }

  async existing(id: string): Promise<RunRecord> {
    return copy(await this.stored(id));
  }

  async stored(id: string): Promise<StoredRun> {
    const { executor, reader } = this.#parts;
    return executor.present(id) ?? reader.existing(id);
  }

  /** @throws GraphwrightError `conflict` for a run that has ended and so cannot do `what`. */
  async unended(id: string, what: string): Promise<StoredRun> {
    const stored = await this.stored(id);
    if (hasEnded(stored.record)) throw ended(stored.record, what);
    return stored;
  }

  /** @throws GraphwrightError `conflict` for a run that has not ended. */
  async ended(id: string): Promise<StoredRun> {
    const stored = await this.stored(id);
    if (!hasEnded(stored.record)) throw underWay(stored.record);
    return stored;
  }

  /** @throws GraphwrightError `conflict` for a run that has completed and so cannot be resumed. */
  async resumable(id: string): Promise<StoredRun> {
    const stored = await this.stored(id);
    if (stored.record.status === 'completed') throw ended(stored.record, 'be resumed');
    return stored;
  }

  /** The page of `limit` runs, of which one more was looked for. */
  page(
    found: readonly StoredRun[],
    limit: number,
    cursorOf: (number: number, id: string) => string,
  ): RunPage {
    const page = found.slice(0, limit);
    const { executor } = this.#parts;
    const items = page.map((stored) => copy(executor.present(stored.record.id) ?? stored));
    const last = page.at(-1);
    if (!last || found.length === page.length) return { items };
    return { items, nextCursor: cursorOf(last.number, last.record.id) };
  }
}
