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
  rows: JournalRow[];
}

/** @throws GraphwrightError `precondition_failed`, and the engine is as it was. */
export async function beginLoad(
  { thread }: { thread: Thread },
  { memory, condition, check }: Load,
): Promise<void> {
  check?.([]);
  await thread.call({ type: 'beginLoad', memory, condition } satisfies EngineRequest);
}

/**
 * Has an engine in which a load was begun add the pages and commit them all at once. When it rejects, nothing is on disk, but the
 * engine holds a part of them and must be ended.
 */
export async function runLoad(
  { thread, link }: { thread: Thread; link: StateLink },
  { pages, signal, provenance, rights, onProgress }: BegunLoad,
): Promise<LoadCommit> {
  const ask = <Value>(request: EngineRequest) => thread.call<Value>(request);
  let read = 0;
  const rows: JournalRow[] = [];
  const load = async (page: BulkPage) => ({
    count: page.count,
    ...(await ask<PageLoaded>({ type: 'load', page })),
  });
  for await (const { count, inserted, row } of handOn(pages, pagesAsked, load)) {
    if (signal?.aborted) throw cancelled();
    if (row) rows.push(row);
    onProgress?.((read += count), inserted);
  }
  if (signal?.aborted) throw cancelled();
  const { id, answer } = link.expect();
  answer.catch(() => undefined);
  const loaded = await ask<Loaded>({ type: 'endLoad', id, provenance, rights });
  if (loaded.record) rows.push(loaded.record);
  if (rows.length > 0) await answer;
  else link.forget(id);
  return { ...loaded, rows };
}
