import { parse } from 'oxigraph';
import { GraphwrightError } from '../../errors.ts';
import { plainStatement } from '../formats/statement-line.ts';
import type { StatementSink } from '../formats/reader.ts';
import { canonicalLines } from './canonical.ts';
import { hashLines } from './line-hash.ts';
import { message, trapped } from './oxigraph-errors.ts';
import { nquads } from './plain-quad.ts';

/** Statements that are known to be valid, on their way into the store. */
export interface BulkPage {
  /** As Oxigraph keeps them: N-Quads, each statement with a newline behind it. */
  statements: string;
  count: number;
  /** The named graphs that they are in. */
  graphs: readonly string[];
  /** Whether some of them are in the default graph. */
  inDefaultGraph: boolean;
  /** The statements that were written in another way. */
  written: WrittenLines;
  /** Two words for each statement; equal for equal ones. */
  hashes: Uint32Array;
}

/** Statements that Oxigraph keeps in another form than they were written, in order; thousands travel as two values. */
export interface WrittenLines {
  /** Three for each: its number on the page, and where its line begins among the statements and how long it is there. */
  places: Uint32Array;
  /** As they were written, each with a newline behind it. */
  lines: string;
}

const statementsOnPage = 8_000;
const charactersOnPage = 2 * 1024 * 1024;

/** Gathers statements into pages, having made sure that the store will take them. */
export class PageMaker {
  readonly #take: (page: BulkPage) => void;
  #lines: string[] = [];
  #characters = 0;
  #graphs = new Set<string>();
  #inDefaultGraph = false;

  constructor(take: (page: BulkPage) => void) {
    this.#take = take;
  }

  /** @throws GraphwrightError `invalid_data` for a line that Oxigraph would refuse. */
  readonly add: StatementSink = (line, graph = graphOf(line)) => {
    if (graph === '') this.#inDefaultGraph = true;
    else this.#graphs.add(graph);
    this.#characters += line.length + 1;
    const full = this.#characters >= charactersOnPage;
    if (this.#lines.push(line) >= statementsOnPage || full) this.flush();
  };

  flush(): void {
    if (this.#lines.length === 0) return;
    const lines = this.#lines;
    const kept = canonicalLines(lines);
    const places: number[] = [];
    const written: string[] = [];
    let at = 0;
    lines.forEach((line, index) => {
      const { length } = kept[index]!;
      if (line !== kept[index]) {
        places.push(index, at, length);
        written.push(`${line}\n`);
      }
      at += length + 1;
    });
    const statements = `${kept.join('\n')}\n`;
    const page = {
      statements,
      count: lines.length,
      graphs: [...this.#graphs],
      written: { places: Uint32Array.from(places), lines: written.join('') },
      inDefaultGraph: this.#inDefaultGraph,
    };
    this.#lines = [];
    this.#characters = 0;
    this.#graphs = new Set();
    this.#inDefaultGraph = false;
    this.#take({ ...page, hashes: hashLines(statements, lines.length) });
  }
}

/** The name of a line's graph; of a line that is not plain, Oxigraph itself is asked. */
function graphOf(line: string): string {
  const plain = plainStatement(line);
  if (plain) return plain.graph ?? '';
  try {
    const graph = parse(line, nquads)[0]!.graph;
    return graph.termType === 'NamedNode' ? graph.value : '';
  } catch (thrown) {
    if (trapped(thrown)) throw thrown;
    const detail = message(thrown).replace(
      /^Parser error at line \d+ (?:between columns|column) [^:]*: /,
      '',
    );
    throw new GraphwrightError('invalid_data', detail, { cause: thrown });
  }
}
