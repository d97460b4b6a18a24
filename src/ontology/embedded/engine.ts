import { blankNode, namedNode, Store } from 'oxigraph';
import { GraphwrightError } from '../../errors.ts';
import { canonicalLines, lineOf, linesAtOnce, linesOfGraph } from './canonical.ts';
import { apply, Changes, graphLine, inverse, type Copy } from './changes.ts';
import { readDataRequest } from './data-request.ts';
import {
  beginning,
  nextRow,
  verifyRow,
  type Delta,
  type Head,
  type JournalRow,
} from './journal.ts';
import { Originals } from './originals.ts';
import { message, trapped } from './oxigraph-errors.ts';
import { datasetOptions, runUpdate, type GraphNames } from './update.ts';

/** A read; `format` is a media type that fits its form. */
export interface EngineQuery {
  text: string;
  format: string;
  unionDefaultGraph: boolean;
  dataset?: GraphNames;
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
  readonly #copy: Copy = { store: this.#store, originals: new Originals(), graphs: new Set() };
  #head: Head = beginning;

  /** How far this copy goes. */
  get head(): Head {
    return this.#head;
  }

  /** Follows the journal, checking that each row is what was written. */
  replay(rows: readonly JournalRow[]): void {
    let waiting: string[] = [];
    const flush = () => {
      if (waiting.length > 0) apply(this.#copy, joined(waiting));
      waiting = [];
    };
    for (const row of rows) {
      verifyRow(this.#head, row);
      this.#head = row;
      if (row.removed) flush();
      if (row.removed) apply(this.#copy, row);
      else waiting.push(row.inserted);
    }
    flush();
  }

  /** Takes over one row that the journal has just taken. */
  follow(row: JournalRow): void {
    apply(this.#copy, row);
    this.#head = row;
  }

  /** Takes back what could not be written, given newest first, to stand at `head` again. */
  undo(deltas: readonly Delta[], head: Head): void {
    for (const delta of deltas) apply(this.#copy, inverse(delta));
    this.#head = head;
  }

  /** @throws GraphwrightError `invalid_query` */
  query({ text, format, unionDefaultGraph, dataset }: EngineQuery): string {
    const graphs = dataset
      ? datasetOptions(dataset)
      : { use_default_graph_as_union: unionDefaultGraph };
    const options = { results_format: format, ...graphs };
    return String(this.#store.query(text, options));
  }

  /** Takes over what another copy told by {@link pages}, up to a head of the journal. */
  restore(page: string, head: Head): void {
    apply(this.#copy, { removed: '', inserted: page });
    this.#head = head;
  }

  /**
   * All statements as they were written, or those of one graph, in pages of N-Quads. The first page
   * names the graphs, those without statements too. Nothing may change while it goes on.
   */
  *pages(graph?: string): Generator<string> {
    const { store, originals, graphs } = this.#copy;
    const names = graph === undefined ? [...graphs] : [graph];
    let lines = names.filter((name) => graphs.has(name)).map(graphLine);
    for (const name of graph === undefined ? [undefined, ...names] : names)
      for (const line of linesOfGraph(store, name)) {
        lines.push(originals.of(line));
        if (lines.length < linesAtOnce) continue;
        yield `${lines.join('\n')}\n`;
        lines = [];
      }
    if (lines.length > 0) yield `${lines.join('\n')}\n`;
  }

  /** Every statement about a subject, literals as they were written, as N-Quads. */
  subject(iri: string): string {
    const lines = this.#store.match(namedNode(iri)).map(lineOf);
    return lines.map((line) => this.#copy.originals.of(line)).join('\n');
  }

  /** Adds the statements, one a line, all of them in `graph`. */
  insert(graph: string, pieces: readonly string[]): Change {
    const lines = split(pieces);
    return this.#change((changes) => insertAll(changes, graph, lines));
  }

  remove(pieces: readonly string[]): Change {
    const lines = split(pieces);
    return this.#change((changes) => valid(() => changes.removeLines(lines)));
  }

  replace(graph: string, pieces: readonly string[]): Change {
    const lines = split(pieces);
    return this.#change((changes) => {
      const held = changes.hasGraph(graph) ? [...linesOfGraph(this.#store, graph)] : [];
      this.#exchange(changes, { graph, lines, held });
    });
  }

  /** Makes the statements all that `graph` says of their subjects, and of the parts that point to these. */
  replaceSubjects(graph: string, pieces: readonly string[], parts: readonly string[]): Change {
    const lines = split(pieces);
    return this.#change((changes) => {
      const held = changes.hasGraph(graph) ? described(this.#store, { graph, lines, parts }) : [];
      this.#exchange(changes, { graph, lines, held });
    });
  }

  /** Runs a SPARQL 1.1 Update request. */
  update(text: string, dataset?: GraphNames): Change {
    const data = readDataRequest(text);
    return this.#change((changes) => {
      if (!data) return runUpdate(this.#store, changes, text, dataset);
      for (const [graph, lines] of data.graphs)
        if (data.type === 'insert') insertAll(changes, graph, lines);
        else valid(() => changes.removeLines(lines));
    });
  }

  #change(make: (changes: Changes) => void): Change {
    const changes = new Changes(this.#copy);
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

  /** Takes out what is held and not wanted, and adds the rest of what is wanted. */
  #exchange(changes: Changes, { graph, lines, held }: Exchange): void {
    const wanted = new Map<string, string>();
    valid(() => canonicalLines(lines)).forEach((key, index) => {
      if (!wanted.has(key)) wanted.set(key, lines[index]!);
    });
    const surplus = new Set<string>();
    for (const key of held)
      if (wanted.get(key) === this.#copy.originals.of(key)) wanted.delete(key);
      else surplus.add(key);
    changes.removeLines([...surplus]);
    insertAll(changes, graph, [...wanted.values()]);
  }
}

/** What a graph holds, and what it should hold instead. */
interface Exchange {
  graph: string;
  lines: readonly string[];
  /** As Oxigraph keeps them. */
  held: readonly string[];
}

/** What a graph says of the subjects of some lines, and of what points to them by one of `parts`. */
function described(
  store: Store,
  { graph, lines, parts }: { graph: string; lines: readonly string[]; parts: readonly string[] },
): string[] {
  const name = namedNode(graph);
  const links = parts.map((part) => namedNode(part));
  const subjects = new Set(lines.map((line) => line.slice(0, line.indexOf(' '))));
  const about = new Set(subjects);
  for (const subject of subjects)
    for (const link of links)
      for (const part of store.match(null, link, termOf(subject), name))
        about.add(part.subject.toString());
  return [...about].flatMap((subject) =>
    store.match(termOf(subject), null, null, name).map(lineOf),
  );
}

const termOf = (text: string) =>
  text.startsWith('_:') ? blankNode(text.slice(2)) : namedNode(text.slice(1, -1));

const split = (pieces: readonly string[]): string[] => pieces.flatMap((piece) => piece.split('\n'));

const insertAll = (changes: Changes, graph: string | undefined, lines: readonly string[]) => {
  // An insertion of nothing makes no graph.
  if (lines.length > 0) valid(() => changes.insertLines(lines, graph));
};

const joined = (inserted: readonly string[]): Delta => ({
  removed: '',
  inserted: inserted.join(''),
});

function valid<Value>(action: () => Value): Value {
  try {
    return action();
  } catch (thrown) {
    if (trapped(thrown)) throw thrown;
    throw new GraphwrightError('invalid_data', message(thrown), { cause: thrown });
  }
}
