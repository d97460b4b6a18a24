import type { GraphwrightError } from '../../errors.ts';
import type { SnapshotSettings } from './snapshots.ts';
import type { StateFile } from './state-file.ts';

/** What an embedded store works with. */
export interface EmbeddedStoreConfiguration {
  /** Where the journal is kept; the caller closes it, after the store. */
  state: StateFile;
  /** How many threads answer queries, each with a full copy of the graph. 1 by default. */
  readers?: number;
  /** Milliseconds for a query, or for an update's WHERE clauses. 30,000 by default. */
  timeout?: number;
  snapshots?: SnapshotSettings;
  /** Told of what went wrong without harm: a damaged snapshot, or one that could not be made. */
  onWarning?: (warning: GraphwrightError) => void;
}
