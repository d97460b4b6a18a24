import { GraphwrightError } from '../errors.ts';
import { assertLimit } from './semaphore.ts';

/** What became of one item of a batch. */
export type Outcome<T> =
  { status: 'completed'; result: T } | { status: 'failed'; error: GraphwrightError };

/** What may be said of a batch. */
export interface BatchOptions {
  /** How many items are worked on at once; 5 by default. */
  maxParallel?: number;
  /** Items not begun when it aborts fail with `cancelled`. */
  signal?: AbortSignal;
  /** Told after each item. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * Works on many items at once, at most `maxParallel` of them at any moment. One outcome for each, in
 * the items' order; a failure does not stop the rest.
 */
export async function batch<I, T>(
  items: readonly I[],
  action: (item: I, index: number) => Promise<T>,
  { maxParallel = 5, signal, onProgress }: BatchOptions = {},
): Promise<Outcome<T>[]> {
  assertLimit(maxParallel);
  const outcomes: Outcome<T>[] = [];
  const waiting = items.entries();
  let done = 0;
  // Each of these takes the next item when it is done with one.
  const work = async () => {
    for (const [index, item] of waiting) {
      outcomes[index] = await settle(() => action(item, index), signal);
      onProgress?.(++done, items.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(maxParallel, items.length) }, work));
  return outcomes;
}

async function settle<T>(action: () => Promise<T>, signal?: AbortSignal): Promise<Outcome<T>> {
  try {
    signal?.throwIfAborted();
    return { status: 'completed', result: await action() };
  } catch (thrown) {
    return { status: 'failed', error: GraphwrightError.from(thrown) };
  }
}
