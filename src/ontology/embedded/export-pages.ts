import { GraphwrightError } from '../../errors.ts';
import type { PagesOptions } from './engine.ts';
import type { EngineRequest } from './engine-worker.ts';
import type { Head } from './journal.ts';
import { startEngine, type EngineOwner, type EngineSource } from './start-engine.ts';
import { cancelled, type Limits, type Thread } from './thread.ts';

/** What is exported, and until when. */
export interface ExportRequest extends Pick<Limits, 'signal'>, PagesOptions {
  source: EngineSource;
  /** See {@link EngineOwner}. */
  committed: EngineOwner['committed'];
}

/** Some statements as they stood at a position of the journal. */
export interface ExportPage {
  head: Head;
  statements: string;
}

/**
 * Reads the graph out of a copy of its own, so that however slowly it is read, all of it is of one
 * moment and nobody waits. At least one page comes, though it may be empty.
 */
export async function* exportPages(request: ExportRequest): AsyncGenerator<ExportPage> {
  const { source, committed, graph, rights, restorable, signal } = request;
  stopIfAborted(signal);
  const { thread, head } = await freshCopy(source, committed);
  // Also while nobody reads on.
  const end = () => void thread.end(cancelled());
  signal?.addEventListener('abort', end, { once: true });
  const ask = (asked: EngineRequest) => thread.callWithin<string | undefined>(asked, { signal });
  try {
    await ask({ type: 'export', graph, rights, restorable });
    let statements = (await ask({ type: 'page' })) ?? '';
    for (;;) {
      yield { head, statements };
      stopIfAborted(signal);
      const next = await ask({ type: 'page' });
      if (next === undefined) return;
      statements = next;
    }
  } finally {
    signal?.removeEventListener('abort', end);
    await thread.end(new GraphwrightError('cancelled', 'The export was given up'));
  }
}

function stopIfAborted(signal?: AbortSignal): void {
  if (!signal?.aborted) return;
  const reason: unknown = signal.reason;
  throw reason instanceof GraphwrightError ? reason : cancelled();
}

async function freshCopy(source: EngineSource, committed: EngineOwner['committed']) {
  let copy: { thread: Thread; head: Head } | undefined;
  const ready: EngineOwner['ready'] = (thread, head) => void (copy = { thread, head });
  await startEngine(source, { committed, ready });
  return copy!;
}
