import v8 from 'node:v8';
import { GraphwrightError } from '../../errors.ts';
import { statementsAtMost } from '../provenance/record.ts';
import type { BulkPage } from './bulk-page.ts';
import { loadValid } from './canonical.ts';
import { addGraph, graphLine, type Copy } from './changes.ts';
import { hasMore, linesOfGraph } from './graph-lines.ts';
import { heldLines } from './held-lines.ts';
import { hashLines, SeenLines } from './line-hash.ts';
import { Room } from './room.ts';
import { writtenLines, writtenText } from './written-text.ts';

/** After so many lines it is looked whether a graph held fewer statements, and again after four times as many. */
const askedFirst = 20_000;
/** A graph of more statements would not fit into one text. */
const learntAtMost = 2_000_000;

/**
 * Adds many statements at close to the engine's own speed, and tells which of them are new. It remembers
 * every line's hashes; only a line whose hashes were there before is looked up in the store.
 */
export class BulkInsert {
  readonly #copy: Copy;
  readonly #memory: number;
  readonly #seen = new SeenLines();
  readonly #room = new Room();
  /** Of how many lines the store was asked about a graph, and after how many it is looked how large that was. */
  readonly #asking = new Map<string, { asked: number; next: number }>();
  readonly #counts = new Map<string, number>();
  #known: string[] | undefined = [];
  #inserted = 0;

  /** @param memory How many bytes the engine may use. */
  constructor(copy: Copy, memory: number) {
    this.#copy = copy;
    this.#memory = memory;
  }

  get inserted(): number {
    return this.#inserted;
  }

