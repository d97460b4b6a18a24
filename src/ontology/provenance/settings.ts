/** How much is recorded of each write: nothing; the activity and the commit; each statement besides. */
export type ProvenanceLevel = 'off' | 'activity' | 'statement';

/** What is recorded of writes, in the same commit as each. */
export interface ProvenanceSettings {
  level: ProvenanceLevel;
  /** The parameters of a run as JSON, or no more than their digest. `full` by default. */
  parameters?: 'full' | 'digest';
}
