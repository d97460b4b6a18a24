import { namedNode, type Store } from 'oxigraph';
import { GraphwrightError } from '../../errors.ts';
import {
  isProvenance,
  recordLines,
  type CommitRecord,
  type ProvenanceRequest,
} from '../provenance/record.ts';
import { provenanceGraph } from '../provenance/terms.ts';
import { prov, rdf } from '../terms.ts';
import type { Changes } from './changes.ts';

/**
 * Adds to a set of changes what tells of it, unless it changed nothing but provenance itself.
 * @throws GraphwrightError `forbidden` when provenance was taken out.
 */
export function recordProvenance(
  store: Store,
  changes: Changes,
  request: ProvenanceRequest,
  place: { position: number; at: string },
): void {
  const { inserted, removed } = changes.statements;
  if (removed.some(isProvenance))
    throw new GraphwrightError(
      'forbidden',
      `What is in <${provenanceGraph.value}> stays; it can be removed only while store.provenance is off`,
    );
  if (changes.graphs.every((name) => name === provenanceGraph.value)) return;
  const own = inserted.filter((line) => !isProvenance(line));
  const { value: graph } = provenanceGraph;
  changes.insertLines(activityLines(store, request), graph);
  // A commit is named by an identifier that was never used, so nothing is said of it yet.
  changes.insertLines(recordLines(request, { ...place, inserted: own, removed }), graph, true);
}

/** What is told of a commit, in lines of N-Quads. */
export const commitLines = (
  store: Store,
  request: ProvenanceRequest,
  record: CommitRecord,
): string[] => [...activityLines(store, request), ...recordLines(request, record)];

const activityLines = (store: Store, request: ProvenanceRequest): string[] => [
  ...(isKnown(store, request.activity) ? [] : request.description),
  ...request.ends,
];

/** An activity that goes on after a crash is told of once, with the time at which it began. */
const isKnown = (store: Store, activity: string): boolean =>
  store.match(
    namedNode(activity),
    namedNode(rdf('type').value),
    namedNode(prov('Activity').value),
    namedNode(provenanceGraph.value),
  ).length > 0;
