import type { ProvenanceRequest } from '../provenance/record.ts';
import type { Rights } from '../rights/rights.ts';
import type { BulkPage } from './bulk-page.ts';
import type { GraphCondition } from './engine.ts';
import type { EngineRequest } from './engine-worker.ts';
import type { Loaded, PageLoaded } from './engine-load.ts';
import type { JournalRow } from './journal.ts';
import { handOn, type ReadAhead } from './read-ahead.ts';
import type { StateLink } from './state-file.ts';
import { cancelled, type Thread } from './thread.ts';
import type { WriteLimits } from './write-queue.ts';

/** Pages that lie with the engine, so that it need not wait for the next one. */
const pagesAsked = 2;

/** Many statements that are to be added in one commit. */
export interface Load {
  pages: AsyncIterable<BulkPage>;
  /** How many bytes the engine may come to use. */
  memory: number;
  signal?: AbortSignal;
  provenance?: ProvenanceRequest;
  /** Those of whoever loads; the pages keep to them already. */
  rights?: Rights;
  condition?: GraphCondition;
  check?: WriteLimits['check'];
  /** Told how many statements have been read, and how many of them are new. */
  onProgress?: (read: number, inserted: number) => void;
}

/** A load whose pages are being read. */
export interface BegunLoad extends Load {
  pages: ReadAhead<BulkPage>;
}

/** What a load came to: several rows of the journal, which were committed together. */
export interface LoadCommit extends Loaded {
  /** Of a large load, just the last one, without what it says. */
  rows: JournalRow[];
  /** How many there were, and the characters in them. */
  size: { rows: number; characters: number };
  isLarge: boolean;
}

/** Characters of rows from which on a load is large: others would take long to follow them. */
const large = 4 * 1024 * 1024;

/** @throws GraphwrightError `precondition_failed`, and the engine is as it was. */
export async function beginLoad(
  { thread }: { thread: Thread },
  { memory, condition, check }: Load,
): Promise<void> {
  check?.([]);
  await thread.call({ type: 'beginLoad', memory, condition } satisfies EngineRequest);
}

/**
 * Has an engine in which a load was begun add the pages and commit them all at once. When it rejects, nothing
 * is on disk, but the engine holds a part of them and must be ended.
 */
export async function runLoad(
  { thread, link }: { thread: Thread; link: StateLink },
  { pages, signal, provenance, rights, onProgress }: BegunLoad,
): Promise<LoadCommit> {
  const ask = <Value>(request: EngineRequest) => thread.call<Value>(request);
  let read = 0;
  let rows: JournalRow[] = [];
  const size = { rows: 0, characters: 0 };
  const add = (row: JournalRow) => {
    size.rows += 1;
    size.characters += row.inserted.length;
    rows = size.characters >= large ? [{ ...row, inserted: '' }] : [...rows, row];
  };
  const load = async (page: BulkPage) => ({
    count: page.count,
    ...(await ask<PageLoaded>({ type: 'load', page })),
  });
  for await (const { count, inserted, row } of handOn(pages, pagesAsked, load)) {
    if (signal?.aborted) throw cancelled();
    if (row) add(row);
    onProgress?.((read += count), inserted);
  }
  if (signal?.aborted) throw cancelled();
  const { id, answer } = link.expect();
  answer.catch(() => undefined);
  const loaded = await ask<Loaded>({ type: 'endLoad', id, provenance, rights });
  if (loaded.record) add(loaded.record);
  if (rows.length > 0) await answer;
  else link.forget(id);
  return { ...loaded, rows, size, isLarge: size.characters >= large };
}
