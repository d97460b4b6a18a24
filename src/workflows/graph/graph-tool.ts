import type { OntologyStore } from '../../ontology/store.ts';

/** What the graph tools work with. */
export interface GraphToolConfiguration {
  store: OntologyStore;
  /** Milliseconds for each of their queries; 10,000 by default. */
  timeout?: number;
}

/** How long a tool's query may take when nothing else is said. */
export const patience = 10_000;
