import type { BulkPage } from './embedded/bulk-page.ts';
import type { Commit, Conditional, OntologyStore, WriteOptions } from './store.ts';

/** What may be said of one {@link BulkStore.load}. */
export interface LoadOptions extends Omit<WriteOptions, 'timeout'>, Conditional {
  /** Told how many statements have been read, and how many of them are new. */
  onProgress?: (read: number, inserted: number) => void;
}

/** A store that takes many statements at once, at close to the speed of its engine. */
export interface BulkStore extends OntologyStore {
  /**
   * Adds the pages of `parseRdf` in one commit: all of them, or none when a page cannot be read or loaded.
   * Other writes wait until the last page came, so pages must not come slowly. The change feed tells
   * it in several changes, which come together; the position grows by as many.
   * @throws GraphwrightError whatever the pages throw, `store_full` before the engine's memory ends,
   * `shape_violation`, `precondition_failed`, `cancelled`.
   */
  load(pages: AsyncIterable<BulkPage>, options?: LoadOptions): Promise<Commit>;
}

/** Whether a store takes pages; a remote one does not. */
export const isBulkStore = (store: OntologyStore): store is BulkStore => 'load' in store;
