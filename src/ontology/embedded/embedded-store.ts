import type { DefaultGraph, NamedNode, Quad } from '@rdfjs/types';
import { GraphwrightError } from '../../errors.ts';
import type { Observation } from '../../telemetry.ts';
import type { BulkStore, LoadOptions } from '../bulk.ts';
import { queried } from '../queried.ts';
import type { Limited, RestrictableStore, Rights } from '../rights/rights.ts';
import type { Shapes } from '../shapes/shape.ts';
import type { ValidateOptions, ValidatingStore } from '../shapes/validate.ts';
import type { Violation } from '../shapes/violations.ts';
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
  Quads,
  QueryOptions,
  ReplaceSubjectsOptions,
  Row,
  SerializedAnswer,
  SubjectOptions,
  SubscribeOptions,
  UpdateOptions,
  Verification,
  WriteOptions,
} from '../store.ts';
import { AttributedWrites } from './attributed-writes.ts';
import { backupState } from './backup.ts';
import type { BulkPage } from './bulk-page.ts';
import { DeferredRows } from './deferred-rows.ts';
import type { EmbeddedStoreConfiguration } from './embedded-configuration.ts';
import { exportPages } from './export-pages.ts';
import { Feed } from './feed.ts';
import { createJournal } from './journal.ts';
import { Readers } from './readers.ts';
import { RestrictedStore } from './restricted-store.ts';
import { createSnapshots } from './snapshot-rows.ts';
import { Snapshots } from './snapshots.ts';
import { Staging } from './staging.ts';
import type { EngineSource } from './start-engine.ts';
import type { StateFile } from './state-file.ts';
import { readings, StoreReads, type Reading } from './store-reads.ts';
import { StoreWrites } from './store-writes.ts';
import { mention, subscribe } from './subscription.ts';
import { assertComplete, verifyState } from './verify.ts';
import { Versions } from './versions.ts';
import { Writer } from './writer.ts';

/** Milliseconds after which the engines come that nobody has asked for: a command with one question ends before. */
const beforeCompleting = 200;

/**
 * The knowledge graph in this process: Oxigraph in worker threads, every write in the state file's
 * journal before it is acknowledged.
 */
export class EmbeddedStore
  implements BulkStore, ValidatingStore, ObservableStore, MeasuredStore, RestrictableStore
{
  readonly #state: StateFile;
  readonly #source: EngineSource;
  readonly #readers: Readers;
  readonly #reads: StoreReads;
  readonly #writer: Writer;
  readonly #writes: StoreWrites;
  readonly #versions = new Versions();
  readonly #feed: Feed;
  readonly #snapshots: Snapshots;
  readonly #closing = new AbortController();
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
    this.#readers = new Readers(source, readers);
    const untold = new DeferredRows((written) => this.#readers.follow(written));
    const staging = this.#staging;
    this.#reads = new StoreReads({ readers: this.#readers, written: untold, staging, timeout });
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
        untold.add(written);
        this.#snapshots.follow(written);
        this.#feed.wake();
      },
      loaded: (engine, { rows: [row], graphs, size }) => {
        this.#versions.follow([row!], [{ row, inserted: 0, removed: 0, graphs }]);
        untold.flush();
        const substitute = this.#readers.promote(engine, row!.position);
        this.#feed.wake();
        // Nothing is written until then, and a snapshot would take the processors.
        return substitute.finally(() => this.#snapshots.grow(size.rows, size.characters));
      },
    });
    this.#writes = new StoreWrites({
      writer: this.#writer,
      staging,
      attributed: this.#attributed,
      versions: this.#versions,
      reads: this.#reads,
      timeout,
      memory,
      loadFrom,
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
    return this.#told('insert', () => this.#writes.quads('insert', graph, quads, options));
  }

  remove(graph: NamedNode, quads: Quads, options?: WriteOptions & Limited): Promise<Commit> {
    return this.#told('remove', () => this.#writes.quads('remove', graph, quads, options));
  }

  replace(
    graph: NamedNode,
    quads: Quads,
    options?: WriteOptions & Conditional & Limited,
  ): Promise<Commit> {
    return this.#told('replace', () => this.#writes.quads('replace', graph, quads, options));
  }

  replaceSubjects(
    graph: NamedNode,
    quads: Quads,
    options?: ReplaceSubjectsOptions & Limited,
  ): Promise<Commit> {
    return this.#told('replaceSubjects', () => this.#writes.subjects(graph, quads, options));
  }

  load(pages: AsyncIterable<BulkPage>, options?: LoadOptions & Limited): Promise<Commit> {
    return this.#told('load', () => this.#writes.load(pages, options));
  }

  update(update: Sparql, options?: UpdateOptions & Conditional & Limited): Promise<Commit> {
    return this.#told('update', () => this.#writes.update(update, options), update);
  }

  select(query: Sparql, options?: QueryOptions & Limited): Promise<Row[]> {
    return this.#ask(query, readings.select, options);
  }

  ask(query: Sparql, options?: QueryOptions & Limited): Promise<boolean> {
    return this.#ask(query, readings.ask, options);
  }

  construct(query: Sparql, options?: QueryOptions & Limited): Promise<Quad[]> {
    return this.#ask(query, readings.construct, options);
  }

  describe(query: Sparql, options?: QueryOptions & Limited): Promise<Quad[]> {
    return this.#ask(query, readings.describe, options);
  }

  query(
    query: Sparql,
    formats: AnswerFormats,
    options?: AnswerOptions & Limited,
  ): Promise<SerializedAnswer> {
    const answer = (seen?: Observation) => this.#reads.serialized(query, formats, options, seen);
    return this.#told('query', answer, query);
  }

  subject(subject: NamedNode, options?: SubjectOptions & Limited): Promise<Quad[]> {
    return this.#told('subject', () => this.#reads.subject(subject, options));
  }

  violations(shapes: Shapes, options?: ValidateOptions): Promise<Violation[]> {
    return this.#track(() => this.#reads.violations(shapes, options));
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

  #ask<Value>(
    query: Sparql,
    reading: Reading<Value>,
    options?: QueryOptions & Limited,
  ): Promise<Value> {
    const answer = (seen?: Observation) => this.#reads.values(query, reading, options, seen);
    return this.#told(reading.form, answer, query);
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
