import { createHash, randomUUID } from 'node:crypto';
import { currentAttribution, type Agent, type Attribution } from '../attribution.ts';
import { factory, gw, prov, rdf, thing, xsd, type NamedNode, type Quad } from '../terms.ts';
import { canonicalJson } from './canonical-json.ts';
import { canonicalTime } from './record.ts';
import type { ProvenanceSettings } from './settings.ts';
import { runIri } from './terms.ts';

/** Parameters with more characters as JSON are recorded by their digest alone. */
export const longestParameters = 16_384;

/** What a write is attributed to: what its caller says, else what surrounds it, else an operation of its own. */
export const attributionOf = (explicit: Attribution | undefined): Attribution =>
  explicit ?? currentAttribution() ?? operation('store_write', { surface: 'program' });

/** An operation that begins now. */
export const operation = (name: string, agent: Agent, parameters?: unknown): Attribution => ({
  id: randomUUID(),
  operation: name,
  agent,
  parameters,
  startedAt: new Date(),
});

/** The IRI of an activity. */
export const activityIri = ({ id, workflow }: Attribution): NamedNode =>
  workflow === undefined ? thing('operation', id) : runIri(id);

/** What is told of an activity and its agent (PROV-O). */
export function describeActivity(
  attribution: Attribution,
  settings: Pick<ProvenanceSettings, 'parameters'>,
): Quad[] {
  const { workflow, operation: name, agent, startedAt } = attribution;
  const { quad, literal } = factory;
  const activity = activityIri(attribution);
  const { iri: who, quads } = describeAgent(agent);
  return [
    quad(activity, rdf('type'), prov('Activity')),
    quad(activity, rdf('type'), gw(workflow === undefined ? 'Operation' : 'Run')),
    ...(workflow === undefined ? [] : [quad(activity, gw('workflow'), literal(workflow))]),
    ...(name === undefined ? [] : [quad(activity, gw('operation'), literal(name))]),
    ...parametersOf(attribution, settings).map(([term, value]) => quad(activity, gw(term), value)),
    quad(activity, prov('startedAtTime'), time(startedAt)),
    quad(activity, prov('wasAssociatedWith'), who),
    ...quads,
  ];
}

/** What is told of an agent, and its IRI. */
export function describeAgent(agent: Agent): { iri: NamedNode; quads: Quad[] } {
  const { quad, literal } = factory;
  const iri = agentIri(agent);
  const quads = [
    quad(iri, rdf('type'), prov('Agent')),
    quad(iri, gw('surface'), literal(agent.surface)),
    ...(agent.name === undefined ? [] : [quad(iri, gw('agentName'), literal(agent.name))]),
  ];
  return { iri, quads };
}

/** When an activity ended. */
export const endOfActivity = (attribution: Attribution, at: Date): Quad =>
  factory.quad(activityIri(attribution), prov('endedAtTime'), time(at));

const time = (at: Date) => factory.literal(canonicalTime(at.toISOString()), xsd('dateTime'));

const agentIri = ({ surface, name }: Agent): NamedNode =>
  thing('agent', name === undefined ? surface : `${surface}/${name}`);

/** The digest is that of the JSON as it is recorded, so that it tells nothing of what is hidden. */
function parametersOf(
  { parameters }: Attribution,
  settings: Pick<ProvenanceSettings, 'parameters'>,
) {
  const json = canonicalJson(withoutSecrets(parameters));
  if (json === undefined) return [];
  const digest = createHash('sha256').update(json).digest('hex');
  const recorded = settings.parameters !== 'digest' && json.length <= longestParameters;
  return [
    ['parametersDigest', factory.literal(digest)] as const,
    ...(recorded ? [['parameters', factory.literal(json, rdf('JSON'))] as const] : []),
  ];
}

const secret = /passw|passphrase|secret|token|api_?-?key|authorization|credential|cookie/i;

/** Whatever stands under a key that names a secret is hidden, at any depth. */
function withoutSecrets(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if ('toJSON' in value) return value;
  const hidden = ([key, member]: [string, unknown]) =>
    [key, secret.test(key) ? '(hidden)' : withoutSecrets(member)] as const;
  return Object.fromEntries(Object.entries(value).map(hidden));
}
