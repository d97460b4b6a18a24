import { namedNode, parse, Store, type Quad } from 'oxigraph';
import type { Delta } from './journal.ts';

/** The one text format inside: a statement a line. */
export const nquads = { format: 'application/n-quads' } as const;

/** Text is loaded in pieces of this many lines; much larger or smaller ones are slower. */
export const linesAtOnce = 2000;

/** The comment line that stands for a named graph itself; see {@link Delta}. */
export const graphLine = (name: string): string => `# graph <${name}>`;

/** The name in a {@link graphLine}, and nothing for any other line. */
export const graphOfLine = (line: string): string | undefined => /^# graph <(.*)>$/.exec(line)?.[1];

/**
 * A set of changes under way: made at once, remembered as the net difference, and taken back
 * as a whole when the write fails.
 */
export class Changes {
  readonly #store: Store;
  readonly #graphs: Set<string>;
  // By the canonical statement, so that "01" taken out as "1" cancels out.
  readonly #inserted = new Map<string, string>();
  readonly #removed = new Map<string, string>();
  readonly #created = new Set<string>();
  readonly #dropped = new Set<string>();

  /** @param graphs The names of the store's graphs, kept up to date here. */
  constructor(store: Store, graphs: Set<string>) {
    this.#store = store;
    this.#graphs = graphs;
  }

  get inserted(): number {
    return this.#inserted.size;
  }

  get removed(): number {
    return this.#removed.size;
  }

  /** Whether the store is as it was before. */
  get none(): boolean {
    return [this.#inserted, this.#removed, this.#created, this.#dropped].every(
      ({ size }) => size === 0,
    );
  }

  get delta(): Delta {
    return {
      removed: text(this.#removed.values(), this.#dropped),
      inserted: text(this.#inserted.values(), this.#created),
    };
  }

  hasGraph(name: string): boolean {
    return this.#graphs.has(name);
  }

  insert(quad: Quad): void {
    if (this.#store.has(quad)) return;
    if (quad.graph.termType === 'NamedNode') this.create(quad.graph.value);
    this.#store.add(quad);
    const key = canonical(quad);
    if (!this.#removed.delete(key)) this.#inserted.set(key, statement(quad));
  }

  remove(quad: Quad): void {
    if (!this.#store.has(quad)) return;
    this.#store.delete(quad);
    const key = canonical(quad);
    if (!this.#inserted.delete(key)) this.#removed.set(key, key);
  }

  /** Adds statements that are not there yet, none twice, none with blank nodes or a canonical form of its own. */
  load(lines: readonly string[], graph: string): void {
    this.create(graph);
    this.#store.load(lines.join('\n'), nquads);
    for (const line of lines) this.#inserted.set(line, line);
  }

  create(name: string): void {
    if (this.#graphs.has(name)) return;
    this.#graphs.add(name);
    addGraph(this.#store, name);
    if (!this.#dropped.delete(name)) this.#created.add(name);
  }

  /** Lets go of an empty graph's name. */
  drop(name: string): void {
    if (!this.#graphs.delete(name)) return;
    dropGraph(this.#store, name);
    if (!this.#created.delete(name)) this.#dropped.add(name);
  }

  rollback(): void {
    apply(this.#store, this.#graphs, inverse(this.delta));
  }
}

/** What undoes a delta. */
export const inverse = ({ removed, inserted }: Delta): Delta => ({
  removed: inserted,
  inserted: removed,
});

/** Carries a delta out on a copy of the graph. */
export function apply(store: Store, graphs: Set<string>, { removed, inserted }: Delta): void {
  for (const quad of parse(removed, nquads)) store.delete(quad);
  for (const name of graphNames(removed)) {
    dropGraph(store, name);
    graphs.delete(name);
  }
  for (const name of graphNames(inserted)) {
    addGraph(store, name);
    graphs.add(name);
  }
  load(store, inserted);
}

/** Loads N-Quads with their blank nodes' own labels, which Oxigraph's load() would replace. */
export function load(store: Store, text: string): void {
  const lines = text.split('\n');
  for (let start = 0; start < lines.length; start += linesAtOnce) {
    const piece = lines.slice(start, start + linesAtOnce).join('\n');
    if (piece.includes('_:')) for (const quad of parse(piece, nquads)) store.add(quad);
    else store.load(piece, nquads);
  }
}

function graphNames(text: string): string[] {
  if (!text.includes('# graph ')) return [];
  return text.split('\n').flatMap((line) => graphOfLine(line) ?? []);
}

// Native updates are exact for a single graph's name; everything else goes quad by quad.
const addGraph = (store: Store, name: string) =>
  store.update(`CREATE SILENT GRAPH ${namedNode(name)}`);
const dropGraph = (store: Store, name: string) =>
  store.update(`DROP SILENT GRAPH ${namedNode(name)}`);

const text = (statements: Iterable<string>, graphs: Set<string>): string => {
  const lines = [...[...graphs].map(graphLine), ...statements];
  return lines.length > 0 ? `${lines.join('\n')}\n` : '';
};

const statement = (quad: Quad): string => `${quad.toString()} .`;

/** The statement as Oxigraph keeps it: it rewrites numbers, dates and language tags. */
function canonical(quad: Quad): string {
  return statement(hasOneForm(quad) ? quad : new Store([quad]).match()[0]!);
}

function hasOneForm({ object }: Quad): boolean {
  if (object.termType !== 'Literal') return object.termType !== 'Quad';
  return object.datatype.value === 'http://www.w3.org/2001/XMLSchema#string';
}
