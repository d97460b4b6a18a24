import { createHash } from 'node:crypto';
import type { DefaultGraph, NamedNode, Quad } from '@rdfjs/types';
import { GraphwrightError } from '../../errors.ts';
import type { BulkStore, LoadOptions } from '../bulk.ts';
import { assertMayLoad, mayRead, type Rights } from '../rights/rights.ts';
import type { Sparql } from '../sparql.ts';
import type {
  AnswerFormats,
  AnswerOptions,
  Change,
  ChangeListener,
  ChangePattern,
  ChangesOptions,
  Conditional,
  ExportOptions,
  ObservableStore,
  Quads,
  QueryOptions,
  ReplaceSubjectsOptions,
  SubjectOptions,
  SubscribeOptions,
  UpdateOptions,
  WriteOptions,
} from '../store.ts';
import type { BulkPage } from './bulk-page.ts';
import type { EmbeddedStore } from './embedded-store.ts';

/** The version of every graph that cannot be read. */
const unseen = 'unseen';

/** The embedded store as a caller with rights sees it; the engine holds each read and write to them. */
export class RestrictedStore implements BulkStore, ObservableStore {
  readonly #store: EmbeddedStore;
  readonly #rights: Rights;
  /** Keeps answers to different callers from passing for one. */
  readonly #mark: string;

  constructor(store: EmbeddedStore, rights: Rights) {
    this.#store = store;
    this.#rights = rights;
    this.#mark = createHash('sha256').update(JSON.stringify(rights)).digest('hex').slice(0, 12);
  }

  get position(): number {
    return this.#store.position;
  }

  async insert(graph: NamedNode, quads: Quads, options?: WriteOptions & Conditional) {
    return this.#store.insert(graph, quads, this.#write(options));
  }

  remove(graph: NamedNode, quads: Quads, options?: WriteOptions) {
    return this.#store.remove(graph, quads, this.#limit(options));
  }

  async replace(graph: NamedNode, quads: Quads, options?: WriteOptions & Conditional) {
    return this.#store.replace(graph, quads, this.#write(options));
  }

  replaceSubjects(graph: NamedNode, quads: Quads, options?: ReplaceSubjectsOptions) {
    return this.#store.replaceSubjects(graph, quads, this.#limit(options));
  }

  async load(pages: AsyncIterable<BulkPage>, options?: LoadOptions) {
    return this.#store.load(this.#writable(pages), this.#write(options));
  }

  async update(update: Sparql, options?: UpdateOptions & Conditional) {
    return this.#store.update(update, this.#write(options));
  }

  select(query: Sparql, options?: QueryOptions) {
    return this.#store.select(query, this.#limit(options));
  }

  ask(query: Sparql, options?: QueryOptions) {
    return this.#store.ask(query, this.#limit(options));
  }

  construct(query: Sparql, options?: QueryOptions) {
    return this.#store.construct(query, this.#limit(options));
  }

  describe(query: Sparql, options?: QueryOptions) {
    return this.#store.describe(query, this.#limit(options));
  }

  query(query: Sparql, formats: AnswerFormats, options?: AnswerOptions) {
    return this.#store.query(query, formats, this.#limit(options));
  }

  subject(subject: NamedNode, options?: SubjectOptions) {
    return this.#store.subject(subject, this.#limit(options));
  }

  graphs(options?: QueryOptions) {
    return this.#store.graphs(this.#limit(options));
  }

  version(graph?: NamedNode | DefaultGraph): string {
    if (!graph) return `${this.#mark}-${this.#store.version()}`;
    return mayRead(this.#rights, graph.value) ? this.#store.version(graph) : unseen;
  }

  async *changes(options?: ChangesOptions): AsyncGenerator<Change> {
    for await (const change of this.#store.changes(options)) yield this.#visible(change);
  }

  subscribe(
    pattern: ChangePattern,
    listener: ChangeListener,
    options?: SubscribeOptions,
  ): () => void {
    const tell = (change: Change) => {
      const { removed, inserted, ...place } = this.#visible(change);
      if (removed.length + inserted.length > 0) return listener({ ...place, removed, inserted });
    };
    return this.#store.subscribe(pattern, tell, options);
  }

  export(options?: ExportOptions): AsyncGenerator<string> {
    return this.#store.export(this.#limit(options));
  }

  /** Does nothing: the store goes on for everyone else. */
  async close(): Promise<void> {}

  #limit<Options extends object>(options?: Options): Options & { rights: Rights } {
    return { ...(options as Options), rights: this.#rights };
  }

  async *#writable(pages: AsyncIterable<BulkPage>): AsyncGenerator<BulkPage> {
    for await (const page of pages) {
      assertMayLoad(this.#rights, page);
      yield page;
    }
  }

  /** @throws GraphwrightError `forbidden` for a condition that would tell of a graph which cannot be read. */
  #write<Options extends Conditional>(options?: Options): Options & { rights: Rights } {
    const graph = options?.precondition?.graph.value;
    if (graph !== undefined && !mayRead(this.#rights, graph))
      throw new GraphwrightError(
        'forbidden',
        `${graph ? `The graph <${graph}>` : 'The default graph'} is not among those that this caller may read, so no write can depend on it`,
      );
    return this.#limit(options);
  }

  #visible({ removed, inserted, ...place }: Change): Change {
    const seen = ({ graph }: Quad) => mayRead(this.#rights, graph.value);
    return { ...place, removed: removed.filter(seen), inserted: inserted.filter(seen) };
  }
}
