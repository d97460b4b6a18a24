import { defaultGraph, namedNode } from 'oxigraph';
import { canReadProvenance } from '../provenance/reads-provenance.ts';
import { provenanceGraph } from '../provenance/terms.ts';

/**
 * The default graph of a query that merges all graphs but that of provenance, as Oxigraph takes it. A
 * list of graphs costs a look into each for every step, so it is given only where it makes a difference.
 */
export function mergedGraph(graphs: ReadonlySet<string>, text: string) {
  const { value: kept } = provenanceGraph;
  if (!graphs.has(kept) || !canReadProvenance(text)) return { use_default_graph_as_union: true };
  const merged = [...graphs].filter((name) => name !== kept).map((name) => namedNode(name));
  return { default_graph: [defaultGraph(), ...merged] };
}
