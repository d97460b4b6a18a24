import { GraphwrightError } from '../../errors.ts';
import { sparql, type Sparql } from '../sparql.ts';
import type {
  Commit,
  Quads,
  ReplaceSubjectsOptions,
  UpdateOptions,
  WriteOptions,
} from '../store.ts';
import type { ProvenanceSettings } from '../provenance/settings.ts';
import type { NamedNode, Quad } from '../terms.ts';
import { Skolemizer } from './blank-nodes.ts';
import type { Endpoint, EndpointRequest } from './endpoint.ts';
import { provenanceOperation } from './provenance.ts';
import { parameters, type RemoteReader } from './remote-reader.ts';
import { updateText, withBase } from './update-text.ts';
import { block, differenceOf, inOrder, lineOf, requestsOf, type Difference } from './writes.ts';

/** What a remote store writes with. */
export interface RemoteWriterConfiguration {
  endpoint: Endpoint;
  reader: RemoteReader;
  update: URL | undefined;
  graphStore: URL | undefined;
  /** Statements in one request. */
  chunk: number;
  provenance: ProvenanceSettings;
}

/** How many statements a query lists. */
const listed = 200;

/** The writing side of a remote store: one write after another, in the order of the calls. */
export class RemoteWriter {
  readonly #configuration: RemoteWriterConfiguration;
  readonly #skolemizer = new Skolemizer();
  #last: Promise<unknown> = Promise.resolve();
  #position = 0;

  constructor(configuration: RemoteWriterConfiguration) {
    this.#configuration = configuration;
  }

