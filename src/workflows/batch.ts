import { GraphwrightError } from '../errors.ts';
import { Semaphore } from './semaphore.ts';

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
export function batch<I, T>(
  items: readonly I[],
  action: (item: I, index: number) => Promise<T>,
  { maxParallel = 5, signal, onProgress }: BatchOptions = {},
): Promise<Outcome<T>[]> {
  const room = new Semaphore(maxParallel);
  let done = 0;
  const work = async (item: I, index: number): Promise<Outcome<T>> => {
    try {
      return { status: 'completed', result: await room.run(() => action(item, index), signal) };
    } catch (thrown) {
      return { status: 'failed', error: GraphwrightError.from(thrown) };
    } finally {
      onProgress?.(++done, items.length);
    }
  };
  return Promise.all(items.map(work));
}
