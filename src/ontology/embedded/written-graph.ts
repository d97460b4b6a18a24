import { blankNode, namedNode, parse, type Quad, type Store, type Term } from 'oxigraph';
import type { DataGraph } from '../shapes/data-graph.ts';
import { withEscapes, type TermText } from '../shapes/term-text.ts';
import type { Statement } from '../shapes/affected.ts';
import { lineOf } from './canonical.ts';
import type { Copy } from './changes.ts';
import type { Originals } from './originals.ts';
import { nquads } from './plain-quad.ts';

const none: readonly TermText[] = [];

/** So few nodes are asked about one by one. */
const fewNodes = 200;

/** How many statements for each node are worth reading at once; of more, most are about other nodes. */
const statementsPerNode = 8;

type Objects = Map<TermText, TermText[]>;

/**
 * All graphs of a copy taken together, literals as they were written, at a moment in which nothing
 * changes: what was read once is not read again.
 */
export class WrittenGraph implements DataGraph {
  readonly #store: Store;
  readonly #originals: Originals;
  readonly #known = new Map<TermText, Objects>();
  /** Predicates of which all statements are known. */
  readonly #whole = new Set<TermText>();
  /** By predicate and object, where all of them are known. */
  readonly #subjects = new Map<string, ReadonlySet<TermText>>();
  #rewrittenPredicates?: ReadonlySet<TermText>;

  constructor({ store, originals }: Pick<Copy, 'store' | 'originals'>) {
    this.#store = store;
    this.#originals = originals;
  }

  get #rewritten(): ReadonlySet<TermText> {
    return (this.#rewrittenPredicates ??= this.#originals.predicates());
  }

