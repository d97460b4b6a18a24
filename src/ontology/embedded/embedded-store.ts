import type { DefaultGraph, NamedNode, Quad } from '@rdfjs/types';
import { GraphwrightError } from '../../errors.ts';
import type { BulkStore, LoadOptions } from '../bulk.ts';
import type { RestrictableStore, Rights } from '../rights/rights.ts';
import { sparql, type Sparql } from '../sparql.ts';
import type {
  AnswerFormats,
  AnswerOptions,
  Change,
  ChangeListener,
  ChangePattern,
  ChangesOptions,
  Commit,
  Conditional,
  ExportOptions,
  MeasuredStore,
  ObservableStore,
  Precondition,
  Quads,
  QueryOptions,
  ReplaceSubjectsOptions,
  Row,
  SerializedAnswer,
  UpdateOptions,
  WriteOptions,
  SubjectOptions,
  SubscribeOptions,
  Verification,
} from '../store.ts';
import { iri } from '../terms.ts';
import { AttributedWrites } from './attributed-writes.ts';
import { backupState } from './backup.ts';
import type { Load } from './bulk-load.ts';
import type { BulkPage } from './bulk-page.ts';
import { DeferredRows } from './deferred-rows.ts';
import type { EmbeddedStoreConfiguration } from './embedded-configuration.ts';
import type { EngineQuery } from './engine.ts';
import type { ReadRequest, WriteRequest } from './engine-worker.ts';
import { exportPages } from './export-pages.ts';
import { Feed } from './feed.ts';
import { createJournal } from './journal.ts';
import {
  loadDocuments,
  type LoadedDocuments,
  type LoadFrom,
  type LoadOperation,
} from './load-documents.ts';
import { QuadWriter } from './nquads.ts';
import { queried } from '../queried.ts';
import { formOf, kinds, names, textOf } from '../query-text.ts';
import { Readers } from './readers.ts';
import { RestrictedStore } from './restricted-store.ts';
import {
  boolean,
  quads as parsedQuads,
  rows,
  toBytes,
  toText,
  type AnswerText,
} from './results.ts';
import type { Form } from '../scan.ts';
import type { Observation } from '../../telemetry.ts';
import type { Shapes } from '../shapes/shape.ts';
import type { ValidateOptions, ValidatingStore } from '../shapes/validate.ts';
import type { Violation } from '../shapes/violations.ts';
import { createSnapshots } from './snapshot-rows.ts';
import { Snapshots } from './snapshots.ts';
import { Staging } from './staging.ts';
import type { EngineSource } from './start-engine.ts';
import type { StateFile } from './state-file.ts';
import { mention, subscribe } from './subscription.ts';
import type { Limits } from './thread.ts';
import { assertComplete, verifyState } from './verify.ts';
import { Versions } from './versions.ts';
import { Writer } from './writer.ts';

const json = 'application/sparql-results+json';
const ntriples = 'application/n-triples';
/** Milliseconds after which the engines come that nobody has asked for: a command with one question ends before. */
const beforeCompleting = 200;

/** On whose behalf it is; everything is allowed by default. */
interface Limited {
  rights?: Rights;
}

/**
 * The knowledge graph in this process: Oxigraph in worker threads, every write in the state file's
 * journal before it is acknowledged.
 */
