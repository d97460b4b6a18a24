import { GraphwrightError } from '../../errors.ts';
import { QuadWriter } from '../embedded/nquads.ts';
import { plainStatement } from './statement-line.ts';
import {
  endless,
  longestStatement,
  mistake,
  type Reader,
  type ReadOptions,
  type StatementSink,
} from './reader.ts';
import { TurtleReader } from './turtle-reader.ts';

/** Reads N-Triples and N-Quads line by line: most lines are canonical already and are not taken apart. */
export class LineReader implements Reader {
  readonly #quads: boolean;
  readonly #options: ReadOptions;
  readonly #sink: StatementSink;
  readonly #writer = new QuadWriter();
  readonly #end: string;
  /** The graph of statements that name none, if a line that names it is plain. */
  readonly #graph?: string;
  /** The blank nodes' labels with this document's mark. */
  readonly #labels = new Map<string, string>();
  readonly #parser: TurtleReader;
  #rest = '';
  #line = 0;
  #found = 0;

  constructor(syntax: 'ntriples' | 'nquads', options: ReadOptions, sink: StatementSink) {
    this.#quads = syntax === 'nquads';
    this.#options = options;
    this.#sink = sink;
    const counted: StatementSink = (statement) => {
      this.#found += 1;
      sink(statement);
    };
    const format = this.#quads ? 'N-Quads' : 'N-Triples';
    // Without a colon, so that the place of a mistake is found again.
    const alone = { ...options, name: 'line', base: undefined };
    this.#parser = new TurtleReader(format, alone, counted, this.#writer);
    this.#end = options.graph === undefined ? ' .' : ` <${options.graph}> .`;
    if (plainStatement(`<a:s> <a:p> <a:o>${this.#end}`)) this.#graph = options.graph ?? '';
  }

  push(text: string): void {
    const all = this.#rest + text;
    let start = 0;
    for (let stop = all.indexOf('\n'); stop >= 0; stop = all.indexOf('\n', start)) {
      this.#read(all.slice(start, all.charCodeAt(stop - 1) === 13 ? stop - 1 : stop));
      start = stop + 1;
    }
    this.#rest = all.slice(start);
    if (this.#rest.length > longestStatement) throw endless(this.#options.name, this.#line + 1);
  }

  end(): void {
    if (this.#rest) this.#read(this.#rest);
    this.#rest = '';
  }

  #read(line: string): void {
    this.#line += 1;
    const plain = plainStatement(line);
    if (!plain || (plain.graph !== undefined && !this.#quads)) return this.#readClosely(line);
    const { blankSubject, blankObject, graph } = plain;
    let whole = graph === undefined ? line.slice(0, -2) + this.#end : line;
    if (blankObject) {
      const at = line.length - (graph === undefined ? 2 : graph.length + 5) - blankObject.length;
      whole = whole.slice(0, at) + this.#marked(blankObject) + whole.slice(at + blankObject.length);
    }
    if (blankSubject) whole = this.#marked(blankSubject) + whole.slice(blankSubject.length);
    this.#sink(whole, graph ?? this.#graph);
  }

  #marked(node: string): string {
    let marked = this.#labels.get(node);
    if (marked) return marked;
    marked = `_:${this.#writer.label(node.slice(2))}`;
    if (this.#labels.size === 50_000) this.#labels.clear();
    this.#labels.set(node, marked);
    return marked;
  }

  /** Whatever is not plain is left to the parser: escapes, rare IRIs, spaces and mistakes. */
  #readClosely(line: string): void {
    const text = line.trim();
    if (!text || text.startsWith('#')) return;
    this.#found = 0;
    try {
      this.#parser.push(`${line}\n`);
    } catch (thrown) {
      const error = GraphwrightError.from(thrown);
      const detail = /^.*?:\d+:(\d+): ([^]*)$/.exec(error.problems[0]?.detail ?? '');
      if (!detail) throw error;
      throw this.#mistake(Number(detail[1]), detail[2]!, line, thrown);
    }
    if (this.#found === 1) return;
    const said = 'A line holds one statement, which ends with a full stop';
    throw this.#mistake(line.trimEnd().length, said, line);
  }

  #mistake(column: number, said: string, line: string, cause?: unknown): GraphwrightError {
    return mistake(this.#options.name, this.#line, column, said, line, cause);
  }
}
