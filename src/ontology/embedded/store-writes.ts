import type { NamedNode } from '@rdfjs/types';
import type { LoadOptions } from '../bulk.ts';
import { names, textOf } from '../query-text.ts';
import type { Limited } from '../rights/rights.ts';
import type { Sparql } from '../sparql.ts';
import type {
  Commit,
  Conditional,
  Precondition,
  Quads,
  ReplaceSubjectsOptions,
  UpdateOptions,
  WriteOptions,
} from '../store.ts';
import { iri } from '../terms.ts';
import type { AttributedWrites } from './attributed-writes.ts';
import type { Load } from './bulk-load.ts';
import type { BulkPage } from './bulk-page.ts';
import type { WriteRequest } from './engine-worker.ts';
import { loadDocuments, type LoadedDocuments, type LoadFrom } from './load-documents.ts';
import { QuadWriter } from './nquads.ts';
import type { Staging } from './staging.ts';
import type { StoreReads } from './store-reads.ts';
import type { Versions } from './versions.ts';
import type { Writer } from './writer.ts';

/** What {@link StoreWrites} works with. */
export interface StoreWritesConfiguration {
  writer: Writer;
  staging: Staging;
  attributed: AttributedWrites;
  versions: Versions;
  reads: Pick<StoreReads, 'loads'>;
  /** In milliseconds, for those who name none. */
  timeout: number;
  /** In bytes, of one copy of the graph. */
  memory: number;
  loadFrom?: LoadFrom;
}

/** The writing half of the embedded store: what each write is made of, and what must hold when it is made. */
export class StoreWrites {
  readonly #configuration: StoreWritesConfiguration;
  readonly #quads = new QuadWriter();

  constructor(configuration: StoreWritesConfiguration) {
    this.#configuration = configuration;
  }

  async quads(
    type: 'insert' | 'remove' | 'replace',
    graph: NamedNode,
    quads: Quads,
    options?: WriteOptions & Conditional & Limited,
  ): Promise<Commit> {
    const pieces = await this.#quads.pieces(graph, quads);
    return this.#write({ type, graph: graph.value, pieces }, options);
  }

  async subjects(
    graph: NamedNode,
    quads: Quads,
    { parts = [], ...options }: ReplaceSubjectsOptions & Limited = {},
  ): Promise<Commit> {
    const links = parts.map(({ value }) => iri(value).value);
    const about = { graph: graph.value, pieces: await this.#quads.pieces(graph, quads) };
    return this.#write({ type: 'replaceSubjects', ...about, parts: links }, options);
  }

  async load(
    pages: AsyncIterable<BulkPage>,
    { attribution, precondition, ...options }: LoadOptions & Limited = {},
  ): Promise<Commit> {
    const { staging, attributed, writer, memory } = this.#configuration;
    const load = { pages, memory, ...this.#conditions(precondition), ...options };
    await staging.flush();
    return attributed.attribute(attribution, (provenance) => writer.load({ ...load, provenance }));
  }

  async update(
    update: Sparql,
    { dataset, base, ...options }: UpdateOptions & Conditional & Limited = {},
  ): Promise<Commit> {
    const text = textOf(update);
    const request = { type: 'update', text, dataset: names(dataset), base: base?.value } as const;
    const documents = await this.#documents(request, options);
    return this.#write({ ...request, documents }, options);
  }

  async #write(
    asked: WriteRequest,
    {
      signal,
      timeout = this.#configuration.timeout,
      precondition,
      attribution,
      rights,
    }: WriteOptions & Conditional & Limited = {},
  ): Promise<Commit> {
    const { staging, attributed, writer } = this.#configuration;
    const request = rights ? { ...asked, rights } : asked;
    const { condition, check } = this.#conditions(precondition);
    const staged = !precondition && staging.stage({ request, attribution });
    if (staged) return staged;
    await staging.flush();
    return attributed.attribute(attribution, (provenance) =>
      writer.write({ ...request, condition, provenance }, { signal, timeout, check }),
    );
  }

  /** What the engine is to look at, and what is looked at here, right before a write is made. */
  #conditions(precondition: Precondition | undefined): Pick<Load, 'condition' | 'check'> {
    if (!precondition) return {};
    const { graph, exists } = precondition;
    return {
      ...(exists !== undefined && { condition: { graph: graph.value, exists } }),
      check: (pending) => this.#configuration.versions.assert(precondition, pending),
    };
  }

  /** What the update's LOAD operations ask for, fetched before it is made. */
  async #documents(
    { text, base }: { text: string; base?: string },
    { signal, timeout = this.#configuration.timeout }: WriteOptions,
  ): Promise<LoadedDocuments | undefined> {
    const { loadFrom, reads } = this.#configuration;
    if (!loadFrom || !/\bLOAD\b/i.test(text)) return undefined;
    const operations = await reads.loads(text, base, { signal, timeout });
    return loadDocuments(operations, loadFrom, { signal, timeout });
  }
}
