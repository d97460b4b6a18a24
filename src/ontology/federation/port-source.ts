import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import type { Source, Stream } from '@rdfjs/types';
import { GraphwrightError } from '../../errors.ts';
import { sparql, type Sparql } from '../sparql.ts';
import type { OntologyStore, QueryOptions, Row } from '../store.ts';
import { factory, type Quad, type Term } from '../terms.ts';

type Wanted = Term | null | undefined;

/** A store's graphs as an RDF/JS source, which Comunica can query. */
export class PortSource extends EventEmitter implements Source {
  readonly #store: OntologyStore;
  readonly #maxRows: number;
  readonly #options: QueryOptions;

  /** @param maxRows How many quads one pattern may match. */
  constructor(store: OntologyStore, maxRows: number, options: QueryOptions) {
    super();
    this.#store = store;
    this.#maxRows = maxRows;
    this.#options = options;
  }

  /** The quads that fit; a pattern in the default graph matches all graphs, as the store's own queries do. */
  match(subject?: Wanted, predicate?: Wanted, object?: Wanted, graph?: Wanted): Stream<Quad> {
    const wanted = [subject, predicate, object, graph];
    return Readable.from(this.#quads(wanted)) as unknown as Stream<Quad>;
  }

  /** How many quads fit, for the planner. */
  async countQuads(
    subject?: Wanted,
    predicate?: Wanted,
    object?: Wanted,
    graph?: Wanted,
  ): Promise<number> {
    const where = pattern([subject, predicate, object, graph]);
    const rows = await this.#select(sparql`SELECT (COUNT(*) AS ?n) { ${where} }`);
    return Number(rows[0]?.n?.value ?? 0);
  }

  /** Once the query has its answer, nobody listens to what its sources have to say any more. */
  async #select(query: Sparql): Promise<Row[]> {
    try {
      return await this.#store.select(query, this.#options);
    } catch (thrown) {
      if (this.#options.signal?.aborted) return [];
      throw thrown;
    }
  }

  async *#quads(wanted: readonly Wanted[]): AsyncGenerator<Quad> {
    const limit = this.#maxRows + 1;
    const query = sparql`SELECT * { ${pattern(wanted)} } LIMIT ${limit}`;
    const rows = await this.#select(query);
    if (rows.length === limit)
      throw new GraphwrightError(
        'too_large',
        `A pattern of the query matches more than ${this.#maxRows} statements of the graph`,
      );
    for (const row of rows) {
      const [s, p, o, g] = names.map((name, index) => row[name] ?? wanted[index]);
      const quad = factory.quad(
        s as Quad['subject'],
        p as Quad['predicate'],
        o as Quad['object'],
        (g ?? factory.defaultGraph()) as Quad['graph'],
      );
      if (sameBlankNodes(quad, wanted)) yield quad;
    }
  }
}

const names = ['s', 'p', 'o', 'g'] as const;
const variables = [sparql`?s`, sparql`?p`, sparql`?o`, sparql`?g`] as const;

function pattern(wanted: readonly Wanted[]): Sparql {
  const [s, p, o, g] = variables.map((variable, index) => {
    const term = wanted[index];
    return term?.termType === 'NamedNode' || term?.termType === 'Literal' ? term : variable;
  });
  const triple = sparql`${s!} ${p!} ${o!}`;
  return wanted[3]?.termType === 'DefaultGraph' ? triple : sparql`GRAPH ${g!} { ${triple} }`;
}

/** No query can name a blank node, so those that were asked for are picked out here. */
const sameBlankNodes = (quad: Quad, wanted: readonly Wanted[]): boolean =>
  [quad.subject, quad.predicate, quad.object, quad.graph].every((term, index) => {
    const asked = wanted[index];
    return asked?.termType !== 'BlankNode' || asked.equals(term);
  });
