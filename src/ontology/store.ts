import type { DefaultGraph, NamedNode, Quad, Term } from '@rdfjs/types';
import type { GraphwrightError } from '../errors.ts';
import type { Attribution } from './attribution.ts';
import type { Sparql } from './sparql.ts';
import type { SubjectLimits } from './subject-graph.ts';

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
  /**
   * Set where others write to the store as well: the counts are what was seen before and after. Also set
   * within a step of a durable run, where the write waits for the step's end: the counts are a preview.
   */
  approximate?: true;
}

/**
 * The graphs that a request is about, instead of those that its text names (SPARQL 1.1 Protocol, section
 * 2.1.4): the ones merged into the default graph, and the ones that GRAPH reaches.
 */
export interface Dataset {
  default: readonly NamedNode[];
  named: readonly NamedNode[];
}

/** What may be said of one read. */
export interface QueryOptions {
  signal?: AbortSignal;
  /** Milliseconds until the query is ended with `timeout`; the store's own limit by default. */
  timeout?: number;
  /** Let patterns outside GRAPH match every named graph. True by default. */
  unionDefaultGraph?: boolean;
  dataset?: Dataset;
  /** What relative IRIs are resolved against where the text has no BASE; without either they are refused. */
  base?: NamedNode;
}

/** What may be said of one {@link OntologyStore.subject}. */
export interface SubjectOptions extends QueryOptions, SubjectLimits {}

/** What may be said of one write. */
export interface WriteOptions {
  /** The activity that writes, for provenance; by default the one that the code is `attributed` to. */
  attribution?: Attribution;
  signal?: AbortSignal;
  /** Milliseconds for the WHERE clauses of an update; the store's own limit by default. */
  timeout?: number;
}

/** What may be said of one {@link OntologyStore.update}. */
export interface UpdateOptions extends WriteOptions {
  /** What the WHERE clauses read, as USING and USING NAMED would say; a text that says so itself is refused. */
  dataset?: Dataset;
  /** As for a query. */
  base?: NamedNode;
  /**
   * Whether the commit must tell the numbers. True by default; false spares a remote store from counting all
   * of its statements before and after, and its commit then says 0.
   */
  counted?: boolean;
}

/** What must be so in the moment of a write; else it is refused with `precondition_failed`. */
export interface Precondition {
  graph: NamedNode | DefaultGraph;
  /** Whether the graph must be there or must not. */
  exists?: boolean;
  /** Says of the graph's {@link ObservableStore.version} whether the write may be based on it. */
  version?: (present: string) => boolean;
}

/** A write that only happens under a condition. */
export interface Conditional {
  precondition?: Precondition;
}

/** What may be said of one {@link OntologyStore.replaceSubjects}. */
export interface ReplaceSubjectsOptions extends WriteOptions {
  /** The properties by which a part points to its whole; see there. None by default. */
  parts?: readonly NamedNode[];
}

/** What one write really changed, literals as they were written; without the provenance that it was recorded with. */
export interface Change {
  /** That of its {@link Commit}. */
  position: number;
  /** When it was written, ISO 8601. */
  at: string;
  removed: Quad[];
  inserted: Quad[];
}

/** Where a feed of changes starts and ends. */
export interface ChangesOptions {
  /** The position of the last change already known; by default the newest, so that only later ones come. */
  after?: number;
  signal?: AbortSignal;
  /** Leaves out statements that cannot fit; a change of which nothing is left comes all the same. */
  pattern?: ChangePattern;
  /** Called once it is known that the position is there, before anything is told. */
  onBegin?: () => void;
}

/**
 * Which statements a subscriber wants to hear of; what is left out may be anything. Of provenance hears
 * only who names its graph.
 */
export interface ChangePattern {
  subject?: Quad['subject'];
  predicate?: Quad['predicate'];
  object?: Quad['object'];
  graph?: Quad['graph'];
  /** Both by default. */
  kind?: 'insert' | 'remove';
}

/** Told of one write at a time; the next waits for its promise. */
export type ChangeListener = (change: Change) => void | Promise<void>;

/** What may be said of one subscription. */
export interface SubscribeOptions extends Pick<ChangesOptions, 'after'> {
  /** Told what the listener or the feed threw, which ends the subscription; else it is thrown, uncaught. */
  onError?: (error: GraphwrightError) => void;
}

