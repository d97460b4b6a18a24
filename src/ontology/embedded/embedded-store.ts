import type { NamedNode, Quad } from '@rdfjs/types';
import { GraphwrightError } from '../../errors.ts';
import { Sparql, sparql } from '../sparql.ts';
import type {
  AnswerFormats,
  Commit,
  OntologyStore,
  Quads,
  QueryOptions,
  Row,
  SerializedAnswer,
  WriteOptions,
} from '../store.ts';
import { factory } from '../terms.ts';
import type { EngineRequest, WriteRequest } from './engine-worker.ts';
import { createJournal } from './journal.ts';
import { QuadWriter } from './nquads.ts';
import { Readers } from './readers.ts';
import { boolean, quads as parsedQuads, rows } from './results.ts';
import { scanQuery, type Form } from './scan.ts';
import type { StateFile } from './state-file.ts';
import { Writer } from './writer.ts';

/** What an embedded store works with. */
export interface EmbeddedStoreConfiguration {
  /** Where the journal is kept; the caller closes it, after the store. */
  state: StateFile;
  /** How many threads answer queries, each with a full copy of the graph. 1 by default. */
  readers?: number;
  /** Milliseconds for a query, or for an update's WHERE clauses. 30,000 by default. */
  timeout?: number;
}

const json = 'application/sparql-results+json';
const ntriples = 'application/n-triples';

/**
 * The knowledge graph in this process: Oxigraph in worker threads, every write in the state file's
 * journal before it is acknowledged.
 */
export class EmbeddedStore implements OntologyStore {
  readonly #timeout: number;
  readonly #readers: Readers;
  readonly #writer: Writer;
  readonly #quads = new QuadWriter();
  readonly #underWay = new Set<Promise<unknown>>();
  #closed?: Promise<void>;

  private constructor({ state, readers = 1, timeout = 30_000 }: EmbeddedStoreConfiguration) {
    this.#timeout = timeout;
    this.#readers = new Readers(state, readers);
    this.#writer = new Writer(state, (row) => this.#readers.follow(row));
  }

  /**
   * Opens the graph that a state file's journal tells, empty when it is new.
   * @throws GraphwrightError `store_damaged` naming the position of a row that is not what was written.
   */
  static async open(configuration: EmbeddedStoreConfiguration): Promise<EmbeddedStore> {
    await configuration.state.commit(createJournal);
    const store = new EmbeddedStore(configuration);
    const started = await Promise.allSettled([store.#writer.start(), store.#readers.start()]);
    const failure = started.find((outcome) => outcome.status === 'rejected');
    if (!failure) return store;
    await store.close();
    throw failure.reason;
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

  update(update: Sparql, options?: WriteOptions): Promise<Commit> {
    return this.#track(async () => this.#write({ type: 'update', text: textOf(update) }, options));
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

  async subject(subject: NamedNode, options?: QueryOptions): Promise<Quad[]> {
    const found = await this.select(
      sparql`SELECT ?p ?o ?g { { ${subject} ?p ?o } UNION { GRAPH ?g { ${subject} ?p ?o } } }`,
      { ...options, unionDefaultGraph: false },
    );
    return found.map(({ p, o, g }) =>
      factory.quad(
        subject,
        p as Quad['predicate'],
        o as Quad['object'],
        (g as NamedNode | undefined) ?? factory.defaultGraph(),
      ),
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

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
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
    { signal, timeout = this.#timeout, unionDefaultGraph = true }: QueryOptions,
  ): Promise<Uint8Array> {
    const request: EngineRequest = { type: 'query', text, format, unionDefaultGraph };
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

const closed = () => new GraphwrightError('unavailable', 'The store is closed');

const kinds = {
  SELECT: 'bindings',
  ASK: 'boolean',
  CONSTRUCT: 'quads',
  DESCRIBE: 'quads',
} as const;

function formOf(text: string): keyof typeof kinds {
  const form = scanQuery(text);
  if (form === 'update')
    throw new GraphwrightError('invalid_query', 'This is an update; queries only read');
  // Without a form it is no query at all; the parser then says what it expected.
  return form ?? 'SELECT';
}

/** Types keep plain strings out; callers without types are told. */
function textOf(query: Sparql): string {
  if (query instanceof Sparql) return query.toString();
  throw new GraphwrightError(
    'invalid_query',
    'A query must be made by the sparql tag, which escapes its values; a plain string is refused',
  );
}
