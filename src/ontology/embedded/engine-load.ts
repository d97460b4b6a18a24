import type { Store } from 'oxigraph';
import type { ProvenanceRequest } from '../provenance/record.ts';
import { provenanceGraph } from '../provenance/terms.ts';
import { BulkInsert } from './bulk-insert.ts';
import type { BulkPage } from './bulk-page.ts';
import type { Changes, Copy } from './changes.ts';
import { nextRow, type Head, type JournalRow } from './journal.ts';
import { commitLines } from './provenance.ts';

/** What a page of a bulk load came to. */
export interface PageLoaded {
  /** Statements that were added so far. */
  inserted: number;
  /** What the journal will have of the page, unless nothing of it is new. */
  row?: JournalRow;
}

/** What a bulk load came to, besides its pages. */
export interface Loaded {
  inserted: number;
  /** The names of the graphs that were added to; that of the default graph is empty. */
  graphs: string[];
  /** What tells of the load, in the row after those of the pages. */
  record?: JournalRow;
}

/** A bulk load under way in an engine. When it fails, the engine is of no more use. */
export class EngineLoad {
  readonly #insert: BulkInsert;
  readonly #kept?: string[];
  #head: Head;
  /** When the newest row was made. */
  #at?: string;

  /**
   * @param memory How many bytes the engine may come to use.
   * @param keep Whether {@link statements} will be asked for.
   */
  constructor(copy: Copy, head: Head, { memory, keep }: { memory: number; keep: boolean }) {
    this.#insert = new BulkInsert(copy, memory);
    this.#head = head;
    if (keep) this.#kept = [];
  }

  get head(): Head {
    return this.#head;
  }

  /** Whether anything was new. */
  get any(): boolean {
    return this.#at !== undefined;
  }

  get inserted(): number {
    return this.#insert.inserted;
  }

  get graphs(): string[] {
    return this.#insert.graphs;
  }

  /** Every statement that was added, as it was written. */
  get statements(): string[] {
    const lines = (this.#kept ?? []).flatMap((inserted) => inserted.split('\n'));
    return lines.filter((line) => line && !line.startsWith('#'));
  }

  /** @throws GraphwrightError `store_full` */
  add(page: BulkPage): PageLoaded {
    const lines = this.#insert.add(page);
    const { inserted } = this.#insert;
    if (!lines) return { inserted };
    const row = nextRow(this.#head, { removed: '', inserted: lines });
    this.#kept?.push(lines);
    this.#at = row.at;
    this.#head = { position: row.position, checksum: row.checksum };
    return { inserted, row };
  }

  /** Adds to a set of changes what tells of the load. */
  record(store: Store, changes: Changes, request: ProvenanceRequest): void {
    const { statements: inserted } = this.#insert;
    const place = { position: this.#head.position + 1, at: this.#at!, inserted, removed: [] };
    changes.insertLines(commitLines(store, request, place), provenanceGraph.value);
  }
}
