import { GraphwrightError } from '../../errors.ts';
import type { Sparql } from '../sparql.ts';
import type {
  AnswerFormats,
  AnswerOptions,
  Commit,
  OntologyStore,
  Quads,
  QueryOptions,
  ReplaceSubjectsOptions,
  Row,
  SerializedAnswer,
  SubjectOptions,
  UpdateOptions,
  WriteOptions,
} from '../store.ts';
import type { ProvenanceSettings } from '../provenance/settings.ts';
import type { NamedNode, Quad } from '../terms.ts';
import { queried } from '../queried.ts';
import { Endpoint, type EndpointConfiguration } from './endpoint.ts';
import { RemoteReader } from './remote-reader.ts';
import { RemoteWriter } from './remote-writer.ts';

/** Where a remote store is, and how it behaves. */
export interface RemoteStoreConfiguration extends EndpointConfiguration {
  /** Answers queries: `https://graph.example.org/sparql`. */
  query: string;
  /** Carries out updates; without one the store is only read. */
  update?: string;
  /** SPARQL 1.1 Graph Store HTTP Protocol; insert() then sends all in one request. */
  graphStore?: string;
  /** What patterns outside GRAPH match on that server by itself: all graphs, or the unnamed one. `union` by default. */
  defaultGraph?: 'union' | 'separate';
  /** Statements in one update request; 1,000 by default. */
  chunk?: number;
  /** What is recorded of each write, in the same request; nothing by default. */
  provenance?: ProvenanceSettings;
}

/**
 * The knowledge graph on another server: any SPARQL 1.1 endpoint. What the protocol cannot give, this
 * store does not give either:
 * - Writes made here go one after another. What others write in between is not noticed: commits are
 *   `approximate`, counted by asking before and after, and of an update only the net change is known.
 *   `position` counts the writes made here.
 * - replace() and replaceSubjects() read what is there and send the difference, removals first.
 * - An update is as atomic as the server makes a request. Quads beyond one `chunk` go in several requests;
 *   when one fails, the error says how many went before. With `graphStore`, an insert is one request.
 * - Blank nodes are stored as IRIs `urn:graphwright:genid:…` and come back as blank nodes, so that later
 *   writes can name them. Blank nodes that others stored can be read, not written.
 * - A query that wants the other kind of default graph than the server's names the graphs in
 *   `default-graph-uri` and `named-graph-uri`, at the price of one more query; the unnamed graph is then
 *   left out.
 * - Reads, and writes of given statements, are sent again after 429, 503 and a lost connection; updates
 *   never are, and when it is not known whether one was carried out, the error says so.
 * - Provenance is the activity and the commit with its counts, without a position, a list of statements
 *   or an end; of an update it does not tell what changed. It is recorded also of an insert() or a remove()
 *   that turns out to change nothing, and then no request goes to the graph store. The server's own
 *   default graph may show it.
 * - Redirects are refused, since credentials would follow them.
 *
 * Virtuoso 7 differs from the standard: it takes no data into the unnamed graph, rewrites numbers and
 * lowercases language tags, takes a missing graph for an empty one, clears nothing for CLEAR ALL, ends a
 * string at U+0000, does not look into named graphs for DESCRIBE, and quotes all of its CSV. It takes
 * "x"^^xsd:string for another string than "x"; the writes of this store send the second.
 */
export class RemoteStore implements OntologyStore {
  readonly #reader: RemoteReader;
  readonly #writer: RemoteWriter;
  readonly #server: { address: string; port: number };
  readonly #underWay = new Set<Promise<unknown>>();
  #closed = false;

  /** @throws GraphwrightError `invalid_configuration` for a URL or credentials that cannot be used. */
  constructor(configuration: RemoteStoreConfiguration) {
    const { query, update, graphStore, defaultGraph, chunk = 1000 } = configuration;
    const { provenance = { level: 'off' } } = configuration;
    const endpoint = new Endpoint(configuration);
    const url = endpointUrl(query);
    this.#server = {
      address: url.hostname,
      port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
    };
    this.#reader = new RemoteReader(endpoint, url, defaultGraph !== 'separate');
    this.#writer = new RemoteWriter({
      endpoint,
      reader: this.#reader,
      update: update === undefined ? undefined : endpointUrl(update),
      graphStore: graphStore === undefined ? undefined : endpointUrl(graphStore),
      chunk,
      provenance,
    });
  }

  insert(graph: NamedNode, quads: Quads, options?: WriteOptions): Promise<Commit> {
    return this.#told('insert', () => this.#writer.insert(graph, quads, options));
  }

  remove(graph: NamedNode, quads: Quads, options?: WriteOptions): Promise<Commit> {
    return this.#told('remove', () => this.#writer.remove(graph, quads, options));
  }

  replace(graph: NamedNode, quads: Quads, options?: WriteOptions): Promise<Commit> {
    return this.#told('replace', () => this.#writer.replace(graph, quads, options));
  }

  replaceSubjects(
    graph: NamedNode,
    quads: Quads,
    options?: ReplaceSubjectsOptions,
  ): Promise<Commit> {
    return this.#told('replaceSubjects', () => this.#writer.replaceSubjects(graph, quads, options));
  }

  update(update: Sparql, options?: UpdateOptions): Promise<Commit> {
    return this.#told('update', () => this.#writer.update(update, options), update);
  }

  select(query: Sparql, options?: QueryOptions): Promise<Row[]> {
    return this.#told('SELECT', () => this.#reader.select(query, options), query);
  }

  ask(query: Sparql, options?: QueryOptions): Promise<boolean> {
    return this.#told('ASK', () => this.#reader.ask(query, options), query);
  }

  construct(query: Sparql, options?: QueryOptions): Promise<Quad[]> {
    return this.#told('CONSTRUCT', () => this.#reader.quads(query, 'CONSTRUCT', options), query);
  }

  describe(query: Sparql, options?: QueryOptions): Promise<Quad[]> {
    return this.#told('DESCRIBE', () => this.#reader.quads(query, 'DESCRIBE', options), query);
  }

  query(query: Sparql, formats: AnswerFormats, options?: AnswerOptions): Promise<SerializedAnswer> {
    return this.#told('query', () => this.#reader.query(query, formats, options), query);
  }

  subject(subject: NamedNode, options?: SubjectOptions): Promise<Quad[]> {
    return this.#told('subject', () => this.#reader.subject(subject, options));
  }

  graphs(options?: QueryOptions): Promise<{ graph: NamedNode; quads: number }[]> {
    return this.#told('graphs', () => this.#reader.graphs(options));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#underWay);
  }

  /** Tells those who watch of an operation that {@link #track} holds. */
  #told<Value>(operation: string, action: () => Promise<Value>, text?: Sparql): Promise<Value> {
    const about = { system: 'sparql', operation, text, server: this.#server };
    return queried(about, () => this.#track(action));
  }

  /** Refuses what comes after close(), and lets close() wait for the rest. */
  async #track<Value>(action: () => Promise<Value>): Promise<Value> {
    if (this.#closed) throw new GraphwrightError('unavailable', 'The store is closed');
    const promise = action();
    this.#underWay.add(promise);
    try {
      return await promise;
    } finally {
      this.#underWay.delete(promise);
    }
  }
}

function endpointUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.hash)
    return url;
  throw new GraphwrightError(
    'invalid_configuration',
    `The URL of a remote store is http or https, without a user or a fragment, as in https://graph.example.org/sparql; not ${JSON.stringify(text)}`,
  );
}
