import { sparql } from '../../../ontology/sparql.ts';
import type { OntologyStore } from '../../../ontology/store.ts';
import { graphName } from '../../../ontology/terms.ts';
import { Vocabulary } from '../../../ontology/vocabulary.ts';
import type { ResourceSource } from './resources.ts';
import { compact, prefixes, turtleOf } from './turtle-of.ts';

const beginning = graphName('ontology/').value;

/** The short list of terms. */
export const termsUri = 'ontology://terms';

const termList = {
  uri: termsUri,
  name: 'terms',
  description: 'The classes and properties of all ontologies, one a line, with what they mean',
  mimeType: 'text/plain',
};

/**
 * The ontologies that the graph was given: `ontology://terms` lists their classes and properties in few
 * words, `ontology://<path of the file>` is one of them whole, in Turtle.
 */
export function ontologyResources(store: OntologyStore): ResourceSource {
  return {
    scheme: 'ontology:',
    async list() {
      const paths = await ontologiesOf(store);
      const files = paths.map((path) => ({
        uri: `ontology://${path}`,
        name: path,
        description: `The ontology ${path}, whole`,
        mimeType: 'text/turtle',
      }));
      return [termList, ...files];
    },
    async read({ href }) {
      if (href === termsUri) return { mimeType: 'text/plain', text: await listTerms(store) };
      const path = href.slice('ontology://'.length);
      if (!(await ontologiesOf(store)).includes(path)) return undefined;
      return { mimeType: 'text/turtle', text: await turtleOf(await statements(store, path)) };
    },
  };
}

async function ontologiesOf(store: OntologyStore): Promise<string[]> {
  const names = (await store.graphs()).map(({ graph }) => graph.value);
  return names
    .filter((name) => name.startsWith(beginning))
    .map((name) => decodeURIComponent(name.slice(beginning.length)));
}

const statements = (store: OntologyStore, path: string) =>
  store.construct(
    sparql`CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ${graphName(`ontology/${path}`)} { ?s ?p ?o } }`,
  );

const named = (iris: Iterable<string>) => [...iris].map(compact).join(' or ') || 'anything';

/** Prefixes, classes and properties, one a line, as a model reads them with few tokens. */
export async function listTerms(store: OntologyStore): Promise<string> {
  const paths = await ontologiesOf(store);
  const quads = await Promise.all(paths.map((path) => statements(store, path)));
  const { classes, properties } = new Vocabulary(quads.flat());
  const lines = [
    ...classes.map(({ iri, comment }) => `${compact(iri.value)}: ${comment}`),
    ...properties.map(({ iri, comment, domains, range }) => {
      const ends = `${named(domains)} -> ${named(range ? [range.value] : [])}`;
      return `${compact(iri.value)} (${ends}): ${comment}`;
    }),
  ];
  const used = Object.entries(prefixes).filter(([prefix]) =>
    lines.some((line) => new RegExp(String.raw`\b${prefix}:`).test(line)),
  );
  return [...used.map(([prefix, base]) => `PREFIX ${prefix}: <${base}>`), ...lines, ''].join('\n');
}
