import { setImmediate as turn } from 'node:timers/promises';
import type { Quad } from '@rdfjs/types';
import { GraphwrightError } from '../../errors.ts';
import { isProvenance } from '../provenance/record.ts';
import type { Change, ChangesOptions } from '../store.ts';
import { verifyRow, type Head, type JournalRow } from './journal.ts';
import { quads } from './results.ts';
import { journalStart } from './snapshot-rows.ts';
import type { StateFile } from './state-file.ts';
import { cancelled } from './thread.ts';

/** So many rows are read at once, and so many statements parsed before others get their turn. */
const rowsAtOnce = 32;
const linesAtOnce = 1000;

/** What a reader of the feed is to know of a row before it is parsed. */
export type RowFilter = (line: string) => boolean;

/** What tells of the changes is none that anybody has to follow. */
export const withoutProvenance: RowFilter = (line) => !isProvenance(line);

/** Tells every write from the journal, so that a slow reader holds nobody and no memory. */
export class Feed {
  readonly #state: StateFile;
  readonly #committed: () => number;
  readonly #waiting = new Set<() => void>();
  #closed?: GraphwrightError;

  /** @param committed The newest position that was acknowledged, which queries see. */
  constructor(state: StateFile, committed: () => number) {
    this.#state = state;
    this.#committed = committed;
  }

  /** Tells those who wait that there is a new row. */
  wake(): void {
    for (const go of this.#waiting) go();
  }

  /** Ends every feed after what it has read; one that is begun later throws the reason. */
  close(reason: GraphwrightError): void {
    this.#closed = reason;
    this.wake();
  }

  /** @throws GraphwrightError `gone` for a position that the journal does not hold, `cancelled`, `store_damaged`. */
  async *changes(
    { after, signal, onBegin }: ChangesOptions & { after: number },
    wanted: RowFilter = withoutProvenance,
  ): AsyncGenerator<Change> {
    if (this.#closed) throw this.#closed;
    let head = await this.#head(after);
    onBegin?.();
    while (!this.#closed) {
      if (signal?.aborted) throw cancelled();
      const rows = await this.#rows(head.position);
      for (const row of rows) {
        verifyRow(head, row);
        head = row;
        yield await change(row, wanted);
        if (signal?.aborted) throw cancelled();
      }
      if (rows.length === 0) await this.#news(head.position, signal);
    }
  }

  /** The head at a position, from which the rows after it are verified. */
  async #head(position: number): Promise<Head> {
    const start = await journalStart(this.#state);
    if (position === start.position) return start;
    const [row] = await this.#state.read<{ position: number; checksum: string }>({
      sql: 'SELECT position, checksum FROM journal WHERE position = ? AND position <= ?',
      values: [position, this.#committed()],
    });
    if (row) return { position: row.position, checksum: row.checksum };
    const range = `from ${start.position} to ${this.#committed()}`;
    const message = `There is no change after position ${position} to go on with: the journal holds positions ${range}. Read the graph anew and follow from its position`;
    throw new GraphwrightError('gone', message);
  }

  #rows(after: number): Promise<JournalRow[]> {
    return this.#state.read<JournalRow & Record<string, string | number>>({
      sql: `SELECT position, at, removed, inserted, checksum FROM journal
        WHERE position > ? AND position <= ? ORDER BY position LIMIT ${rowsAtOnce}`,
      values: [after, this.#committed()],
    });
  }

  async #news(position: number, signal?: AbortSignal): Promise<void> {
    // It may have been aborted since it was looked at, and tells that only once.
    if (this.#closed || signal?.aborted || this.#committed() > position) return;
    await new Promise<void>((resolve) => {
      const go = () => {
        this.#waiting.delete(go);
        signal?.removeEventListener('abort', go);
        resolve();
      };
      this.#waiting.add(go);
      signal?.addEventListener('abort', go);
    });
  }
}

async function change(row: JournalRow, wanted: RowFilter): Promise<Change> {
  const removed = await parsed(row.removed, wanted);
  const inserted = await parsed(row.inserted, wanted);
  return { position: row.position, at: row.at, removed, inserted };
}

async function parsed(text: string, wanted: RowFilter): Promise<Quad[]> {
  const lines = text.split('\n').filter((line) => line && !line.startsWith('#') && wanted(line));
  const found: Quad[] = [];
  for (let start = 0; start < lines.length; start += linesAtOnce) {
    if (start > 0) await turn();
    for (const quad of quads(lines.slice(start, start + linesAtOnce).join('\n'))) found.push(quad);
  }
  return found;
}
