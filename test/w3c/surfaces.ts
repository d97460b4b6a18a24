import type { AddressInfo } from 'node:net';
import { GraphwrightError, type SerializedError } from '../../src/errors.ts';
import { openEmbedded } from '../../src/ontology/embedded/open-embedded.ts';
import { sparql, sparqlText } from '../../src/ontology/sparql.ts';
import type { AnswerFormats, OntologyStore } from '../../src/ontology/store.ts';
import { factory, graphName, iri, type Quad } from '../../src/ontology/terms.ts';
import { server } from '../../src/server/server.ts';
import type { GraphFiles } from './manifest.ts';
import type { Files } from './rdf.ts';

/** One way to ask the graph. Refusals are GraphwrightErrors on each. */
export interface Surface {
  name: 'port' | 'http';
  query(text: string, formats: AnswerFormats): Promise<{ mediaType: string; body: string }>;
  update(text: string): Promise<void>;
}

/** A graph in memory with both of its surfaces. */
export interface Subject {
  store: OntologyStore;
  surfaces: readonly Surface[];
  /** Where the server listens. */
  origin: string;
  close(): Promise<void>;
}

export async function openSubject(): Promise<Subject> {
  // Listed, so that a LOAD from there is tried; the address is of a scheme that nobody speaks.
  const { store, close } = await openEmbedded({ loadFrom: { hosts: ['www.example.com'] } });
  const app = await server({ store: withoutUnion(store), workflows: [] });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  return {
    store,
    origin,
    surfaces: [port(store), http(origin)],
    async close() {
      await app.close();
      await close();
    },
  };
}

/** The suites know no union of the named graphs. */
const withoutUnion = (store: OntologyStore): OntologyStore =>
  new Proxy(store, {
    get(target, name) {
      if (name === 'query')
        return ((query, formats, options) =>
          target.query(query, formats, {
            ...options,
            unionDefaultGraph: false,
          })) satisfies OntologyStore['query'];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

const port = (store: OntologyStore): Surface => ({
  name: 'port',
  async query(text, formats) {
    const options = { unionDefaultGraph: false };
    const { mediaType, body } = await store.query(sparqlText(text), formats, options);
    return { mediaType, body: new TextDecoder().decode(body) };
  },
  async update(text) {
    await store.update(sparqlText(text));
  },
});

const http = (origin: string): Surface => {
  const post = async (path: 'query' | 'update', body: string, accept: string) => {
    const headers = { 'content-type': `application/sparql-${path}`, accept };
    const answer = await fetch(`${origin}/${path}`, { method: 'POST', headers, body });
    if (answer.ok) return answer;
    const problem = (await answer.json()) as SerializedError & { detail: string };
    throw GraphwrightError.fromJSON({ ...problem, message: problem.detail });
  };
  return {
    name: 'http',
    async query(text, { results, quads }) {
      const answer = await post('query', text, `${results}, ${quads}`);
      const [mediaType = ''] = answer.headers.get('content-type')!.split(';');
      return { mediaType, body: await answer.text() };
    },
    async update(text) {
      await post('update', text, '*/*');
    },
  };
};

/** Makes the store hold exactly what the files say; a file for the default graph may name others itself. */
export async function fill(
  { store }: Subject,
  files: Files,
  { default: defaults, named }: GraphFiles,
): Promise<void> {
  await store.update(sparql`DROP ALL`);
  const add = async (name: string, quads: Quad[]) => {
    await store.update(sparql`CREATE SILENT GRAPH ${iri(name)}`);
    await store.insert(iri(name), quads);
  };
  for (const { name, file } of named) await add(name, files.quads(file));
  const quads = defaults.flatMap((file) => files.quads(file));
  const names = new Set(quads.map(({ graph }) => graph.value));
  for (const name of names) {
    // The port writes to named graphs only; from there an update moves it.
    const target = name || graphName('passage').value;
    const within = quads.filter(({ graph }) => graph.value === name);
    await add(target, within);
    if (!name) await store.update(sparql`MOVE GRAPH ${iri(target)} TO DEFAULT`);
  }
}

/** Everything that the store holds. */
export async function content({ store }: Subject): Promise<Quad[]> {
  const rows = await store.select(
    sparql`SELECT ?s ?p ?o ?g { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }`,
    { unionDefaultGraph: false },
  );
  return rows.map(({ s, p, o, g }) =>
    factory.quad(
      s as Quad['subject'],
      p as Quad['predicate'],
      o as Quad['object'],
      g as Quad['graph'] | undefined,
    ),
  );
}
