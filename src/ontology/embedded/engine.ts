import { blankNode, namedNode, Store, type Quad } from 'oxigraph';
import { GraphwrightError } from '../../errors.ts';
import { subjectGraph, type SubjectLimits } from '../subject-graph.ts';
import type { ProvenanceRequest } from '../provenance/record.ts';
import { mayRead, mayReadAll, type Rights } from '../rights/rights.ts';
import { provenanceGraph } from '../provenance/terms.ts';
import type { Shapes } from '../shapes/shape.ts';
import { violations, type Violation } from '../shapes/violations.ts';
import type { QueryForm } from '../query-text.ts';
import type { AnswerLimits } from '../store.ts';
import { limitedAnswer } from './answer-limits.ts';
import type { BulkPage } from './bulk-page.ts';
import { canonicalLines, lineOf, linesAtOnce, loadKept } from './canonical.ts';
import { linesOfGraph } from './graph-lines.ts';
import { apply, Changes, graphLine, inverse, type Copy } from './changes.ts';
import { readDataRequest } from './data-request.ts';
import { EngineLoad, type Loaded, type PageLoaded } from './engine-load.ts';
import {
  beginning,
  nextRow,
  verifyRow,
  type Delta,
  type Head,
  type JournalRow,
} from './journal.ts';
import { mergedGraph } from './merged-graph.ts';
import { Originals } from './originals.ts';
import { message, trapped } from './oxigraph-errors.ts';
import { PageLines, partsOf } from './page-lines.ts';
import { readableDataset } from './readable.ts';
import { recordProvenance } from './provenance.ts';
import { Room } from './room.ts';
import { datasetOptions, runUpdate, type GraphNames, type UpdateRequest } from './update.ts';
import { WriteCheck } from './write-check.ts';
import { WrittenGraph } from './written-graph.ts';

/** A read; `format` is a media type that fits its form. */
export interface EngineQuery {
  text: string;
  form: QueryForm;
  format: string;
  unionDefaultGraph: boolean;
  dataset?: GraphNames;
  base?: string;
  limits?: AnswerLimits;
  /** Of whom it is answered; without them it reaches every graph. */
  rights?: Rights;
}

/** What the pages hold, and for whom. */
export interface PagesOptions {
  /** Only this graph; all of them by default. */
  graph?: string;
  /** Leave out what may not be read. */
  rights?: Rights;
  /** Whether they are for {@link Engine.restore}, which is quicker for those. */
  restorable?: boolean;
}

/** Whether a named graph must be there for a write to happen. */
export interface GraphCondition {
  graph: string;
  exists: boolean;
}

/** What a write changed: nothing, or the journal row that records it. */
export interface Change {
  row?: JournalRow;
  inserted: number;
  removed: number;
  /** The names of the graphs that may have changed; that of the default graph is empty. */
  graphs: string[];
}

/** Characters of rows for which the engine's memory grows beforehand; they are taken over before more are put together. */
const much = 1024 * 1024;

/** One copy of the graph, in the thread that calls it; every call blocks. */
export class Engine {
  readonly #store = new Store();
  readonly #copy: Copy = { store: this.#store, originals: new Originals(), graphs: new Set() };
  readonly #room = new Room();
  #head: Head = beginning;
  #writeCheck?: WriteCheck;
  #load?: EngineLoad;
  #provenance?: ProvenanceRequest;
  #rights?: Rights;
  /** The changes that others are made a part of. */
  #whole?: Changes;

  /** How far this copy goes. */
  get head(): Head {
    return this.#head;
  }

  /** Follows the journal, checking that each row is what was written. */
  replay(rows: readonly JournalRow[]): void {
    let head = this.#head;
    for (const row of rows) {
      verifyRow(head, row);
      head = row;
    }
    this.follow(rows);
  }

