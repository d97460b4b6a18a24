import type { ProvenanceRequest } from '../provenance/record.ts';
import type { BulkPage } from './bulk-page.ts';
import type { EngineRequest } from './engine-worker.ts';
import type { Loaded } from './engine-load.ts';
import type { StateLink } from './state-file.ts';
import { cancelled, type Thread } from './thread.ts';

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

/**
 * Has an engine add the pages and commit them all at once. When it rejects, nothing is on disk, but the
 * engine holds a part of them and must be ended.
 */
export async function runLoad(
  { thread, link }: { thread: Thread; link: StateLink },
  { pages, memory, signal, provenance, onProgress }: Load,
): Promise<Loaded> {
  const ask = <Value>(request: EngineRequest) => thread.call<Value>(request);
  await ask({ type: 'beginLoad', memory });
  let read = 0;
  let added: Promise<number> | undefined;
  for await (const page of pages) {
    if (signal?.aborted) throw cancelled();
    // The next page is read while this one is added, but no further ahead.
    const inserted = await added;
    if (inserted !== undefined) onProgress?.(read, inserted);
    read += page.count;
    added = ask<number>({ type: 'load', page });
    // Awaited above or below; a failure while the next page is read must not go unhandled.
    added.catch(() => undefined);
  }
  onProgress?.(read, (await added) ?? 0);
  if (signal?.aborted) throw cancelled();
  const { id, answer } = link.expect();
  answer.catch(() => undefined);
  const loaded = await ask<Loaded>({ type: 'endLoad', id, provenance });
  if (loaded.rows.length > 0) await answer;
  else link.forget(id);
  return loaded;
}
