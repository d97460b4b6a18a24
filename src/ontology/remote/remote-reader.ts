import { kinds, queryText, type QueryForm } from '../query-text.ts';
import { sparql, type Sparql } from '../sparql.ts';
import type {
  AnswerFormats,
  Dataset,
  QueryOptions,
  Row,
  SerializedAnswer,
  SubjectOptions,
} from '../store.ts';
import { subjectGraph } from '../subject-graph.ts';
import { factory, iri, type NamedNode, type Quad } from '../terms.ts';
import { nameOnServer } from './blank-nodes.ts';
import type { Endpoint, EndpointAnswer } from './endpoint.ts';
import { boolean, quads as parsedQuads, rows } from './results.ts';
import { withBase } from './update-text.ts';

const json = 'application/sparql-results+json';
const ntriples = 'application/n-triples, text/turtle;q=0.9';

/** The reading side of a remote store. */
export class RemoteReader {
  readonly #endpoint: Endpoint;
  readonly #url: URL;
  readonly #isUnion: boolean;

  /** @param isUnion Whether the server's patterns outside GRAPH match every graph by themselves. */
  constructor(endpoint: Endpoint, url: URL, isUnion: boolean) {
    this.#endpoint = endpoint;
    this.#url = url;
    this.#isUnion = isUnion;
  }

  async select(query: Sparql, options?: QueryOptions): Promise<Row[]> {
    return rows((await this.#ask(query, 'SELECT', json, options)).body);
  }

  async ask(query: Sparql, options?: QueryOptions): Promise<boolean> {
    return boolean((await this.#ask(query, 'ASK', json, options)).body);
  }

  /** A CONSTRUCT or a DESCRIBE. */
  async quads(
    query: Sparql,
    form: 'CONSTRUCT' | 'DESCRIBE',
    options?: QueryOptions,
  ): Promise<Quad[]> {
    const { body, mediaType } = await this.#ask(query, form, ntriples, options);
    return parsedQuads(body, mediaType);
  }

  async query(
    query: Sparql,
    formats: AnswerFormats,
    options?: QueryOptions,
  ): Promise<SerializedAnswer> {
    const { text, form } = queryText(query);
    const kind = kinds[form];
    const asked = kind === 'quads' ? formats.quads : formats.results;
    return { kind, ...(await this.#read(text, asked, options)) };
  }

  /** Blank nodes that others stored are named to nobody, so what is said of them is left out. */
  async subject(
    subject: NamedNode,
    { depth, limit, ...options }: SubjectOptions = {},
  ): Promise<Quad[]> {
    const walk = subjectGraph<Quad>(subject, { depth, limit });
    let step = walk.next([]);
    while (!step.done) {
      const nodes = step.value.flatMap((node) => nameOnServer(node) ?? []);
      step = walk.next(await this.#about(nodes, options));
    }
    return step.value;
  }

  /** A statement that is in a named graph and in the unnamed one is told of the named one only. */
  async #about(nodes: readonly NamedNode[], options: QueryOptions): Promise<Quad[]> {
    const found: Quad[] = [];
    for (let from = 0; from < nodes.length; from += nodesAtOnce) {
      const list = nodes.slice(from, from + nodesAtOnce).reduce(listed, sparql``);
      const told = await this.select(
        sparql`SELECT ?s ?p ?o ?g { VALUES ?s { ${list} }
          { GRAPH ?g { ?s ?p ?o } }
          UNION { ?s ?p ?o FILTER NOT EXISTS { GRAPH ?any { ?s ?p ?o } } }
        }`,
        { ...options, unionDefaultGraph: this.#isUnion },
      );
      for (const { s, p, o, g } of told)
        found.push(
          factory.quad(
            s as Quad['subject'],
            p as Quad['predicate'],
            o as Quad['object'],
            (g as NamedNode | undefined) ?? factory.defaultGraph(),
          ),
        );
    }
    return found;
  }

  async graphs(options?: QueryOptions): Promise<{ graph: NamedNode; quads: number }[]> {
    const found = await this.select(
      sparql`SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g`,
      { ...options, unionDefaultGraph: this.#isUnion },
    );
    return found
      .map(({ g, n }) => ({ graph: g as NamedNode, quads: Number(n!.value) }))
      .toSorted((a, b) => (a.graph.value < b.graph.value ? -1 : 1));
  }

  /** How many statements a graph holds; without one, all named graphs and the unnamed one. */
  async count(graph: NamedNode | undefined, options?: QueryOptions): Promise<number> {
    const counts = graph
      ? [sparql`SELECT (COUNT(*) AS ?n) { GRAPH ${graph} { ?s ?p ?o } }`]
      : [
          sparql`SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }`,
          sparql`SELECT (COUNT(*) AS ?n) { ?s ?p ?o }`,
        ];
    let sum = 0;
    for (const query of counts) {
      const [row] = await this.select(query, { ...options, unionDefaultGraph: this.#isUnion });
      sum += Number(row?.n?.value);
    }
    return sum;
  }

  async #ask(
    query: Sparql,
    wanted: QueryForm,
    accept: string,
    options?: QueryOptions,
  ): Promise<EndpointAnswer> {
    return this.#read(queryText(query, wanted).text, accept, options);
  }

  /** Always as a form: Virtuoso never answers a query that is a body of its own. */
  async #read(
    text: string,
    accept: string,
    { signal, timeout, unionDefaultGraph = true, dataset, base }: QueryOptions = {},
  ): Promise<EndpointAnswer> {
    const other = unionDefaultGraph === this.#isUnion ? undefined : unionDefaultGraph;
    const graphs = dataset ?? (other === undefined ? undefined : await this.#all(other, signal));
    const body = new URLSearchParams([
      ['query', withBase(text, base)],
      ...(graphs ? parameters(graphs, 'default-graph-uri', 'named-graph-uri') : []),
    ]);
    const request = { method: 'POST', url: this.#url, accept, body, repeatable: true } as const;
    return this.#endpoint.send({ ...request, signal, timeout });
  }

  /** All named graphs, merged into the default graph or not. */
  async #all(merged: boolean, signal?: AbortSignal): Promise<Dataset> {
    const named = (await this.graphs({ signal })).map(({ graph }) => graph);
    return { default: merged ? named : [], named };
  }
}

const nodesAtOnce = 200;

const listed = (list: Sparql, node: NamedNode): Sparql => sparql`${list} ${node}`;

/** A graph that nobody writes to. */
const nowhere = iri('urn:graphwright:graph:none');

/**
 * A dataset as the SPARQL 1.1 Protocol, section 2.1.4, has a client describe it. Without any name it would
 * be the server's own, so an empty default graph is named.
 */
export const parameters = (
  { default: merged, named }: Dataset,
  defaultKey: string,
  namedKey: string,
): [string, string][] => [
  ...(merged.length > 0 ? merged : [nowhere]).map(({ value }): [string, string] => [
    defaultKey,
    value,
  ]),
  ...named.map(({ value }): [string, string] => [namedKey, value]),
];
