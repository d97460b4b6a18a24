import type { FastifyReply, FastifyRequest } from 'fastify';
import { provenanceGraph } from '../ontology/provenance/terms.ts';
import type { OntologyStore } from '../ontology/store.ts';
import { factory, iri, rdf, rdfs, xsd, type NamedNode, type Quad } from '../ontology/terms.ts';
import { sendText } from './negotiation.ts';
import { datasetOf, described, descriptionType, format, sd, voidTerm } from './description.ts';
import { quadFormats, resultFormats } from './sparql-openapi.ts';

const formatNames: Partial<Record<string, string>> = {
  'application/sparql-results+json': 'SPARQL_Results_JSON',
  'application/sparql-results+xml': 'SPARQL_Results_XML',
  'text/csv': 'SPARQL_Results_CSV',
  'text/tab-separated-values': 'SPARQL_Results_TSV',
  'text/turtle': 'Turtle',
  'application/n-triples': 'N-Triples',
  'application/rdf+xml': 'RDF_XML',
  'application/ld+json': 'JSON-LD',
  'application/n-quads': 'N-Quads',
  'application/trig': 'TriG',
};

/** Answers with what this endpoint is and holds (SPARQL 1.1 Service Description, with sizes by VoID). */
export async function describeService(
  store: OntologyStore,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const mediaType = descriptionType(request);
  const endpoint = iri(`${request.protocol}://${request.host}${request.routeOptions.url}`);
  const quads = description(endpoint, datasetOf(request), await store.graphs());
  return sendText(reply, mediaType, await described(quads, mediaType));
}

type Graphs = Awaited<ReturnType<OntologyStore['graphs']>>;

function description(endpoint: NamedNode, dataset: NamedNode, graphs: Graphs): Quad[] {
  const { quad, literal } = factory;
  const [service, merged] = ['service', 'merged'].map((name) => factory.blankNode(name));
  const formats = [...resultFormats, ...quadFormats].flatMap((type) => formatNames[type] ?? []);
  const size = (count: number) => literal(String(count), xsd('integer'));
  return [
    quad(service!, rdf('type'), sd('Service')),
    quad(service!, sd('endpoint'), endpoint),
    quad(service!, sd('supportedLanguage'), sd('SPARQL11Query')),
    quad(service!, sd('supportedLanguage'), sd('SPARQL11Update')),
    quad(service!, sd('feature'), sd('UnionDefaultGraph')),
    ...formats.map((name) => quad(service!, sd('resultFormat'), format(name))),
    quad(service!, sd('defaultDataset'), dataset),
    quad(dataset, rdf('type'), sd('Dataset')),
    quad(dataset, rdfs('seeAlso'), iri(dataset.value.split('#')[0]!)),
    quad(dataset, sd('defaultGraph'), merged!),
    quad(merged!, rdf('type'), sd('Graph')),
    quad(merged!, rdfs('comment'), literal(`All graphs but <${provenanceGraph.value}>`, 'en')),
    ...graphs.flatMap(({ graph, quads }, index) => {
      const [named, content] = [
        factory.blankNode(`named${index}`),
        factory.blankNode(`graph${index}`),
      ];
      return [
        quad(dataset, sd('namedGraph'), named),
        quad(named, rdf('type'), sd('NamedGraph')),
        quad(named, sd('name'), graph),
        quad(named, sd('graph'), content),
        quad(content, rdf('type'), sd('Graph')),
        quad(content, voidTerm('triples'), size(quads)),
      ];
    }),
  ];
}
