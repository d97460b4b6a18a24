import type { NamedNode, Quad } from '@rdfjs/types';
import { GraphwrightError } from '../../errors.ts';
import { sparql, type Sparql } from '../sparql.ts';
import type {
  AnswerFormats,
  Change,
  ChangeListener,
  ChangePattern,
  ChangesOptions,
  Commit,
  ExportOptions,
  ObservableStore,
  Quads,
  QueryOptions,
  ReplaceSubjectsOptions,
  Row,
  SerializedAnswer,
  UpdateOptions,
  WriteOptions,
  SubscribeOptions,
  Verification,
} from '../store.ts';
import { iri } from '../terms.ts';
import { backupState } from './backup.ts';
import type { EmbeddedStoreConfiguration } from './embedded-configuration.ts';
import type { EngineRequest, WriteRequest } from './engine-worker.ts';
import { exportPages } from './export-pages.ts';
import { Feed } from './feed.ts';
import { createJournal } from './journal.ts';
import { QuadWriter } from './nquads.ts';
import { formOf, kinds, names, textOf } from './query-text.ts';
import { Readers } from './readers.ts';
import { boolean, quads as parsedQuads, rows } from './results.ts';
import type { Form } from './scan.ts';
import { createSnapshots } from './snapshot-rows.ts';
import { Snapshots } from './snapshots.ts';
import type { EngineSource } from './start-engine.ts';
import type { StateFile } from './state-file.ts';
import { subscribe } from './subscription.ts';
import { verifyState } from './verify.ts';
import { Writer } from './writer.ts';

const json = 'application/sparql-results+json';
const ntriples = 'application/n-triples';

/**
 * The knowledge graph in this process: Oxigraph in worker threads, every write in the state file's
 * journal before it is acknowledged.
 */
export class EmbeddedStore implements ObservableStore {
  readonly #state: StateFile;
  readonly #source: EngineSource;
  readonly #timeout: number;
  readonly #readers: Readers;
  readonly #writer: Writer;
  readonly #feed: Feed;
  readonly #snapshots: Snapshots;
  readonly #closing = new AbortController();
  readonly #quads = new QuadWriter();
  readonly #underWay = new Set<Promise<unknown>>();
  #closed?: Promise<void>;

