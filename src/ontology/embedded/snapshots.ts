import { GraphwrightError } from '../../errors.ts';
import { exportPages } from './export-pages.ts';
import type { JournalRow } from './journal.ts';
import {
  appendPage,
  completeSnapshot,
  discardPages,
  newestSnapshot,
  pruneJournal,
} from './snapshot-rows.ts';
import type { EngineSource } from './start-engine.ts';

/** When snapshots are made, and what becomes of the journal's older rows. */
export interface SnapshotSettings {
  /** Characters that the journal grows by before the next snapshot; at least half of the last one's. 16 Mi by default. */
  afterCharacters?: number;
  /** Writes before the next snapshot. 20,000 by default. */
  afterWrites?: number;
  /** Removed statements before the engines are renewed; at least a tenth of all. 5,000 by default. */
  afterRemovals?: number;
  /** How many rows before the newest snapshot stay in the journal, for its feed and audit; at least 1. All by default. */
  keepRows?: number;
}

/** What snapshots work with. */
export interface SnapshotsConfiguration extends SnapshotSettings {
  source: EngineSource;
  /** The newest position that was acknowledged. */
  committed: () => number;
  /** Puts fresh engines in, once a snapshot says what they start from. */
  renew: () => Promise<void>;
}

const defaults = {
  afterCharacters: 16 * 1024 * 1024,
  afterWrites: 20_000,
  afterRemovals: 5_000,
};

/**
 * Keeps start-up and engines quick: writes down the whole graph once the journal has grown enough,
 * and renews the engines once enough was removed, as Oxigraph never frees removed statements.
 */
export class Snapshots {
  readonly #configuration: SnapshotsConfiguration & typeof defaults;
  readonly #closing = new AbortController();
  #characters = 0;
  #writes = 0;
  #removals = 0;
  /** What the last snapshot holds. */
  #size = { characters: 0, statements: 0 };
  #working?: Promise<number>;

  constructor(configuration: SnapshotsConfiguration) {
    this.#configuration = { ...defaults, ...configuration };
  }

  /** Learns how far the journal has gone beyond the newest snapshot. */
  async start(): Promise<void> {
    const { source, committed } = this.#configuration;
    const sql = 'SELECT coalesce(max(position), 0) AS position FROM snapshot';
    const [row] = await source.state.read<{ position: number }>({ sql });
    this.#writes = committed() - (row?.position ?? 0);
  }

  /** Counts writes, and acts in the background when it is time. */
  follow(rows: readonly JournalRow[]): void {
    let characters = 0;
    for (const { inserted, removed } of rows) {
      characters += inserted.length + removed.length;
      this.#removals += linesIn(removed);
    }
    this.grow(rows.length, characters);
  }

  /** Counts so many writes, of so many characters together; what they removed is counted before. */
  grow(writes: number, characters: number): void {
    this.#writes += writes;
    this.#characters += characters;
    const { afterCharacters, afterWrites, afterRemovals } = this.#configuration;
    const full =
      this.#characters >= Math.max(afterCharacters, this.#size.characters / 2) ||
      this.#writes >= afterWrites;
    const worn = this.#removals >= Math.max(afterRemovals, this.#size.statements / 10);
    if ((full || worn) && !this.#working) void this.#attempt(worn);
  }

  /** Makes a snapshot now; resolves with its position. */
  async take(): Promise<number> {
    await this.#working?.catch(() => undefined);
    return this.#work(false);
  }

  /** Gives up what is under way. */
  async close(): Promise<void> {
    this.#closing.abort(new GraphwrightError('cancelled', 'The store is closing'));
    await this.#working?.catch(() => undefined);
  }

  async #attempt(worn: boolean): Promise<void> {
    try {
      await this.#work(worn);
    } catch (thrown) {
      // The journal still tells everything; the next try comes when as much has grown again.
      if (!this.#closing.signal.aborted)
        this.#configuration.source.onWarning(GraphwrightError.from(thrown));
    }
  }

  #work(worn: boolean): Promise<number> {
    this.#working ??= this.#make(worn).finally(() => (this.#working = undefined));
    return this.#working;
  }

  async #make(worn: boolean): Promise<number> {
    this.#characters = 0;
    this.#writes = 0;
    if (worn) this.#removals = 0;
    const position = await this.#write();
    if (worn && !this.#closing.signal.aborted) await this.#configuration.renew();
    return position;
  }

  async #write(): Promise<number> {
    const { source, committed } = this.#configuration;
    const { state } = source;
    const newest = await newestSnapshot(state).catch(() => undefined);
    if (newest?.head.position === committed()) return committed();
    const size = { characters: 0, statements: 0 };
    let head;
    let pages = 0;
    try {
      const { signal } = this.#closing;
      for await (const page of exportPages({ source, committed, signal, restorable: true })) {
        head = page.head;
        await state.commit([appendPage(head.position, pages, page.statements)]);
        pages += 1;
        size.characters += page.statements.length;
        size.statements += page.statements.split('\n').length - 1;
      }
      if (!head) return 0;
      const at = new Date().toISOString();
      await state.commit([...completeSnapshot({ head, pages, at }), ...this.#prune(head.position)]);
    } catch (thrown) {
      if (head) await state.commit([discardPages(head.position)]).catch(() => undefined);
      throw thrown;
    }
    this.#size = size;
    return head.position;
  }

  #prune(position: number) {
    const { keepRows } = this.#configuration;
    return keepRows === undefined ? [] : pruneJournal(position - Math.max(1, keepRows));
  }
}

function linesIn(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
