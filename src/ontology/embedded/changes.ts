import { namedNode, type Store } from 'oxigraph';
import { canonicalLines, load, loadValid, pieces } from './canonical.ts';
import { assertMayWrite, mayRead, mayWriteAll, type Rights } from '../rights/rights.ts';
import { GraphwrightError } from '../../errors.ts';
import { clearGraph, deleteLines } from './delete-lines.ts';
import { linesOfGraph } from './graph-lines.ts';
import { heldLines } from './held-lines.ts';
import type { Delta } from './journal.ts';
import type { Originals } from './originals.ts';
import { plainQuad, quadsOf } from './plain-quad.ts';

/** The comment line that stands for a named graph itself; see {@link Delta}. */
export const graphLine = (name: string): string => `# graph <${name}>`;

/** The name in a {@link graphLine}, and nothing for any other line. */
export const graphOfLine = (line: string): string | undefined => /^# graph <(.*)>$/.exec(line)?.[1];

/** One copy of the graph: its statements, how their literals were written, and its graphs' names. */
export interface Copy {
  readonly store: Store;
  readonly originals: Originals;
  /** Oxigraph knows them too, but tells them only by a query. */
  readonly graphs: Set<string>;
}

/**
 * A set of changes under way: made at once, remembered as the net difference, and taken back
 * as a whole when the write fails.
 */
export class Changes {
  readonly #copy: Copy;
  // As written, by the form that Oxigraph keeps, so that "01" taken out as "1" cancels out.
  readonly #inserted = new Map<string, string>();
  readonly #removed = new Map<string, string>();
  readonly #created = new Set<string>();
  readonly #dropped = new Set<string>();
  readonly #graphs = new Set<string>();

  /** The graph that CLEAR and DROP of all graphs leave alone. */
  readonly kept: string | undefined;

  /** What whoever makes the next changes may touch; everything when it is undefined. */
  rights: Rights | undefined;

