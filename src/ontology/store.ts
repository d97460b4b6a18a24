import type { NamedNode, Quad, Term } from '@rdfjs/types';
import type { Sparql } from './sparql.ts';

/** One solution of a SELECT: each bound variable's term, by its name without the question mark. */
export type Row = Record<string, Term>;

/** Quads to add or remove; a stream is read to its end before anything is written. */
export type Quads = Iterable<Quad> | AsyncIterable<Quad>;

/** What a write really changed, and its place in the order of all writes. */
export interface Commit {
  /** Grows by one with each write that changed something; 0 before the first. */
  position: number;
  inserted: number;
  removed: number;
}

/** What may be said of one read. */
export interface QueryOptions {
  signal?: AbortSignal;
  /** Milliseconds until the query is ended with `timeout`; the store's own limit by default. */
  timeout?: number;
  /** Let patterns outside GRAPH match every named graph. True by default. */
  unionDefaultGraph?: boolean;
}

/** What may be said of one write. */
export interface WriteOptions {
  signal?: AbortSignal;
  /** Milliseconds for the WHERE clauses of an update; the store's own limit by default. */
  timeout?: number;
}

/** A query's answer in the format asked for. */
export interface SerializedAnswer {
  kind: 'bindings' | 'boolean' | 'quads';
  mediaType: string;
  body: Uint8Array;
}

/** How a caller would take each kind of answer; both are media types. */
export interface AnswerFormats {
  /** For SELECT and ASK. */
  results: string;
  /** For CONSTRUCT and DESCRIBE. */
  quads: string;
}

/**
 * The knowledge graph, as every layer sees it: each write names its graph, each read is SPARQL 1.1,
 * and a write is on disk when its promise resolves. A read started after a write sees it.
 *
 * All methods reject with a GraphwrightError: `invalid_query`, `timeout`, `cancelled`, `too_large`,
 * `store_full`, `store_damaged`, `unavailable`; writes with `invalid_data` for what is not RDF; queries
 * and updates with `forbidden` for SERVICE and LOAD; updates with `not_found` or `conflict` for a graph
 * that is missing or there already, unless they say SILENT. A write that rejects has changed nothing.
 */
export interface OntologyStore {
  /** Adds quads to one graph, in one commit; the graph of each quad itself is ignored. */
  insert(graph: NamedNode, quads: Quads, options?: WriteOptions): Promise<Commit>;
  /** Removes quads from one graph, in one commit. */
  remove(graph: NamedNode, quads: Quads, options?: WriteOptions): Promise<Commit>;
  /** Makes one graph hold exactly these quads, in one commit that touches only the difference. */
  replace(graph: NamedNode, quads: Quads, options?: WriteOptions): Promise<Commit>;
  /** Runs a SPARQL 1.1 Update request as one commit: all of its operations or none. */
  update(update: Sparql, options?: WriteOptions): Promise<Commit>;

  select(query: Sparql, options?: QueryOptions): Promise<Row[]>;
  ask(query: Sparql, options?: QueryOptions): Promise<boolean>;
  construct(query: Sparql, options?: QueryOptions): Promise<Quad[]>;
  describe(query: Sparql, options?: QueryOptions): Promise<Quad[]>;
  /** Any query, answered as bytes in the format that fits its kind. */
  query(query: Sparql, formats: AnswerFormats, options?: QueryOptions): Promise<SerializedAnswer>;

  /** Everything said of one thing in any graph. */
  subject(subject: NamedNode, options?: QueryOptions): Promise<Quad[]>;
  /** The named graphs and how many quads each holds, sorted by name. */
  graphs(options?: QueryOptions): Promise<{ graph: NamedNode; quads: number }[]>;
  /** Waits for what is under way and lets go of the data. */
  close(): Promise<void>;
}