  /** The names of the graphs that were added to; that of the default graph is empty. */
  get graphs(): string[] {
    return [...this.#counts.keys()];
  }

  /** What was added, or as many lines for each graph where it is too much to be told one by one. */
  get statements(): string[] {
    return (
      this.#known ??
      [...this.#counts].flatMap(([name, count]) =>
        Array<string>(count).fill(`_:s <urn:p> _:o ${name && `<${name}> `}.`),
      )
    );
  }

  /**
   * Adds one page; gives back what of it is new, as the journal has it.
   * @throws GraphwrightError `store_full` before the engine's memory ends.
   */
  add(page: BulkPage): string {
    this.#assertRoom();
    const created = page.graphs.filter((name) => this.#prepare(name)).map(graphLine);
    if (page.inDefaultGraph) this.#prepare('');
    const { lines, text } = this.#room.for(() => this.#insert(page));
    this.#inserted += lines;
    return created.length > 0 ? `${created.join('\n')}\n${text}` : text;
  }

  #assertRoom(): void {
    const used = v8.getHeapStatistics().external_memory;
    if (used <= this.#memory) return;
    throw doesNotFit(
      `at ${Math.round(used / 2 ** 20)} MiB the engine is near the end of its memory`,
    );
  }

  /** Makes the graph unless it is there, and learns what it holds; tells whether it is new. */
  #prepare(name: string): boolean {
    if (this.#counts.has(name)) return false;
    this.#counts.set(name, 0);
    const { store, graphs } = this.#copy;
    if (name !== '' && !graphs.has(name)) {
      graphs.add(name);
      addGraph(store, name);
      return true;
    }
    if (hasMore(store, name || undefined, 0))
      this.#asking.set(name, { asked: 0, next: askedFirst });
    return false;
  }

  #learn(name: string): void {
    this.#asking.delete(name);
    let lines: string[] = [];
    const flush = () => {
      const hashes = hashLines(lines.map((line) => `${line}\n`).join(''), lines.length);
      for (let at = 0; at < hashes.length; at += 2) this.#seen.add(hashes[at]!, hashes[at + 1]!);
      lines = [];
    };
    for (const line of linesOfGraph(this.#copy.store, name || undefined))
      if (lines.push(line) === 10_000) flush();
    flush();
  }

  #insert(page: BulkPage): { lines: number; text: string } {
    const { held, repeated } = this.#doubtful(page);
    const { store, originals } = this.#copy;
    if (held.size + repeated.size === 0) {
      const text = writtenText(page);
      this.#count(text, page);
      loadValid(store, page.statements);
      for (const { at, length, line } of writtenLines(page))
        originals.note(page.statements.slice(at, at + length), line);
      return { lines: page.count, text };
    }
    const kept = page.statements.split('\n').slice(0, -1);
    const fresh = kept.map((_, index) => !held.has(index) && !repeated.has(index));
    loadValid(store, textOf(kept.filter((_, index) => fresh[index])));
    const missing = this.#missing(
      kept,
      [...repeated].filter((index) => !held.has(index)),
    );
    for (const index of missing) fresh[index] = true;
    loadValid(store, textOf(missing.map((index) => kept[index]!)));
    const lines = [...kept];
    for (const { index, line } of writtenLines(page)) {
      lines[index] = line;
      if (fresh[index]) originals.note(kept[index]!, line);
    }
    const text = textOf(lines.filter((_, index) => fresh[index]));
    const count = fresh.filter(Boolean).length;
    this.#count(text, { ...page, count });
    return { lines: count, text };
  }

  /** The numbers of the lines that are there already, and of those that may have come with this load. */
  #doubtful({ hashes, graphs, inDefaultGraph, statements }: BulkPage) {
    const repeated = new Set<number>();
    const asked = [...graphs, ...(inDefaultGraph ? [''] : [])].filter((name) =>
      this.#asking.has(name),
    );
    for (let at = 0; at < hashes.length; at += 2)
      if (this.#seen.add(hashes[at]!, hashes[at + 1]!)) repeated.add(at / 2);
    if (asked.length === 0) return { held: new Set<number>(), repeated };
    const lines = statements.split('\n').slice(0, -1);
    for (const name of asked) this.#goOnAsking(name, lines.length);
    return { held: heldLines(this.#copy.store, lines), repeated };
  }

  /** To learn a statement takes as long as to ask of one, so it pays for a graph that held less than is loaded. */
  #goOnAsking(name: string, lines: number): void {
    const asking = this.#asking.get(name)!;
    asking.asked += lines;
    if (asking.asked < asking.next) return;
    asking.next *= 4;
    const most = asking.asked + this.#counts.get(name)!;
    if (!hasMore(this.#copy.store, name || undefined, Math.min(most, learntAtMost)))
      this.#learn(name);
  }

  /** Those of the lines that the store does not hold, each once. */
  #missing(kept: readonly string[], numbers: readonly number[]): number[] {
    const held = heldLines(
      this.#copy.store,
      numbers.map((index) => kept[index]!),
    );
    const found = new Set<string>();
    return numbers.filter((index, place) => {
      const line = kept[index]!;
      if (found.has(line) || held.has(place)) return false;
      found.add(line);
      return true;
    });
  }

  #count(text: string, { count, graphs, inDefaultGraph }: BulkPage): void {
    const lines = graphs.length + Number(inDefaultGraph) > 1 ? text.split('\n').slice(0, -1) : [];
    const names = [...graphs, ...(inDefaultGraph ? [''] : [])];
    const add = (name: string, more: number) =>
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + more);
    if (lines.length === 0) add(names[0] ?? '', count);
    for (const line of lines)
      add(names.find((name) => name && line.endsWith(` <${name}> .`)) ?? '', 1);
    if (!this.#known) return;
    this.#known.push(...text.split('\n').slice(0, -1));
    if (this.#known.length > statementsAtMost) this.#known = undefined;
  }
}

/** A load that is more than the engine can hold, and how that showed. */
export const doesNotFit = (how: string, cause?: unknown): GraphwrightError =>
  new GraphwrightError(
    'store_full',
    `The graph does not fit: ${how}. Nothing was loaded; load less, or keep the graph on a server and set store.queryUrl`,
    { cause },
  );

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
