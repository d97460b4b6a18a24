import v8 from 'node:v8';
import { defaultGraph, namedNode, parse, type Store } from 'oxigraph';
import { GraphwrightError } from '../../errors.ts';
import { statementsAtMost } from '../provenance/record.ts';
import type { BulkPage } from './bulk-page.ts';
import { linesOfGraph, loadValid, nquads } from './canonical.ts';
import { addGraph, graphLine, type Copy } from './changes.ts';
import { hashLines, SeenLines } from './line-hash.ts';
import { Room } from './room.ts';
import { writtenLines, writtenText } from './written-text.ts';

/** A graph of up to so many statements is learnt at once; of a larger one the store is asked for a while. */
const learntAtOnce = 20_000;
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
  /** How often the store is still asked about a graph's statements before these are learnt. */
  readonly #asking = new Map<string, number>();
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
    this.#room.make();
    const created = page.graphs.filter((name) => this.#prepare(name)).map(graphLine);
    if (page.inDefaultGraph) this.#prepare('');
    const { lines, text } = this.#insert(page);
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
    const size = sizeOf(store, name);
    if (size <= learntAtOnce) this.#learn(name);
    else this.#asking.set(name, size <= learntAtMost ? size / 8 : Infinity);
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
    const doubtful = this.#doubtful(page);
    const { store, originals } = this.#copy;
    if (doubtful.size === 0) {
      const text = writtenText(page);
      this.#count(text, page);
      loadValid(store, page.statements);
      for (const { at, length, line } of writtenLines(page))
        originals.note(page.statements.slice(at, at + length), line);
      return { lines: page.count, text };
    }
    const kept = page.statements.split('\n').slice(0, -1);
    const fresh = kept.map((_, index) => !doubtful.has(index));
    loadValid(store, textOf(kept.filter((_, index) => fresh[index])));
    for (const index of this.#missing(kept, doubtful)) fresh[index] = true;
    loadValid(store, textOf(kept.filter((_, index) => fresh[index] && doubtful.has(index))));
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

  /** The numbers of the lines that may be there already. */
  #doubtful({ hashes, graphs, inDefaultGraph }: BulkPage): Set<number> {
    const doubtful = new Set<number>();
    const asked = [...graphs, ...(inDefaultGraph ? [''] : [])].filter((name) =>
      this.#asking.has(name),
    );
    for (let at = 0; at < hashes.length; at += 2)
      if (this.#seen.add(hashes[at]!, hashes[at + 1]!) || asked.length > 0) doubtful.add(at / 2);
    for (const name of asked) {
      const left = this.#asking.get(name)! - doubtful.size;
      if (left > 0) this.#asking.set(name, left);
      else this.#learn(name);
    }
    return doubtful;
  }

  /** Those of the doubtful lines that the store does not hold, each once. */
  #missing(kept: readonly string[], doubtful: ReadonlySet<number>): number[] {
    const numbers = [...doubtful];
    const quads = parse(textOf(numbers.map((index) => kept[index]!)), nquads);
    const found = new Set<string>();
    return numbers.filter((index, position) => {
      const line = kept[index]!;
      if (found.has(line) || this.#copy.store.has(quads[position]!)) return false;
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

function sizeOf(store: Store, name: string): number {
  const graph = name === '' ? defaultGraph() : namedNode(name);
  const [row] = store.query('SELECT (COUNT(*) AS ?n) { ?s ?p ?o }', {
    default_graph: [graph],
  }) as Map<string, { value: string }>[];
  return Number(row!.get('n')!.value);
}
