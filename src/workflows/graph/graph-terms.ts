import { sparql } from '../../ontology/sparql.ts';
import type { OntologyStore, QueryOptions } from '../../ontology/store.ts';
import { graphName, iri, owl, rdf, rdfs, type Quad } from '../../ontology/terms.ts';
import { Vocabulary } from '../../ontology/vocabulary.ts';
import { Prefixes } from './prefixes.ts';

/** What a graph's ontologies say, as far as the caller may read them. */
export interface GraphTerms {
  vocabulary: Vocabulary;
  prefixes: Prefixes;
  ontologies: readonly Quad[];
}

/** What a question is asked by, and how long it may take. */
export interface Looking {
  terms: GraphTerms;
  options: QueryOptions;
}

/** Statements of ontologies that are read at most; what is beyond is not described. */
const most = 50_000;

/** Reads the ontologies that were loaded with the toolkit, and those in any graph that says it holds one. */
export async function graphTerms(store: OntologyStore, options: QueryOptions): Promise<GraphTerms> {
  const loaded = graphName('ontology/').value;
  const ontologies = await store.construct(
    sparql`CONSTRUCT { ?s ?p ?o } WHERE {
      { SELECT DISTINCT ?g WHERE { GRAPH ?g { ?ontology a ?kind } VALUES ?kind { ${owl('Ontology')} } } }
      GRAPH ?g { ?s ?p ?o }
      FILTER (STRSTARTS(STR(?g), ${loaded}) || ?p IN (${described}))
    } LIMIT ${most}`,
    options,
  );
  return { ontologies, vocabulary: new Vocabulary(ontologies), prefixes: new Prefixes(ontologies) };
}

/** Data may lie in the same graph as its ontology; of that only what describes terms is read. */
const described = [
  rdf('type'),
  rdf('first'),
  rdf('rest'),
  rdfs('label'),
  rdfs('comment'),
  rdfs('domain'),
  rdfs('range'),
  rdfs('subClassOf'),
  rdfs('subPropertyOf'),
  owl('unionOf'),
  iri('http://purl.org/vocab/vann/preferredNamespacePrefix'),
  iri('http://purl.org/vocab/vann/preferredNamespaceUri'),
].reduce(
  (list, term, index) => (index === 0 ? sparql`${term}` : sparql`${list}, ${term}`),
  sparql``,
);