  async insert(graph: NamedNode, quads: Quads, options?: WriteOptions): Promise<Commit> {
    const inserted = await this.#forServer(quads);
    const { provenance, graphStore } = this.#configuration;
    return this.#counted(graph, options, () =>
      graphStore && provenance.level === 'off'
        ? this.#post(graphStore, graph, inserted, options)
        : this.#apply(graph, { removed: [], inserted }, options),
    );
  }

  async remove(graph: NamedNode, quads: Quads, options?: WriteOptions): Promise<Commit> {
    const removed = await this.#forServer(quads);
    return this.#counted(graph, options, () =>
      this.#apply(graph, { removed, inserted: [] }, options),
    );
  }

  async replace(graph: NamedNode, quads: Quads, options?: WriteOptions): Promise<Commit> {
    const wanted = await this.#forServer(quads);
    return this.#difference(graph, wanted, options, () =>
      this.#statements(graph, sparql``, options),
    );
  }

  async replaceSubjects(
    graph: NamedNode,
    quads: Quads,
    { parts = [], ...options }: ReplaceSubjectsOptions = {},
  ): Promise<Commit> {
    const wanted = await this.#forServer(quads);
    const subjects = [...new Map(wanted.map(({ subject }) => [subject.value, subject])).values()];
    return this.#difference(graph, wanted, options, async () => {
      const found: Quad[] = [];
      for (let from = 0; from < subjects.length; from += listed) {
        const some = list(subjects.slice(from, from + listed) as NamedNode[]);
        found.push(...(await this.#statements(graph, sparql`VALUES ?s { ${some} }`, options)));
        if (parts.length === 0) continue;
        const pointing = sparql`VALUES ?whole { ${some} } VALUES ?by { ${list(parts)} } ?s ?by ?whole .`;
        found.push(...(await this.#statements(graph, pointing, options)));
      }
      return found;
    });
  }

  async update(
    update: Sparql,
    { dataset, base, counted = true, ...options }: UpdateOptions = {},
  ): Promise<Commit> {
    const asked = withBase(updateText(update, base), base);
    const told = provenanceOperation(this.#configuration.provenance, options);
    const text = told ? `${told.toString()} ;\n${asked}` : asked;
    const using = dataset ? parameters(dataset, 'using-graph-uri', 'using-named-graph-uri') : [];
    const send = () => this.#update([['update', text], ...using], false, options);
    if (counted) return this.#counted(undefined, options, send);
    return this.#next(() => send().then(() => ({ inserted: 0, removed: 0 })), true);
  }

  /** Read to the end before anything is sent: a source that breaks or holds what is not RDF writes nothing. */
  async #forServer(quads: Quads): Promise<Quad[]> {
    const statements = new Map<string, Quad>();
    for await (const quad of quads as AsyncIterable<Quad>) {
      const statement = this.#skolemizer.forServer(quad);
      statements.set(lineOf(statement), statement);
    }
    return [...statements.values()];
  }

  /** What a graph says of the subjects `?s` that a pattern finds, with IRIs for blank nodes. */
  async #statements(graph: NamedNode, pattern: Sparql, options?: WriteOptions): Promise<Quad[]> {
    const query = sparql`CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ${graph} { ${pattern} ?s ?p ?o } }`;
    const found = await this.#configuration.reader.quads(query, 'CONSTRUCT', options);
    return found.map((quad) => this.#skolemizer.forServerAgain(quad));
  }

  #difference(
    graph: NamedNode,
    wanted: readonly Quad[],
    options: WriteOptions | undefined,
    current: () => Promise<Quad[]>,
  ): Promise<Commit> {
    return this.#next(async () => {
      const difference = differenceOf(await current(), wanted);
      await this.#apply(graph, difference, options);
      return { inserted: difference.inserted.length, removed: difference.removed.length };
    });
  }

  /** Writes, and counts the statements of a graph, or of all, before and after. */
  #counted(
    graph: NamedNode | undefined,
    options: WriteOptions | undefined,
    write: () => Promise<void>,
  ): Promise<Commit> {
    const { reader } = this.#configuration;
    return this.#next(async () => {
      const before = await reader.count(graph, options);
      await write();
      const grown = (await reader.count(graph, options)) - before;
      return { inserted: Math.max(0, grown), removed: Math.max(0, -grown) };
    }, graph === undefined);
  }

  /** @param changes Whether the write counts as a change whatever the numbers say. */
  #next(
    write: () => Promise<{ inserted: number; removed: number }>,
    changes = false,
  ): Promise<Commit> {
    const result = this.#last.then(async () => {
      const { inserted, removed } = await write();
      if (changes || inserted + removed > 0) this.#position += 1;
      return { position: this.#position, inserted, removed, approximate: true as const };
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** What only adds or only removes statements may come twice. */
  #apply(graph: NamedNode, difference: Difference, options?: WriteOptions): Promise<void> {
    const { chunk, provenance } = this.#configuration;
    const [first, ...others] = requestsOf(graph, difference, chunk);
    const told = first && provenanceOperation(provenance, options ?? {}, { graph, ...difference });
    const requests = [...(first ? [told ? sparql`${told} ;\n${first}` : first] : []), ...others];
    return inOrder(requests, (text) => this.#update([['update', text.toString()]], true, options));
  }

  async #post(url: URL, graph: NamedNode, quads: readonly Quad[], options?: WriteOptions) {
    const target = new URL(url);
    target.searchParams.set('graph', graph.value);
    const body = block(quads).toString();
    await this.#send({ url: target, body, contentType: 'application/n-triples' }, true, options);
  }

  async #update(form: [string, string][], repeatable: boolean, options?: WriteOptions) {
    const url = this.#configuration.update;
    if (!url)
      throw new GraphwrightError(
        'method_not_allowed',
        'This remote store is only read: it was given no URL for updates',
      );
    await this.#send({ url, body: new URLSearchParams(form) }, repeatable, options);
  }

  async #send(
    request: Pick<EndpointRequest, 'url' | 'body' | 'contentType'>,
    repeatable: boolean,
    { signal, timeout }: WriteOptions = {},
  ): Promise<void> {
    const how = { method: 'POST', accept: '*/*', repeatable, signal, timeout } as const;
    await this.#configuration.endpoint.send({ ...how, ...request });
  }
}

const list = (terms: readonly NamedNode[]): Sparql =>
  terms.reduce((all, term) => sparql`${all} ${term}`, sparql``);
