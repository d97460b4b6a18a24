import type { ProvenanceRequest } from '../provenance/record.ts';
import type { BulkPage } from './bulk-page.ts';
import type { EngineRequest } from './engine-worker.ts';
import type { Loaded, PageLoaded } from './engine-load.ts';
import type { JournalRow } from './journal.ts';
import { readAhead } from './read-ahead.ts';
import type { StateLink } from './state-file.ts';
import { cancelled, type Thread } from './thread.ts';

/** Pages that are read before they are wanted, and that lie with the engine: neither is to wait for the other. */
const pagesRead = 3;
const pagesAsked = 2;

/** Many statements that are to be added in one commit. */
export interface Load {
  pages: AsyncIterable<BulkPage>;
  /** How many bytes the engine may come to use. */
  memory: number;
  signal?: AbortSignal;
  provenance?: ProvenanceRequest;
  /** Told how many statements have been read, and how many of them are new. */
  onProgress?: (read: number, inserted: number) => void;
}

/** What a load came to: several rows of the journal, which were committed together. */
export interface LoadCommit extends Loaded {
  rows: JournalRow[];
}

/**
 * Has an engine add the pages and commit them all at once. When it rejects, nothing is on disk, but the
 * engine holds a part of them and must be ended.
 */
export async function runLoad(
  { thread, link }: { thread: Thread; link: StateLink },
  { pages, memory, signal, provenance, onProgress }: Load,
): Promise<LoadCommit> {
  const ask = <Value>(request: EngineRequest) => thread.call<Value>(request);
  await ask({ type: 'beginLoad', memory });
  let read = 0;
  const rows: JournalRow[] = [];
  const asked: { count: number; loaded: Promise<PageLoaded> }[] = [];
  const settle = async ({ count, loaded }: (typeof asked)[number]) => {
    const { inserted, row } = await loaded;
    if (row) rows.push(row);
    onProgress?.((read += count), inserted);
  };
  for await (const page of readAhead(pages, pagesRead)) {
    if (signal?.aborted) throw cancelled();
    if (asked.length === pagesAsked) await settle(asked.shift()!);
    const loaded = ask<PageLoaded>({ type: 'load', page });
    // Awaited above or below; a failure while the next page is read must not go unhandled.
    loaded.catch(() => undefined);
    asked.push({ count: page.count, loaded });
  }
  for (const each of asked) await settle(each);
  if (signal?.aborted) throw cancelled();
  const { id, answer } = link.expect();
  answer.catch(() => undefined);
  const loaded = await ask<Loaded>({ type: 'endLoad', id, provenance });
  if (loaded.record) rows.push(loaded.record);
  if (rows.length > 0) await answer;
  else link.forget(id);
  return { ...loaded, rows };
}
