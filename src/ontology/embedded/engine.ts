import { namedNode, parse, Store, type Quad } from 'oxigraph';
import { GraphwrightError } from '../../errors.ts';
import { apply, Changes, inverse, linesAtOnce, load, nquads } from './changes.ts';
import {
  beginning,
  nextRow,
  verifyRow,
  type Delta,
  type Head,
  type JournalRow,
} from './journal.ts';
import { message, trapped } from './oxigraph-errors.ts';
import { runUpdate } from './update.ts';

/** A read; `format` is a media type that fits its form. */
export interface EngineQuery {
  text: string;
  format: string;
  unionDefaultGraph: boolean;
}

/** What a write changed: nothing, or the journal row that records it. */
export interface Change {
  row?: JournalRow;
  inserted: number;
  removed: number;
}

/** One copy of the graph, in the thread that calls it; every call blocks. */
export class Engine {
  readonly #store = new Store();
  readonly #graphs = new Set<string>();
  #head: Head = beginning;

  /** How far this copy goes. */
  get head(): Head {
    return this.#head;
  }

  /** Follows the journal, checking that each row is what was written. */
  replay(rows: readonly JournalRow[]): void {
    let waiting: string[] = [];
    const flush = () => {
      if (waiting.length > 0) apply(this.#store, this.#graphs, joined(waiting));
      waiting = [];
    };
    for (const row of rows) {
      verifyRow(this.#head, row);
      this.#head = row;
      if (row.removed) flush();
      if (row.removed) apply(this.#store, this.#graphs, row);
      else waiting.push(row.inserted);
    }
    flush();
  }

  /** Takes over one row that the journal has just taken. */
  follow(row: JournalRow): void {
    apply(this.#store, this.#graphs, row);
    this.#head = row;
  }

  /** Takes back what could not be written, given newest first, to stand at `head` again. */
  undo(deltas: readonly Delta[], head: Head): void {
    for (const delta of deltas) apply(this.#store, this.#graphs, inverse(delta));
    this.#head = head;
  }

  /** @throws GraphwrightError `invalid_query` */
  query({ text, format, unionDefaultGraph }: EngineQuery): Uint8Array<ArrayBuffer> {
    const options = { results_format: format, use_default_graph_as_union: unionDefaultGraph };
    return new TextEncoder().encode(String(this.#store.query(text, options)));
  }

  /** Adds the statements, one a line, all of them in `graph`. */
  insert(graph: string, pieces: readonly string[]): Change {
    return this.#change((changes) => this.#insert(changes, graph, pieces));
  }

  remove(pieces: readonly string[]): Change {
    return this.#change((changes) => {
      for (const piece of pieces) for (const quad of statements(piece)) changes.remove(quad);
    });
  }

  replace(graph: string, pieces: readonly string[]): Change {
    return this.#change((changes) => {
      for (const quad of this.#surplus(graph, pieces)) changes.remove(quad);
      this.#insert(changes, graph, pieces);
    });
  }

  /** Runs a SPARQL 1.1 Update request. */
  update(text: string): Change {
    return this.#change((changes) => runUpdate(this.#store, changes, text));
  }

  #change(make: (changes: Changes) => void): Change {
    const changes = new Changes(this.#store, this.#graphs);
    try {
      make(changes);
    } catch (thrown) {
      // After a trap the store cannot be asked for anything; its thread ends.
      if (!trapped(thrown)) changes.rollback();
      throw thrown;
    }
    const { inserted, removed } = changes;
    if (changes.none) return { inserted, removed };
    const row = nextRow(this.#head, changes.delta);
    this.#head = row;
    return { row, inserted, removed };
  }

  #insert(changes: Changes, graph: string, pieces: readonly string[]): void {
    const plain = new Set<string>();
    for (const piece of pieces)
      for (const line of piece.split('\n'))
        if (isPlain(line)) plain.add(line);
        else for (const quad of statements(line)) changes.insert(quad);
    const occupied = changes.hasGraph(graph);
    const lines = [...plain];
    for (let start = 0; start < lines.length; start += linesAtOnce) {
      const some = lines.slice(start, start + linesAtOnce);
      const fresh = occupied ? this.#missing(some) : some;
      if (fresh.length > 0) valid(() => changes.load(fresh, graph));
    }
  }

  #missing(lines: readonly string[]): string[] {
    const quads = statements(lines.join('\n'));
    return lines.filter((_, index) => !this.#store.has(quads[index]!));
  }

  /** What the graph holds beyond the given statements. */
  #surplus(graph: string, pieces: readonly string[]): Quad[] {
    const wanted = new Store();
    const verbatim = new Set<string>();
    for (const piece of pieces) {
      valid(() => load(wanted, piece));
      for (const line of piece.split('\n')) verbatim.add(line);
    }
    const name = namedNode(graph);
    const held = this.#store.dump({ format: 'application/n-triples', from_graph_name: name });
    const rest = held
      .split('\n')
      .filter((line) => line)
      .map((line) => line.replace(/ \.$/, ` <${graph}> .`))
      .filter((line) => !verbatim.has(line));
    return statements(rest.join('\n')).filter((quad) => !wanted.has(quad));
  }
}

/** No blank node, no number, date or language tag: Oxigraph keeps such a statement as it is written. */
const isPlain = (line: string): boolean =>
  /^<[^>]*> <[^>]*> (?:<[^>]*>|".*") <[^>]*> \.$/.test(line);

const joined = (inserted: readonly string[]): Delta => ({
  removed: '',
  inserted: inserted.join(''),
});

const statements = (text: string): Quad[] => valid(() => parse(text, nquads));

function valid<Value>(action: () => Value): Value {
  try {
    return action();
  } catch (thrown) {
    if (trapped(thrown)) throw thrown;
    throw new GraphwrightError('invalid_data', message(thrown), { cause: thrown });
  }
}