  /** Takes over rows that the journal has just taken. */
  follow(rows: readonly JournalRow[]): void {
    let waiting: string[] = [];
    let characters = 0;
    const flush = () => {
      const add = () => apply(this.#copy, joined(waiting));
      if (characters >= much) this.#room.for(add);
      else if (waiting.length > 0) add();
      waiting = [];
      characters = 0;
    };
    for (const row of rows) {
      this.#head = row;
      if (row.removed) flush();
      if (row.removed) apply(this.#copy, row);
      else {
        waiting.push(row.inserted);
        characters += row.inserted.length;
        if (characters >= much) flush();
      }
    }
    flush();
  }

  /** Takes back what could not be written, given newest first, to stand at `head` again. */
  undo(deltas: readonly Delta[], head: Head): void {
    for (const delta of deltas) apply(this.#copy, inverse(delta));
    this.#head = head;
  }

  /** @throws GraphwrightError `too_large`, and whatever Oxigraph throws. */
  query(query: EngineQuery): string {
    const { text, form, format, unionDefaultGraph, base, limits, rights } = query;
    const dataset = rights
      ? readableDataset({ ...query, graphs: this.#copy.graphs }, rights)
      : query.dataset;
    const graphs = dataset
      ? datasetOptions(dataset)
      : unionDefaultGraph && mergedGraph(this.#copy.graphs, text);
    const options = { results_format: format, ...(base && { base_iri: base }), ...graphs };
    const ask = (asked: string) => String(this.#store.query(asked, options));
    return limits ? limitedAnswer({ text, form, format, limits }, ask) : ask(text);
  }

  /** Takes over what another copy told by {@link pages}, up to a head of the journal. */
  restore(page: Uint8Array, head: Head): void {
    const { lines, kept } = partsOf(page);
    this.#room.for(() => {
      apply(this.#copy, { removed: '', inserted: lines });
      if (kept.length > 0) loadKept(this.#store, kept);
    });
    this.#head = head;
  }

  /**
   * All statements as they were written, or those of one graph, in pages of N-Quads. The first page
   * names the graphs, those without statements too. Nothing may change while it goes on.
   */
  *pages({ graph, rights, restorable }: PagesOptions = {}): Generator<string> {
    const { store, originals, graphs } = this.#copy;
    const may = (name = '') => !rights || mayRead(rights, name);
    const names = (graph === undefined ? [...graphs] : [graph]).filter(may);
    const first = names.filter((name) => graphs.has(name)).map(graphLine);
    let page = new PageLines(first, restorable);
    for (const name of graph === undefined && may() ? [undefined, ...names] : names)
      for (const line of linesOfGraph(store, name)) {
        page.add(line, originals.of(line));
        if (page.length < linesAtOnce) continue;
        yield String(page);
        page = new PageLines([], restorable);
      }
    if (page.length > 0) yield String(page);
  }

  /** Every statement about a subject and what it points to, literals as they were written, as N-Quads. */
  subject(iri: string, limits: SubjectLimits, rights?: Rights): string {
    const walk = subjectGraph<Quad>(namedNode(iri), limits);
    let step = walk.next([]);
    const said = (node: Quad['subject']) => {
      const quads = this.#store.match(node);
      return rights ? quads.filter(({ graph }) => mayRead(rights, graph.value)) : quads;
    };
    while (!step.done)
      step = walk.next(step.value.flatMap((node) => said(node as Quad['subject'])));
    return step.value.map((quad) => this.#copy.originals.of(lineOf(quad))).join('\n');
  }

  /** @throws GraphwrightError `precondition_failed` unless the graph is there, or is not, as was expected. */
  assertGraph({ graph, exists }: GraphCondition): void {
    if (this.#copy.graphs.has(graph) === exists) return;
    throw new GraphwrightError(
      'precondition_failed',
      `The graph <${graph}> is ${exists ? 'not there' : 'there already'}`,
    );
  }

  /** What is recorded of the changes that follow, and what they may touch; nothing and everything by default. */
  attribute(provenance?: ProvenanceRequest, rights?: Rights): void {
    this.#provenance = provenance;
    this.#rights = rights;
  }

  /** Has every change from now on checked against shapes. */
  checkWrites(shapes: Shapes): void {
    this.#writeCheck = new WriteCheck(shapes);
  }

  /** What is wrong with all graphs taken together. */
  violations(shapes: Shapes): Violation[] {
    return violations(new WrittenGraph(this.#copy), shapes);
  }

  /** Adds the statements, one a line, all of them in `graph`. */
  insert(graph: string, pieces: readonly string[]): Change {
    const lines = split(pieces);
    return this.#change((changes) => {
      changes.touch(graph);
      insertAll(changes, graph, lines);
    });
  }

  remove(pieces: readonly string[]): Change {
    const lines = split(pieces);
    return this.#change((changes) => valid(() => changes.removeLines(lines)));
  }

  replace(graph: string, pieces: readonly string[]): Change {
    const lines = split(pieces);
    return this.#change((changes) => {
      changes.touch(graph);
      const held = changes.hasGraph(graph) ? [...linesOfGraph(this.#store, graph)] : [];
      this.#exchange(changes, { graph, lines, held });
    });
  }

  /** Makes the statements all that `graph` says of their subjects, and of the parts that point to these. */
  replaceSubjects(graph: string, pieces: readonly string[], parts: readonly string[]): Change {
    const lines = split(pieces);
    return this.#change((changes) => {
      changes.touch(graph);
      const held = changes.hasGraph(graph) ? described(this.#store, { graph, lines, parts }) : [];
      this.#exchange(changes, { graph, lines, held });
    });
  }

  /** Begins a bulk load; nothing else may be asked until it is ended. */
  beginLoad(memory: number): void {
    const keep = this.#writeCheck !== undefined;
    this.#load = new EngineLoad(this.#copy, this.#head, { memory, keep });
  }

  /** Adds a page to the load. */
  load(page: BulkPage): PageLoaded {
    return this.#load!.add(page);
  }

  /** Checks and records what was loaded; tells as well whether there is anything to be committed. */
  endLoad(): Loaded & { any: boolean } {
    const load = this.#load!;
    const { any, inserted, graphs, head } = load;
    const request = this.#provenance;
    const rights = this.#rights;
    this.#load = undefined;
    this.#head = head;
    if (!any) return { any, inserted, graphs };
    const statements = { inserted: load.statements, removed: [] };
    this.#writeCheck?.assert(this.#copy, { statements }, rights && !mayReadAll(rights));
    // What is recorded of the load is not the loader's own.
    this.#rights = undefined;
    const record = request && this.#change((changes) => load.record(this.#store, changes, request));
    return {
      any,
      inserted,
      graphs: [...graphs, ...(record?.graphs ?? [])],
      record: record?.row,
    };
  }

  /** Runs a SPARQL 1.1 Update request. */
  update(request: UpdateRequest): Change {
    const { text, base } = request;
    const data = readDataRequest(text, base);
    return this.#change((changes) => {
      if (!data) return runUpdate(this.#store, changes, request);
      for (const [graph, lines] of data.graphs)
        if (data.type === 'insert') insertAll(changes, graph, lines);
        else valid(() => changes.removeLines(lines));
    });
  }

  /** Makes everything that an action changes one change. */
  together(action: () => void): Change {
    return this.#change((changes) => {
      this.#whole = changes;
      try {
        action();
      } finally {
        this.#whole = undefined;
      }
    });
  }

  /** Tells what an action would change, and changes nothing. */
  preview(action: () => Change): Change {
    const done = new Error('The preview is done');
    let change: Change | undefined;
    try {
      this.together(() => {
        change = action();
        throw done;
      });
    } catch (thrown) {
      if (thrown !== done) throw thrown;
    }
    return change!;
  }

  #part(changes: Changes, make: (changes: Changes) => void): Change {
    const { inserted, removed } = changes;
    this.#make(changes, make);
    const counts = { inserted: changes.inserted - inserted, removed: changes.removed - removed };
    return { ...counts, graphs: [] };
  }

  #change(make: (changes: Changes) => void): Change {
    if (this.#whole) return this.#part(this.#whole, make);
    const request = this.#provenance;
    const rights = this.#rights;
    const changes = new Changes(this.#copy, request && provenanceGraph.value);
    const place = { position: this.#head.position + 1, at: new Date().toISOString() };
    let counts = { inserted: 0, removed: 0 };
    try {
      this.#make(changes, make);
      // What is recorded of a change is not counted as one.
      counts = { inserted: changes.inserted, removed: changes.removed };
      if (request && !changes.none) recordProvenance(this.#store, changes, request, place);
      if (!changes.none)
        this.#writeCheck?.assert(this.#copy, changes, rights && !mayReadAll(rights));
    } catch (thrown) {
      // After a trap the store cannot be asked for anything; its thread ends.
      if (!trapped(thrown)) changes.rollback();
      throw thrown;
    }
    if (changes.none) return { ...counts, graphs: [] };
    const row = nextRow(this.#head, changes.delta, place.at);
    this.#head = row;
    return { row, ...counts, graphs: changes.graphs };
  }

  /** Holds a caller to its rights, and nothing else that becomes part of the change. */
  #make(changes: Changes, make: (changes: Changes) => void): void {
    changes.rights = this.#rights;
    make(changes);
    changes.rights = undefined;
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
    if (trapped(thrown) || thrown instanceof GraphwrightError) throw thrown;
    throw new GraphwrightError('invalid_data', message(thrown), { cause: thrown });
  }
}
