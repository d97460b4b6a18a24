import { describeAgent } from '../../ontology/provenance/activity.ts';
import { canonicalTime } from '../../ontology/provenance/record.ts';
import { runIri } from '../../ontology/provenance/terms.ts';
import type { OntologyStore } from '../../ontology/store.ts';
import { factory, graphName, gw, prov, rdf, thing, xsd } from '../../ontology/terms.ts';
import type { ApprovalDecision } from './run-approval.ts';

const graph = graphName('approval_data');

/**
 * Writes down who decided on a run, and when (PROV-O): the decision is an activity of its own, by which the
 * run was informed. The same again changes nothing.
 */
export async function recordDecision(
  store: OntologyStore,
  run: string,
  { outcome, by, at, parametersDigest, reason }: ApprovalDecision,
): Promise<void> {
  const { quad, literal } = factory;
  const decision = thing('approval', run);
  const { iri: who, quads } = describeAgent(by);
  const time = literal(canonicalTime(at), xsd('dateTime'));
  await store.insert(graph, [
    quad(decision, rdf('type'), prov('Activity')),
    quad(decision, rdf('type'), gw('ApprovalDecision')),
    quad(decision, gw('outcome'), literal(outcome)),
    quad(decision, gw('approvedDigest'), literal(parametersDigest)),
    quad(decision, prov('startedAtTime'), time),
    quad(decision, prov('endedAtTime'), time),
    quad(decision, prov('wasAssociatedWith'), who),
    ...(reason === undefined ? [] : [quad(decision, gw('reason'), literal(reason))]),
    quad(runIri(run), prov('wasInformedBy'), decision),
    ...quads,
  ]);
}