  objects(subject: TermText, predicate: TermText): readonly TermText[] {
    const known = this.#objectsOf(predicate);
    const found = known.get(subject);
    if (found) return found;
    if (this.#whole.has(predicate) || subject.startsWith('"')) return none;
    const objects = unique(this.#match(subject, predicate).map(({ object }) => object));
    known.set(subject, objects);
    return objects;
  }

  subjects(predicate: TermText, object: TermText): readonly TermText[] {
    const found = this.#match(undefined, predicate, object);
    // Oxigraph finds the literals of the same value as well.
    const same = object.startsWith('"') ? found.filter((each) => each.object === object) : found;
    return unique(same.map(({ subject }) => subject));
  }

  has(subject: TermText, predicate: TermText, object: TermText): boolean {
    const subjects = this.#subjects.get(`${predicate} ${object}`);
    return subjects ? subjects.has(subject) : this.objects(subject, predicate).includes(object);
  }

  *pairs(predicate: TermText, object?: TermText): Generator<readonly [TermText, TermText]> {
    if (object !== undefined && !object.startsWith('<'))
      for (const subject of this.subjects(predicate, object)) yield [subject, object];
    else if (this.#rewritten.has(predicate))
      for (const found of this.#match(undefined, predicate, object))
        yield [found.subject, found.object];
    else {
      const found: (readonly [TermText, TermText])[] = [];
      this.#read({ predicate, object }, (...pair) => found.push(pair));
      yield* found;
    }
  }

  *statements(subject: TermText): Generator<readonly [TermText, TermText]> {
    if (subject.startsWith('"')) return;
    const seen = new Set<string>();
    for (const { predicate, object } of this.#match(subject)) {
      const key = `${predicate} ${object}`;
      if (!seen.has(key)) yield [predicate, object];
      seen.add(key);
    }
  }

  /** One query for all of a predicate's statements takes a third of the time of one for each node. */
  expect(predicate: TermText, nodes: number, object?: TermText): void {
    if (nodes < fewNodes || this.#whole.has(predicate)) return;
    const most = nodes * statementsPerNode;
    let rows = 0;
    const subjects = new Set<TermText>();
    const objects: Objects = new Map();
    this.#read({ predicate, object, most }, (subject, value) => {
      rows += 1;
      if (object === undefined) group(objects, subject, value);
      else subjects.add(subject);
    });
    if (rows >= most) return;
    if (object !== undefined) this.#subjects.set(`${predicate} ${object}`, subjects);
    // A query cannot tell how a literal was written.
    else if (this.#rewritten.has(predicate)) this.#keep(predicate, grouped(this.pairs(predicate)));
    else this.#keep(predicate, objects);
  }

  #keep(predicate: TermText, objects: Objects): void {
    this.#known.set(predicate, objects);
    this.#whole.add(predicate);
  }

  /** What one predicate says, as Oxigraph keeps it; three times as fast as by its statements. */
  #read({ predicate, object, most }: Reading, each: (subject: TermText, object: TermText) => void) {
    const limit = most === undefined ? '' : ` LIMIT ${most}`;
    const columns = object === undefined ? '?s ?o' : '?s';
    const query = `SELECT ${columns} { ?s ${predicate} ${object ?? '?o'} }${limit}`;
    const options = {
      results_format: 'text/tab-separated-values',
      use_default_graph_as_union: true,
    };
    readTable(String(this.#store.query(query, options)), object, each);
  }

  #objectsOf(predicate: TermText): Objects {
    let objects = this.#known.get(predicate);
    if (!objects) this.#known.set(predicate, (objects = new Map()));
    return objects;
  }

  #match(subject?: TermText, predicate?: TermText, object?: TermText): Statement[] {
    const [s, p, o] = [subject, predicate, object].map((text) => text && termOf(text));
    const quads = this.#store.match(s as Subject, p as Predicate, o as Quad['object']);
    return quads.map((quad) => statementOf(this.#originals.of(lineOf(quad))));
  }
}

/** The statements of one predicate, or of one object by it; at most so many. */
interface Reading {
  predicate: TermText;
  object?: TermText;
  most?: number;
}

type Subject = Quad['subject'];
type Predicate = Quad['predicate'];

function termOf(text: TermText): Term {
  if (text.startsWith('_:')) return blankNode(text.slice(2));
  if (text.startsWith('<') && !text.startsWith('<<')) return namedNode(text.slice(1, -1));
  return parse(`<x:s> <x:p> ${text} .`, nquads)[0]!.object;
}

const parts = /^(\S+) (\S+) (.*?)(?: <[^<>\s]*>)? \.$/s;

/** The statement of a line of N-Quads. */
export function statementOf(line: string): Statement {
  const [, subject = '', predicate = '', object = ''] = parts.exec(line) ?? [];
  return { subject, predicate, object };
}

const unique = (texts: TermText[]): TermText[] => (texts.length < 2 ? texts : [...new Set(texts)]);

function grouped(rows: Iterable<readonly [TermText, TermText]>): Objects {
  const objects: Objects = new Map();
  for (const [subject, object] of rows) group(objects, subject, object);
  return objects;
}

function group(objects: Objects, subject: TermText, object: TermText): void {
  const list = objects.get(subject);
  if (!list) objects.set(subject, [object]);
  else if (!list.includes(object)) list.push(object);
}

/** Reads SPARQL 1.1 Query Results TSV: of subjects and objects, or of the subjects of one object. */
function readTable(
  table: string,
  object: TermText | undefined,
  each: (subject: TermText, object: TermText) => void,
): void {
  let start = table.indexOf('\n') + 1;
  for (let end = table.indexOf('\n', start); end >= 0; end = table.indexOf('\n', start)) {
    const tab = object === undefined ? table.indexOf('\t', start) : end;
    each(table.slice(start, tab), object ?? whole(table.slice(tab + 1, end)));
    start = end + 1;
  }
}

/** TSV writes numbers and truth values bare, and only a few characters as escapes. */
function whole(text: string): TermText {
  if (text.startsWith('"')) return withEscapes(text);
  if (text.startsWith('<') || text.startsWith('_:')) return text;
  const type = /^(?:true|false)$/.test(text)
    ? 'boolean'
    : text.includes('.')
      ? 'decimal'
      : 'integer';
  return `"${text}"^^<http://www.w3.org/2001/XMLSchema#${type}>`;
}
