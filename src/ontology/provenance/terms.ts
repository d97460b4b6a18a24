import { graphName, thing, type NamedNode } from '../terms.ts';

/**
 * The named graph that provenance is kept in. A query reaches it by GRAPH only: it is no part of the
 * default graph that merges all others.
 */
export const provenanceGraph: NamedNode = graphName('provenance');

/** The IRI of a run's activity. */
export const runIri = (id: string): NamedNode => thing('run', id);
