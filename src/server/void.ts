import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { sparql } from '../ontology/sparql.ts';
import { isObservable, type OntologyStore, type Row } from '../ontology/store.ts';
import {
  factory,
  iri,
  namespace,
  rdf,
  xsd,
  type NamedNode,
  type Quad,
  type Term,
} from '../ontology/terms.ts';
import type { Access } from './access.ts';
import { datasetOf, described, descriptionType, voidPath, voidTerm } from './description.ts';
import { entityTag, isKnown } from './etag.ts';
import { forgetCharset, sendText } from './negotiation.ts';
import { voidSchema } from './sparql-openapi.ts';

const foaf = namespace('http://xmlns.com/foaf/0.1/');

/** Counting reads everything, so after a write the old counts serve for this long: milliseconds. */
const freshFor = 60_000;

/**
 * What the graph holds, in numbers (VoID): its statements, and how they spread over classes and properties,
 * at the place that VoID gives it. The numbers may be a minute old.
 */
export function voidRoute(access: Access, longest: number): FastifyPluginAsync {
  const known = new WeakMap<OntologyStore, () => Promise<Statistics>>();
  const statisticsOf = (store: OntologyStore) => {
    const statistics = known.get(store) ?? cached(store, longest);
    known.set(store, statistics);
    return statistics();
  };
  return async (app) => {
    app.addHook('onRequest', forgetCharset);
    app.setSerializerCompiler(() => (data) => JSON.stringify(data));
    app.get(voidPath, { schema: voidSchema }, async (request, reply) => {
      const mediaType = descriptionType(request);
      const { version, ...counts } = await statisticsOf(access.storeOf(request));
      if (version) {
        const tag = entityTag(version, mediaType);
        if (isKnown(tag, request, reply)) return reply;
        void reply.header('etag', tag);
      }
      return sendText(reply, mediaType, await described(description(request, counts), mediaType));
    });
  };
}

/** How many statements there are for each class and each property. */
interface Counts {
  classes: Row[];
  properties: Row[];
}

interface Statistics extends Counts {
  /** Of the graph before it was counted; missing for a store without versions. */
  version: string | undefined;
}

/** Counts at most once at a time, and not again while the counts are fresh or nothing was written. */
function cached(store: OntologyStore, timeout: number): () => Promise<Statistics> {
  let last: { version?: string; until: number; statistics: Promise<Statistics> } | undefined;
  return () => {
    const version = isObservable(store) ? store.version() : undefined;
    const now = Date.now();
    if (last && (now < last.until || (version && last.version === version))) return last.statistics;
    const statistics = counted(store, version, timeout);
    const present = { version, until: now + freshFor, statistics };
    // The next caller tries again; this one is told.
    statistics.catch(() => last === present && (last = undefined));
    last = present;
    return statistics;
  };
}

const counted = async (store: OntologyStore, version: string | undefined, timeout: number) => ({
  version,
  classes: await store.select(
    sparql`SELECT ?term (COUNT(?s) AS ?n) { ?s a ?term FILTER(isIRI(?term)) } GROUP BY ?term`,
    { timeout },
  ),
  properties: await store.select(
    sparql`SELECT ?term (COUNT(*) AS ?n) { ?s ?term ?o } GROUP BY ?term`,
    { timeout },
  ),
});

function description(request: FastifyRequest, { classes, properties }: Counts): Quad[] {
  const { quad } = factory;
  const dataset = datasetOf(request);
  const document = iri(dataset.value.split('#')[0]!);
  const triples = properties.reduce((sum, row) => sum + size(row), 0);
  return [
    quad(document, rdf('type'), voidTerm('DatasetDescription')),
    quad(document, foaf('primaryTopic'), dataset),
    quad(dataset, rdf('type'), voidTerm('Dataset')),
    quad(dataset, voidTerm('sparqlEndpoint'), iri(document.value.replace(voidPath, '/sparql'))),
    quad(dataset, voidTerm('triples'), integer(triples)),
    quad(dataset, voidTerm('classes'), integer(classes.length)),
    quad(dataset, voidTerm('properties'), integer(properties.length)),
    ...partitions(dataset, 'class', 'entities', classes),
    ...partitions(dataset, 'property', 'triples', properties),
  ];
}

const integer = (count: number | string) => factory.literal(String(count), xsd('integer'));

const size = ({ n }: Row): number => Number(n!.value);

/** The parts of the dataset by one of VoID's two criteria, the greatest first. */
function partitions(
  dataset: NamedNode,
  criterion: 'class' | 'property',
  measure: 'entities' | 'triples',
  rows: readonly Row[],
): Quad[] {
  const { quad } = factory;
  return rows
    .toSorted((a, b) => size(b) - size(a))
    .flatMap(({ term, n }, index) => {
      const part = factory.blankNode(`${criterion}${index}`);
      return [
        quad(dataset, voidTerm(`${criterion}Partition`), part),
        quad(part, voidTerm(criterion), term as NamedNode),
        quad(part, voidTerm(measure), integer((n as Term).value)),
      ];
    });
}
