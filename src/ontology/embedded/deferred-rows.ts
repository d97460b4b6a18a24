import type { JournalRow } from './journal.ts';

/** Milliseconds that a row is held back at most. */
const patience = 5;
/** Characters from which on rows are not held back. */
const large = 2 ** 16;

/**
 * Hands on what was written a little later, many rows at once: those who follow would otherwise take the
 * processor from the next write. Whoever needs the rows to be there asks for them by {@link flush}.
 */
export class DeferredRows {
  readonly #onRows: (rows: readonly JournalRow[]) => void;
  #rows: JournalRow[] = [];
  #characters = 0;
  #timer?: NodeJS.Timeout;

  constructor(onRows: (rows: readonly JournalRow[]) => void) {
    this.#onRows = onRows;
  }

  add(rows: readonly JournalRow[]): void {
    for (const row of rows) {
      this.#rows.push(row);
      this.#characters += row.inserted.length + row.removed.length;
    }
    if (this.#characters >= large) this.flush();
    // Who would follow goes away with the process.
    else this.#timer ??= setTimeout(() => this.flush(), patience).unref();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const rows = this.#rows;
    this.#rows = [];
    this.#characters = 0;
    if (rows.length > 0) this.#onRows(rows);
  }
}