  constructor(copy: Copy, kept?: string) {
    this.#copy = copy;
    this.kept = kept;
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

  /** The names of the graphs that may have changed; that of the default graph is empty. */
  get graphs(): string[] {
    return [...this.#graphs];
  }

  /** What came and what went, in lines of N-Quads as they were written. */
  get statements(): { inserted: string[]; removed: string[] } {
    return { inserted: [...this.#inserted.values()], removed: [...this.#removed.values()] };
  }

  /** The names of the graphs that are there now. */
  get present(): ReadonlySet<string> {
    return this.#copy.graphs;
  }

  /**
   * Asked before a graph is looked into, so that not even what would change nothing tells of it.
   * @throws GraphwrightError `forbidden` for a graph that may not be written; the default graph's name is empty.
   */
  touch(name: string): void {
    if (this.rights) assertMayWrite(this.rights, name);
  }

  /** @throws GraphwrightError `forbidden` unless every graph may be written. */
  touchAll(): void {
    if (this.rights && !mayWriteAll(this.rights))
      throw new GraphwrightError(
        'forbidden',
        'ALL and NAMED are for callers who may write every graph; name the graph instead',
      );
  }

  /** Whether a graph may be read; the default graph's name is empty. */
  mayRead(name: string): boolean {
    return !this.rights || mayRead(this.rights, name);
  }

  hasGraph(name: string): boolean {
    return this.#copy.graphs.has(name);
  }

  /** A statement of the store in the form in which it was written. */
  written(line: string): string {
    return this.#copy.originals.of(line);
  }

  /**
   * Adds many statements of one graph; no name stands for the default graph.
   * @param areNew Whether they are known not to be there, which then is not looked up.
   */
  insertLines(lines: readonly string[], graph: string | undefined, areNew = false): void {
    this.touch(graph ?? '');
    const occupied = !areNew && (graph === undefined || this.hasGraph(graph));
    if (graph !== undefined) this.create(graph);
    for (const some of pieces(lines)) {
      const byKey = new Map<string, string>();
      canonicalLines(some).forEach((key, index) => {
        if (!byKey.has(key) && !this.#inserted.has(key)) byKey.set(key, some[index]!);
      });
      if (occupied) for (const key of this.#held([...byKey.keys()])) byKey.delete(key);
      if (byKey.size === 0) continue;
      this.#graphs.add(graph ?? '');
      this.#load([...byKey.keys()]);
      for (const [key, line] of byKey) this.#came(key, line);
    }
  }

  /** Removes many statements. */
  removeLines(lines: readonly string[]): void {
    const held = new Map<string, string>();
    for (const some of pieces(lines)) {
      const graphs = quadsOf(some).map(({ graph }) => graph.value);
      for (const name of new Set(graphs)) this.touch(name);
      const keys = canonicalLines(some);
      const found = new Set(this.#held(keys));
      keys.forEach((key, index) => found.has(key) && held.set(key, graphs[index]!));
    }
    deleteLines(this.#copy.store, [...held.keys()]);
    for (const [key, name] of held) {
      this.#graphs.add(name);
      this.#went(key);
    }
  }

  /** Removes all statements of a graph; no name stands for the default graph. */
  empty(name: string | undefined): void {
    const { store } = this.#copy;
    this.touch(name ?? '');
    const keys = [...linesOfGraph(store, name)];
    if (keys.length === 0) return;
    this.#graphs.add(name ?? '');
    clearGraph(store, name);
    for (const key of keys) this.#went(key);
  }

  create(name: string): void {
    const { store, graphs } = this.#copy;
    this.touch(name);
    if (graphs.has(name)) return;
    // Oxigraph refuses some names that look like IRIs.
    addGraph(store, name);
    graphs.add(name);
    this.#graphs.add(name);
    if (!this.#dropped.delete(name)) this.#created.add(name);
  }

  /** Lets go of an empty graph's name. */
  drop(name: string): void {
    const { store, graphs } = this.#copy;
    this.touch(name);
    if (!graphs.delete(name)) return;
    dropGraph(store, name);
    this.#graphs.add(name);
    if (!this.#created.delete(name)) this.#dropped.add(name);
  }

  rollback(): void {
    apply(this.#copy, inverse(this.delta));
  }

  #held(keys: readonly string[]): string[] {
    return [...heldLines(this.#copy.store, keys)].map((index) => keys[index]!);
  }

  #load(keys: readonly string[]): void {
    const { store } = this.#copy;
    const [only = ''] = keys;
    const quad = keys.length === 1 ? plainQuad(only) : undefined;
    if (quad) store.add(quad);
    else load(store, keys.join('\n'));
  }

  #came(key: string, line: string): void {
    this.#copy.originals.note(key, line);
    if (this.#removed.get(key) === line) this.#removed.delete(key);
    else this.#inserted.set(key, line);
  }

  #went(key: string): void {
    const { originals } = this.#copy;
    const line = originals.of(key);
    originals.forget(key);
    if (!this.#inserted.delete(key)) this.#removed.set(key, line);
  }
}

/** What undoes a delta. */
export const inverse = ({ removed, inserted }: Delta): Delta => ({
  removed: inserted,
  inserted: removed,
});

/** Carries a delta out on a copy of the graph. */
export function apply({ store, graphs, originals }: Copy, { removed, inserted }: Delta): void {
  const gone: string[] = [];
  for (const some of pieces(statementsOf(removed)))
    for (const key of canonicalLines(some)) {
      originals.forget(key);
      gone.push(key);
    }
  deleteLines(store, gone);
  for (const name of graphNames(removed)) {
    dropGraph(store, name);
    graphs.delete(name);
  }
  for (const name of graphNames(inserted)) {
    addGraph(store, name);
    graphs.add(name);
  }
  for (const some of pieces(linesOf(inserted))) {
    loadValid(store, some.join('\n'));
    canonicalLines(some).forEach((key, index) => originals.note(key, some[index]!));
  }
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line);

const statementsOf = (text: string): string[] =>
  linesOf(text).filter((line) => !line.startsWith('#'));

function graphNames(text: string): string[] {
  if (!text.includes('# graph ')) return [];
  return text.split('\n').flatMap((line) => graphOfLine(line) ?? []);
}

// Native updates are exact for a single graph and for data.
export const addGraph = (store: Store, name: string) =>
  store.update(`CREATE SILENT GRAPH ${namedNode(name)}`);
const dropGraph = (store: Store, name: string) =>
  store.update(`DROP SILENT GRAPH ${namedNode(name)}`);

const text = (statements: Iterable<string>, graphs: Set<string>): string => {
  const lines = [...[...graphs].map(graphLine), ...statements];
  return lines.length > 0 ? `${lines.join('\n')}\n` : '';
};
