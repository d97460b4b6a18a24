import { parse } from 'oxigraph';
import { GraphwrightError } from '../../errors.ts';
import { plainStatement } from '../formats/statement-line.ts';
import type { StatementSink } from '../formats/reader.ts';
import { canonicalLines, nquads } from './canonical.ts';
import { hashLines } from './line-hash.ts';
import { message, trapped } from './oxigraph-errors.ts';

/** Statements that are known to be valid, on their way into the store. */
export interface BulkPage {
  /** As Oxigraph keeps them: N-Quads, each statement with a newline behind it. */
  statements: string;
  count: number;
  /** The named graphs that they are in. */
  graphs: readonly string[];
  /** Whether some of them are in the default graph. */
  inDefaultGraph: boolean;
  /** The statements that were written in another way, by their number on the page. */
  written: readonly (readonly [number, string])[];
  /** Two words for each statement; equal for equal ones. */
  hashes: Uint32Array;
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
  readonly add: StatementSink = (line) => {
    const plain = plainStatement(line);
    const graph = plain ? plain.graph : graphOf(line);
    if (graph === undefined) this.#inDefaultGraph = true;
    else this.#graphs.add(graph);
    this.#characters += line.length + 1;
    const full = this.#characters >= charactersOnPage;
    if (this.#lines.push(line) >= statementsOnPage || full) this.flush();
  };

  flush(): void {
    if (this.#lines.length === 0) return;
    const lines = this.#lines;
    const kept = canonicalLines(lines);
    const written = lines.flatMap((line, index) =>
      line === kept[index] ? [] : [[index, line] as const],
    );
    const statements = `${kept.join('\n')}\n`;
    const page = {
      statements,
      count: lines.length,
      graphs: [...this.#graphs],
      written,
      inDefaultGraph: this.#inDefaultGraph,
    };
    this.#lines = [];
    this.#characters = 0;
    this.#graphs = new Set();
    this.#inDefaultGraph = false;
    this.#take({ ...page, hashes: hashLines(statements, lines.length) });
  }
}

/** Asks Oxigraph itself about a line that is not plain. */
function graphOf(line: string): string | undefined {
  try {
    const graph = parse(line, nquads)[0]!.graph;
    return graph.termType === 'NamedNode' ? graph.value : undefined;
  } catch (thrown) {
    if (trapped(thrown)) throw thrown;
    const detail = message(thrown).replace(
      /^Parser error at line \d+ (?:between columns|column) [^:]*: /,
      '',
    );
    throw new GraphwrightError('invalid_data', detail, { cause: thrown });
  }
}