  private constructor({
    state,
    readers = 1,
    timeout = 30_000,
    snapshots,
    onWarning = warn,
  }: EmbeddedStoreConfiguration) {
    const source = { state, onWarning };
    const committed = () => this.#writer.position;
    this.#state = state;
    this.#source = source;
    this.#timeout = timeout;
    this.#readers = new Readers(source, readers);
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
    this.#writer = new Writer(source, (row, { removed }) => {
      this.#readers.follow(row);
      this.#snapshots.follow(row, removed);
      this.#feed.wake();
    });
  }

  /**
   * Opens the graph that a state file's journal tells, empty when it is new.
   * @throws GraphwrightError `store_damaged` naming the position of a row that is not what was written.
   */
  static async open(configuration: EmbeddedStoreConfiguration): Promise<EmbeddedStore> {
    await configuration.state.commit([...createJournal, ...createSnapshots]);
    const store = new EmbeddedStore(configuration);
    const started = await Promise.allSettled([store.#writer.start(), store.#readers.start()]);
    const failure = started.find((outcome) => outcome.status === 'rejected');
    if (failure) {
      await store.close();
      throw failure.reason;
    }
    await store.#snapshots.start();
    return store;
  }

  insert(graph: NamedNode, quads: Quads, options?: WriteOptions): Promise<Commit> {
    return this.#writeQuads('insert', graph, quads, options);
  }

  remove(graph: NamedNode, quads: Quads, options?: WriteOptions): Promise<Commit> {
    return this.#writeQuads('remove', graph, quads, options);
  }

  replace(graph: NamedNode, quads: Quads, options?: WriteOptions): Promise<Commit> {
    return this.#writeQuads('replace', graph, quads, options);
  }

  replaceSubjects(
    graph: NamedNode,
    quads: Quads,
    { parts = [], ...options }: ReplaceSubjectsOptions = {},
  ): Promise<Commit> {
    return this.#track(async () => {
      const links = parts.map(({ value }) => iri(value).value);
      const about = { graph: graph.value, pieces: await this.#quads.pieces(graph, quads) };
      return this.#write({ type: 'replaceSubjects', ...about, parts: links }, options);
    });
  }

  update(update: Sparql, { dataset, ...options }: UpdateOptions = {}): Promise<Commit> {
    return this.#track(async () =>
      this.#write({ type: 'update', text: textOf(update), dataset: names(dataset) }, options),
    );
  }

  async select(query: Sparql, options?: QueryOptions): Promise<Row[]> {
    return rows(await this.#ask(query, ['SELECT'], json, options));
  }

  async ask(query: Sparql, options?: QueryOptions): Promise<boolean> {
    return boolean(await this.#ask(query, ['ASK'], json, options));
  }

  async construct(query: Sparql, options?: QueryOptions): Promise<Quad[]> {
    return parsedQuads(await this.#ask(query, ['CONSTRUCT'], ntriples, options));
  }

  async describe(query: Sparql, options?: QueryOptions): Promise<Quad[]> {
    return parsedQuads(await this.#ask(query, ['DESCRIBE'], ntriples, options));
  }

  query(
    query: Sparql,
    formats: AnswerFormats,
    options: QueryOptions = {},
  ): Promise<SerializedAnswer> {
    return this.#track(async () => {
      const text = textOf(query);
      const kind = kinds[formOf(text)];
      const mediaType = kind === 'quads' ? formats.quads : formats.results;
      return { kind, mediaType, body: await this.#read(text, mediaType, options) };
    });
  }

  async subject(subject: NamedNode, options: QueryOptions = {}): Promise<Quad[]> {
    const { signal, timeout = this.#timeout } = options;
    return parsedQuads(
      await this.#track(async () => {
        const request: EngineRequest = { type: 'subject', iri: iri(subject.value).value };
        return this.#readers.query(request, { signal, timeout });
      }),
    );
  }

  async graphs(options?: QueryOptions): Promise<{ graph: NamedNode; quads: number }[]> {
    const found = await this.select(
      sparql`SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g`,
      options,
    );
    return found
      .map(({ g, n }) => ({ graph: g as NamedNode, quads: Number(n!.value) }))
      .toSorted((a, b) => (a.graph.value < b.graph.value ? -1 : 1));
  }

  changes({ after = this.#writer.position, signal }: ChangesOptions = {}): AsyncGenerator<Change> {
    return this.#feed.changes({ after, signal });
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

  async *export({ graph, signal }: ExportOptions = {}): AsyncGenerator<string> {
    if (this.#closed) throw closed();
    const ended = AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])]);
    const committed = () => this.#writer.position;
    const request = { source: this.#source, committed, graph: graph?.value, signal: ended };
    for await (const { statements } of exportPages(request)) yield statements;
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
    this.#closing.abort(closed());
    this.#feed.close(closed());
    await this.#snapshots.close();
    await Promise.allSettled(this.#underWay);
    await Promise.all([this.#writer.close(closed()), this.#readers.close(closed())]);
  }

  #writeQuads(
    type: 'insert' | 'remove' | 'replace',
    graph: NamedNode,
    quads: Quads,
    options?: WriteOptions,
  ): Promise<Commit> {
    return this.#track(async () => {
      const pieces = await this.#quads.pieces(graph, quads);
      return this.#write({ type, graph: graph.value, pieces }, options);
    });
  }

  #write(request: WriteRequest, { signal, timeout }: WriteOptions = {}): Promise<Commit> {
    return this.#writer.write(request, { signal, timeout: timeout ?? this.#timeout });
  }

  #ask(
    query: Sparql,
    forms: readonly Form[],
    format: string,
    options: QueryOptions = {},
  ): Promise<Uint8Array> {
    return this.#track(async () => {
      const text = textOf(query);
      const form = formOf(text);
      if (forms.includes(form)) return this.#read(text, format, options);
      const message = `This takes a ${forms.join(' or ')} query, not ${form}`;
      throw new GraphwrightError('invalid_query', message);
    });
  }

  #read(
    text: string,
    format: string,
    { signal, timeout = this.#timeout, unionDefaultGraph = true, dataset }: QueryOptions,
  ): Promise<Uint8Array> {
    const graphs = { unionDefaultGraph, dataset: names(dataset) };
    const request: EngineRequest = { type: 'query', text, format, ...graphs };
    return this.#readers.query(request, { signal, timeout });
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