export class EmbeddedStore
  implements BulkStore, ValidatingStore, ObservableStore, MeasuredStore, RestrictableStore
{
  readonly #state: StateFile;
  readonly #source: EngineSource;
  readonly #timeout: number;
  readonly #memory: number;
  readonly #loadFrom?: LoadFrom;
  readonly #readers: Readers;
  /** What the readers have not been told of yet. */
  readonly #written: DeferredRows;
  readonly #writer: Writer;
  readonly #versions = new Versions();
  readonly #feed: Feed;
  readonly #snapshots: Snapshots;
  readonly #closing = new AbortController();
  readonly #quads = new QuadWriter();
  readonly #attributed: AttributedWrites;
  readonly #staging: Staging;
  readonly #underWay = new Set<Promise<unknown>>();
  #completing?: NodeJS.Timeout;
  #closed?: Promise<void>;

  private constructor({
    state,
    readers = 2,
    timeout = 30_000,
    memory = 2.5 * 2 ** 30,
    loadFrom,
    snapshots,
    shapes,
    provenance = { level: 'off' },
    onWarning = warn,
  }: EmbeddedStoreConfiguration) {
    this.#attributed = new AttributedWrites(provenance, onWarning);
    this.#staging = new Staging({
      state,
      attributed: this.#attributed,
      write: (request) => this.#writer.write(request, { timeout }),
    });
    const source = { state, shapes, onWarning };
    const committed = () => this.#writer.position;
    this.#state = state;
    this.#source = source;
    this.#timeout = timeout;
    this.#memory = memory;
    this.#loadFrom = loadFrom;
    this.#readers = new Readers(source, readers);
    this.#written = new DeferredRows((written) => this.#readers.follow(written));
    this.#feed = new Feed(state, committed);
    this.#snapshots = new Snapshots({
      ...snapshots,
      source,
      committed,
      renew: async () => {
        await this.#writer.renew();
        await this.#readers.renew();
      },
    });
    this.#writer = new Writer(source, {
      committed: (written, changes) => {
        this.#versions.follow(written, changes);
        this.#written.add(written);
        this.#snapshots.follow(written);
        this.#feed.wake();
      },
      loaded: (engine, { rows: [row], graphs, size }) => {
        this.#versions.follow([row!], [{ row, inserted: 0, removed: 0, graphs }]);
        this.#written.flush();
        const substitute = this.#readers.promote(engine, row!.position);
        this.#feed.wake();
        // Nothing is written until then, and a snapshot would take the processors.
        return substitute.finally(() => this.#snapshots.grow(size.rows, size.characters));
      },
    });
  }

  /**
   * Opens the graph that a state file's journal tells, empty when it is new.
   * @throws GraphwrightError `store_damaged` naming the position of a row that is not what was written.
   */
  static async open(configuration: EmbeddedStoreConfiguration): Promise<EmbeddedStore> {
    await configuration.state.commit([...createJournal, ...createSnapshots]);
    const store = new EmbeddedStore(configuration);
    try {
      const head = await store.#readers.start();
      await assertComplete(configuration.state, head.position);
      store.#writer.begin(head);
    } catch (thrown) {
      await store.close();
      throw thrown;
    }
    store.#versions.start(store.#writer.head);
    await store.#snapshots.start();
    store.#completing = setTimeout(() => store.#complete(), beforeCompleting).unref();
    return store;
  }

  #complete(): void {
    this.#writer.prepare();
    void this.#readers.startOthers();
  }

  get position(): number {
    return this.#writer.position;
  }

  restrictedTo(rights: Rights): ObservableStore {
    return new RestrictedStore(this, rights);
  }

  insert(
    graph: NamedNode,
    quads: Quads,
    options?: WriteOptions & Conditional & Limited,
  ): Promise<Commit> {
    return this.#writeQuads('insert', graph, quads, options);
  }

  remove(graph: NamedNode, quads: Quads, options?: WriteOptions & Limited): Promise<Commit> {
    return this.#writeQuads('remove', graph, quads, options);
  }

  replace(
    graph: NamedNode,
    quads: Quads,
    options?: WriteOptions & Conditional & Limited,
  ): Promise<Commit> {
    return this.#writeQuads('replace', graph, quads, options);
  }

  replaceSubjects(
    graph: NamedNode,
    quads: Quads,
    { parts = [], ...options }: ReplaceSubjectsOptions & Limited = {},
  ): Promise<Commit> {
    return this.#told('replaceSubjects', async () => {
      const links = parts.map(({ value }) => iri(value).value);
      const about = { graph: graph.value, pieces: await this.#quads.pieces(graph, quads) };
      return this.#write({ type: 'replaceSubjects', ...about, parts: links }, options);
    });
  }

  load(
    pages: AsyncIterable<BulkPage>,
    { attribution, precondition, ...options }: LoadOptions & Limited = {},
  ): Promise<Commit> {
    const load = { pages, memory: this.#memory, ...this.#conditions(precondition), ...options };
    return this.#told('load', async () => {
      await this.#staging.flush();
      return this.#attributed.attribute(attribution, (provenance) =>
        this.#writer.load({ ...load, provenance }),
      );
    });
  }

  update(
    update: Sparql,
    { dataset, base, ...options }: UpdateOptions & Conditional & Limited = {},
  ): Promise<Commit> {
    const write = async () => {
      const text = textOf(update);
      const request = { type: 'update', text, dataset: names(dataset), base: base?.value } as const;
      const documents = await this.#documents(request, options);
      return this.#write({ ...request, documents }, options);
    };
    return this.#told('update', write, update);
  }

  select(query: Sparql, options?: QueryOptions & Limited): Promise<Row[]> {
    return this.#ask(query, ['SELECT', json, rows], options);
  }

  ask(query: Sparql, options?: QueryOptions & Limited): Promise<boolean> {
    return this.#ask(query, ['ASK', json, boolean], options);
  }

  construct(query: Sparql, options?: QueryOptions & Limited): Promise<Quad[]> {
    return this.#ask(query, ['CONSTRUCT', ntriples, parsedQuads], options);
  }

  describe(query: Sparql, options?: QueryOptions & Limited): Promise<Quad[]> {
    return this.#ask(query, ['DESCRIBE', ntriples, parsedQuads], options);
  }

  query(
    query: Sparql,
    formats: AnswerFormats,
    options: AnswerOptions & Limited = {},
  ): Promise<SerializedAnswer> {
    const answer = async (seen?: Observation) => {
      const text = textOf(query);
      const form = formOf(text);
      seen?.set({ 'graphwright.query.form': form });
      const kind = kinds[form];
      const mediaType = kind === 'quads' ? formats.quads : formats.results;
      const found = await this.#read({ text, form, format: mediaType }, options);
      return { kind, mediaType, body: toBytes(found) };
    };
    return this.#told('query', answer, query);
  }

  subject(subject: NamedNode, options: SubjectOptions & Limited = {}): Promise<Quad[]> {
    const { signal, timeout = this.#timeout, depth, limit, rights } = options;
    return this.#told('subject', async () => {
      const about = { iri: iri(subject.value).value, limits: { depth, limit } };
      const request: ReadRequest = { type: 'subject', ...about, rights };
      await this.#staging.flush();
      return parsedQuads(await this.#query(request, { signal, timeout }));
    });
  }

  async violations(shapes: Shapes, options: ValidateOptions = {}): Promise<Violation[]> {
    const { signal, timeout = this.#timeout } = options;
    const request: ReadRequest = { type: 'violations', shapes };
    const found = await this.#track(async () => {
      await this.#staging.flush();
      return this.#query(request, { signal, timeout });
    });
    return JSON.parse(toText(found)) as Violation[];
  }

  async graphs(options?: QueryOptions & Limited): Promise<{ graph: NamedNode; quads: number }[]> {
    const found = await this.select(
      sparql`SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g`,
      options,
    );
    return found
      .map(({ g, n }) => ({ graph: g as NamedNode, quads: Number(n!.value) }))
      .toSorted((a, b) => (a.graph.value < b.graph.value ? -1 : 1));
  }

  version(graph?: NamedNode | DefaultGraph): string {
    return this.#versions.of(graph?.value);
  }

  changes(options: ChangesOptions = {}): AsyncGenerator<Change> {
    const { after = this.#writer.position, pattern } = options;
    return this.#feed.changes({ ...options, after }, pattern && mention(pattern));
  }

  subscribe(
    pattern: ChangePattern,
    listener: ChangeListener,
    options: SubscribeOptions = {},
  ): () => void {
    if (this.#closed) throw closed();
    const { after = this.#writer.position, onError } = options;
    return subscribe(this.#feed, pattern, { after, onError, listener });
  }

  async *export({ graph, signal, rights }: ExportOptions & Limited = {}): AsyncGenerator<string> {
    if (this.#closed) throw closed();
    await this.#staging.flush();
    const ended = AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])]);
    const committed = () => this.#writer.position;
    const request = { source: this.#source, committed, graph: graph?.value, rights, signal: ended };
    for await (const { statements } of exportPages(request)) yield statements;
  }

  async size(): Promise<number> {
    const sql = 'SELECT page_count * page_size AS size FROM pragma_page_count, pragma_page_size';
    const [found] = await this.#track(() => this.#state.read<{ size: number }>({ sql }));
    return found!.size;
  }

  /** Makes a snapshot now, from which the next start goes on; resolves with its position. */
  snapshot(): Promise<number> {
    return this.#track(() => this.#snapshots.take());
  }

  /** Compares everything on disk with its checksums, and says where the first damage is. */
  verify(): Promise<Verification> {
    return this.#track(() => verifyState(this.#state));
  }

  /**
   * Writes a copy of the state file, the graph and the runs as of one moment, into a directory that
   * can be opened as a data directory.
   * @throws GraphwrightError `conflict` when there is one already, `store_full`, `unavailable`.
   */
  backup(directory: string): Promise<void> {
    return this.#track(() => backupState(this.#state, directory));
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    clearTimeout(this.#completing);
    this.#closing.abort(closed());
    this.#feed.close(closed());
    await this.#snapshots.close();
    await Promise.allSettled(this.#underWay);
    await this.#attributed.close((request) => this.#writer.write(request, {}));
    await Promise.all([this.#writer.close(closed()), this.#readers.close(closed())]);
  }

  #writeQuads(
    type: 'insert' | 'remove' | 'replace',
    graph: NamedNode,
    quads: Quads,
    options?: WriteOptions & Conditional & Limited,
  ): Promise<Commit> {
    return this.#told(type, async () => {
      const pieces = await this.#quads.pieces(graph, quads);
      return this.#write({ type, graph: graph.value, pieces }, options);
    });
  }

  async #write(
    asked: WriteRequest,
    {
      signal,
      timeout = this.#timeout,
      precondition,
      attribution,
      rights,
    }: WriteOptions & Conditional & Limited = {},
  ): Promise<Commit> {
    const request = rights ? { ...asked, rights } : asked;
    const { condition, check } = this.#conditions(precondition);
    const staged = !precondition && this.#staging.stage({ request, attribution });
    if (staged) return staged;
    await this.#staging.flush();
    return this.#attributed.attribute(attribution, (provenance) =>
      this.#writer.write({ ...request, condition, provenance }, { signal, timeout, check }),
    );
  }

  /** What the engine is to look at, and what is looked at here, right before a write is made. */
  #conditions(precondition: Precondition | undefined): Pick<Load, 'condition' | 'check'> {
    if (!precondition) return {};
    const { graph, exists } = precondition;
    return {
      ...(exists !== undefined && { condition: { graph: graph.value, exists } }),
      check: (pending) => this.#versions.assert(precondition, pending),
    };
  }

  /** What the update's LOAD operations ask for, fetched before it is made. */
  async #documents(
    { text, base }: { text: string; base?: string },
    { signal, timeout = this.#timeout }: WriteOptions,
  ): Promise<LoadedDocuments | undefined> {
    if (!this.#loadFrom || !/\bLOAD\b/i.test(text)) return undefined;
    const request: ReadRequest = { type: 'loads', text, base };
    const found = await this.#query(request, { signal, timeout });
    const operations = JSON.parse(toText(found)) as LoadOperation[];
    return loadDocuments(operations, this.#loadFrom, { signal, timeout });
  }

  #ask<Value>(
    query: Sparql,
    [wanted, format, read]: [
      form: Form & string,
      format: string,
      read: (answer: AnswerText) => Value,
    ],
    options: QueryOptions & Limited = {},
  ): Promise<Value> {
    const answer = async (seen?: Observation) => {
      const text = textOf(query);
      const form = formOf(text);
      if (form !== wanted)
        throw new GraphwrightError('invalid_query', `This takes a ${wanted} query, not ${form}`);
      const found = read(await this.#read({ text, form, format }, options));
      if (Array.isArray(found)) seen?.set({ 'db.response.returned_rows': found.length });
      return found;
    };
    return this.#told(wanted, answer, query);
  }

  async #read(
    query: Pick<EngineQuery, 'text' | 'form' | 'format'>,
    {
      signal,
      timeout = this.#timeout,
      unionDefaultGraph = true,
      ...options
    }: AnswerOptions & Limited,
  ): Promise<AnswerText> {
    const { dataset, base, limits, rights } = options;
    const request: ReadRequest = { type: 'query', ...query, unionDefaultGraph };
    // What is not said is not sent either: it costs as much as what is.
    if (dataset) request.dataset = names(dataset);
    if (base) request.base = base.value;
    if (limits) request.limits = limits;
    if (rights) request.rights = rights;
    await this.#staging.flush();
    return this.#query(request, { signal, timeout });
  }

  /** Asks a reader that has everything which was acknowledged. */
  #query(request: ReadRequest, limits: Limits): Promise<AnswerText> {
    this.#written.flush();
    return this.#readers.query(request, limits);
  }

  /** Tells those who watch of an operation that {@link #track} holds. */
  #told<Value>(
    operation: string,
    action: (seen?: Observation) => Promise<Value>,
    text?: Sparql,
  ): Promise<Value> {
    const tracked = (seen?: Observation) => this.#track(() => action(seen));
    return queried({ system: 'oxigraph', operation, text }, tracked);
  }

  /** Refuses what comes after close(), and lets close() wait for the rest. */
  async #track<Value>(action: () => Promise<Value>): Promise<Value> {
    if (this.#closed) throw closed();
    const promise = action();
    this.#underWay.add(promise);
    try {
      return await promise;
    } finally {
      this.#underWay.delete(promise);
    }
  }
}

const warn = ({ code, message }: GraphwrightError) => process.emitWarning(message, { code });

const closed = () => new GraphwrightError('unavailable', 'The store is closed');