/** What an export takes along. */
export interface ExportOptions {
  /** Only this graph; all of them by default. */
  graph?: NamedNode;
  signal?: AbortSignal;
}

/** What is found when a store's files are checked. */
export interface Verification {
  /** The newest position that is sound. */
  position: number;
  /** That of the snapshot, if there is one and it is sound. */
  snapshot?: number;
  /** The first of what is not as it was written. */
  damage?: { place: 'file' | 'journal' | 'snapshot'; detail: string };
}

/** How much one answer may hold; more is refused with `too_large`, as nobody would see that a part is missing. */
export interface AnswerLimits {
  /** Of a SELECT. */
  rows: number;
  bytes: number;
}

/** What may be said of one {@link OntologyStore.query}. */
export interface AnswerOptions extends QueryOptions {
  /** None by default. A store on another server has its own, in its configuration. */
  limits?: AnswerLimits;
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
  /**
   * Makes the quads all that one graph says of their subjects, in one commit that touches only the
   * difference; of other subjects it says what it said before. Of a thing that points to one of these
   * subjects by one of `parts`, and is none of them itself, all that the graph said goes.
   */
  replaceSubjects(
    graph: NamedNode,
    quads: Quads,
    options?: ReplaceSubjectsOptions,
  ): Promise<Commit>;
  /** Runs a SPARQL 1.1 Update request as one commit: all of its operations or none. */
  update(update: Sparql, options?: UpdateOptions): Promise<Commit>;

  select(query: Sparql, options?: QueryOptions): Promise<Row[]>;
  ask(query: Sparql, options?: QueryOptions): Promise<boolean>;
  construct(query: Sparql, options?: QueryOptions): Promise<Quad[]>;
  describe(query: Sparql, options?: QueryOptions): Promise<Quad[]>;
  /** Any query, answered as bytes in the format that fits its kind. */
  query(query: Sparql, formats: AnswerFormats, options?: AnswerOptions): Promise<SerializedAnswer>;

  /**
   * Everything said of one thing in any graph, and of the things it points to as far as `depth` says, the
   * nearest first. Blank nodes are told of whole. Literals as they were written.
   */
  subject(subject: NamedNode, options?: SubjectOptions): Promise<Quad[]>;
  /** The named graphs and how many quads each holds, sorted by name. */
  graphs(options?: QueryOptions): Promise<{ graph: NamedNode; quads: number }[]>;
  /** Waits for what is under way and lets go of the data. */
  close(): Promise<void>;
}

/** A store that tells what changes, and gives back all it holds to the letter. */
export interface ObservableStore extends OntologyStore {
  /** That of the newest write; 0 before the first. */
  readonly position: number;
  insert(graph: NamedNode, quads: Quads, options?: WriteOptions & Conditional): Promise<Commit>;
  replace(graph: NamedNode, quads: Quads, options?: WriteOptions & Conditional): Promise<Commit>;
  update(update: Sparql, options?: UpdateOptions & Conditional): Promise<Commit>;
  /**
   * Another text after each write that changed a graph, or anything when no graph is named; never one
   * that stood for something else. A restart may change it too.
   */
  version(graph?: NamedNode | DefaultGraph): string;
  /**
   * Every write after a position, in order; it goes on with those to come, until the signal aborts
   * (`cancelled`) or the store is closed (it ends). Who reads slowly holds nobody: it is read from the
   * journal. A query asked after a change came sees it. Of a position that the journal no longer
   * holds, or not yet: `gone`.
   */
  changes(options?: ChangesOptions): AsyncIterable<Change>;
  /** Calls a listener with the fitting part of every write that has one; the function it returns ends that. */
  subscribe(
    pattern: ChangePattern,
    listener: ChangeListener,
    options?: SubscribeOptions,
  ): () => void;
  /** All statements at one moment, literals and language tags as they were written, in pages of N-Quads. */
  export(options?: ExportOptions): AsyncIterable<string>;
}

/** A store that knows how much room it takes. */
export interface MeasuredStore extends OntologyStore {
  /** Bytes on disk, or in memory for a store that is kept there. */
  size(): Promise<number>;
}

/** Whether a store knows how much room it takes. */
export const isMeasured = (store: OntologyStore): store is MeasuredStore => 'size' in store;

/** Whether a store tells what changes. */
export const isObservable = (store: OntologyStore): store is ObservableStore => 'changes' in store;
