import { activityIri, attributionOf, describeActivity } from '../provenance/activity.ts';
import { recordTriples } from '../provenance/record.ts';
import type { ProvenanceSettings } from '../provenance/settings.ts';
import { provenanceGraph } from '../provenance/terms.ts';
import { sparql, sparqlText, triples, type Sparql } from '../sparql.ts';
import type { WriteOptions } from '../store.ts';
import type { NamedNode } from '../terms.ts';
import { lineOf, type Difference } from './writes.ts';

/** What a write is about, as far as it is known beforehand. */
export interface KnownWrite extends Difference {
  graph: NamedNode;
}

/**
 * The operation that stands before those of a write, in the same request, and tells of it. Sent again it
 * adds the same statements. It lists no statements, which SPARQL 1.1 has no words for.
 * @param write Absent for an update, of which nobody knows what it will change.
 * @returns Nothing when nothing is recorded.
 */
export function provenanceOperation(
  settings: ProvenanceSettings,
  { attribution: explicit }: WriteOptions,
  write?: KnownWrite,
): Sparql | undefined {
  if (settings.level === 'off' || write?.graph.equals(provenanceGraph)) return undefined;
  const attribution = attributionOf(explicit);
  const lines = ({ graph }: KnownWrite, quads: Difference['inserted']) =>
    quads.map((quad) => `${lineOf(quad).slice(0, -' .\n'.length)} <${graph.value}> .`);
  const commit = recordTriples(
    { level: 'activity', activity: activityIri(attribution).value },
    {
      at: new Date().toISOString(),
      inserted: write ? lines(write, write.inserted) : [],
      removed: write ? lines(write, write.removed) : [],
    },
  );
  const told = sparql`${triples(describeActivity(attribution, settings))}${sparqlText(commit)}`;
  return sparql`INSERT DATA { GRAPH ${provenanceGraph} {\n${told}} }`;
}
