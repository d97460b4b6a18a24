import type { GraphwrightError } from '../../errors.ts';
import type { Shapes } from '../shapes/shape.ts';
import type { ProvenanceSettings } from '../provenance/settings.ts';
import type { LoadFrom } from './load-documents.ts';
import type { SnapshotSettings } from './snapshots.ts';
import type { StateFile } from './state-file.ts';

/** What an embedded store works with. */
export interface EmbeddedStoreConfiguration {
  /** Where the journal is kept; the caller closes it, after the store. */
  state: StateFile;
  /**
   * How many threads answer queries, each with a full copy of the graph. 2 by default, so that a long query
   * leaves one free; while long ones hold all of them up, up to as many spare ones are added.
   */
  readers?: number;
  /** Milliseconds for a query, or for an update's WHERE clauses. 30,000 by default. */
  timeout?: number;
  /** Bytes that one copy of the graph may come to use by a bulk load; an engine has 3 GiB in all. 2.5 GiB by default. */
  memory?: number;
  loadFrom?: LoadFrom;
  snapshots?: SnapshotSettings;
  /**
   * What every write is checked against: one that would leave a focus node it touches in violation
   * rejects with `shape_violation`. None by default.
   */
  shapes?: Shapes;
  /** What is recorded of each write in the same commit. Nothing by default. */
  provenance?: ProvenanceSettings;
  /** Told of what went wrong without harm: a damaged snapshot, or one that could not be made. */
  onWarning?: (warning: GraphwrightError) => void;
}
