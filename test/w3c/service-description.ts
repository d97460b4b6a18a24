import { namespace, rdf, type Term } from '../../src/ontology/terms.ts';
import { send } from './connection.ts';
import type { Trial } from './language-tests.ts';
import { Description, readQuads } from './rdf.ts';

const sd = namespace('http://www.w3.org/ns/sparql-service-description#');

/** What the vocabulary lets a service say, and of which kind each value is. */
const properties: Record<string, readonly Term['termType'][]> = {
  endpoint: ['NamedNode'],
  feature: ['NamedNode'],
  defaultEntailmentRegime: ['NamedNode'],
  defaultSupportedEntailmentProfile: ['NamedNode'],
  entailmentRegime: ['NamedNode'],
  supportedEntailmentProfile: ['NamedNode'],
  extensionFunction: ['NamedNode'],
  extensionAggregate: ['NamedNode'],
  languageExtension: ['NamedNode'],
  supportedLanguage: ['NamedNode'],
  propertyFeature: ['NamedNode'],
  inputFormat: ['NamedNode'],
  resultFormat: ['NamedNode'],
  defaultDataset: ['NamedNode', 'BlankNode'],
  availableGraphs: ['NamedNode', 'BlankNode'],
  defaultGraph: ['NamedNode', 'BlankNode'],
  namedGraph: ['NamedNode', 'BlankNode'],
  name: ['NamedNode'],
  graph: ['NamedNode', 'BlankNode'],
};

/** The manifest has names only; what each asks for is in its title and in the recommendation. */
export async function checkServiceDescription({ entry, subject }: Trial): Promise<void> {
  const path = '/query';
  const headers = { accept: 'text/turtle' };
  const { status, body } = await send(subject.origin, { method: 'GET', path, headers });
  if (status !== 200) throw new Error(`GET ${path}: expected 200, got ${status}`);
  const quads = readQuads(body, 'text/turtle', `${subject.origin}${path}`);
  const description = new Description(quads);
  const services = description.subjects(rdf('type'), sd('Service'));
  if (quads.length === 0 || services.length === 0) throw new Error('no sd:Service is described');
  if (entry.id.endsWith('#has-endpoint-triple')) {
    const endpoints = services.flatMap((service) => description.all(service, sd('endpoint')));
    if (!endpoints.some(({ value }) => value === `${subject.origin}${path}`))
      throw new Error(`no sd:endpoint is <${subject.origin}${path}>`);
  }
  if (entry.id.endsWith('#conforms-to-schema'))
    for (const { predicate, object } of quads) {
      if (!predicate.value.startsWith(sd('').value)) continue;
      const name = predicate.value.split('#')[1]!;
      if (!properties[name]?.includes(object.termType))
        throw new Error(`sd:${name} with a ${object.termType} is not in the vocabulary`);
    }
}
