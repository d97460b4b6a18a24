import { Parser } from 'n3';
import { GraphwrightError } from '../../errors.ts';
import { columnOf, type N3Error, type N3Token } from '../n3-errors.ts';
import { QuadWriter } from '../embedded/nquads.ts';
import { factory, iri, type Quad } from '../terms.ts';
import {
  assertNamed,
  endless,
  longestStatement,
  mistake,
  type Reader,
  type ReadOptions,
  type StatementSink,
} from './reader.ts';

/** What a {@link TurtleReader} reads: n3's names of the syntaxes. */
export type TurtleSyntax = 'text/turtle' | 'application/trig' | 'N-Triples' | 'N-Quads';

/** Reads Turtle and its relatives as a stream; literals and language tags stay as they were written. */
export class TurtleReader implements Reader {
  readonly #options: ReadOptions;
  readonly #sink: StatementSink;
  readonly #writer: QuadWriter;
  readonly #graph: Quad['graph'];
  readonly #input: { data?: (text: string) => void; end?: () => void } = {};
  /** The last texts that came, to quote from, and the number of the line that they begin with. */
  #texts: string[] = [];
  #line = 1;
  #last: N3Token = { line: 1, start: 0, end: 0 };
  #statement = 0;
  #failure?: unknown;

  constructor(
    syntax: TurtleSyntax,
    options: ReadOptions,
    sink: StatementSink,
    writer = new QuadWriter(),
  ) {
    this.#options = options;
    this.#sink = sink;
    this.#writer = writer;
    this.#graph =
      options.graph === undefined ? factory.defaultGraph() : factory.namedNode(options.graph);
    const parser = new Parser({
      format: syntax,
      factory: termsOf(),
      blankNodePrefix: '',
      baseIRI: options.base,
    }) as unknown as StreamParser;
    const input = {
      on: (event: 'data' | 'end' | 'error', listener: (text?: string) => void) =>
        event === 'error' ? undefined : void (this.#input[event] = listener),
    };
    parser.parse(input, {
      onQuad: (error, quad) => this.#take(error, quad),
      onToken: (token) => void (this.#last = token),
    });
  }

  push(text: string): void {
    this.#remember(text);
    this.#statement += text.length;
    this.#attempt(() => this.#input.data?.(text));
    if (this.#statement > longestStatement) throw endless(this.#options.name, this.#last.line);
  }

  end(): void {
    this.#attempt(() => this.#input.end?.());
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (thrown) {
      this.#failure ??= thrown;
    }
    if (this.#failure !== undefined) throw this.#explain(this.#failure as N3Error);
  }

  #take(error: Error | null, quad: Quad | null): void {
    if (error) this.#failure ??= error;
    if (!quad || this.#failure !== undefined) return;
    const { graph } = quad;
    assertNamed(graph);
    this.#statement = 0;
    this.#sink(this.#writer.line(quad, graph.termType === 'DefaultGraph' ? this.#graph : graph));
  }

  #remember(text: string): void {
    const [first] = this.#texts;
    if (this.#texts.length === 2) this.#line += newlines(first!);
    this.#texts = [...this.#texts.slice(-1), text];
  }

  #explain(cause: N3Error): GraphwrightError {
    const coded = cause instanceof GraphwrightError;
    if (coded && cause.code !== 'invalid_data') return cause;
    const line = cause.context?.line ?? this.#last.line;
    const source = this.#texts.join('').split(/\r\n?|\n/)[line - this.#line] ?? '';
    const said = cause.message.replace(/ on line \d+\.$/, '');
    const column = columnOf(cause, source, this.#last);
    return mistake(this.#options.name, line, column, said, source, cause);
  }
}

/** Makes terms for n3, which lets relative IRIs through and numbers blank nodes for the whole process. */
function termsOf(): typeof factory {
  let count = 0;
  const checked = new Set<string>();
  return {
    ...factory,
    namedNode(value) {
      // The same few predicates come again and again.
      if (!checked.has(value)) {
        iri(value);
        if (checked.size < 10_000) checked.add(value);
      }
      return factory.namedNode(value);
    },
    blankNode: (label) =>
      factory.blankNode(label === undefined ? `${anonymous}${count++}` : named(label)),
  };
}

const anonymous = 'anonymous-';

/** A document may call its own nodes what we call those without a name. */
const named = (label: string): string =>
  label.startsWith(anonymous) ? `${anonymous}-${label.slice(anonymous.length)}` : label;

function newlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** A side of n3's parser that its types leave out. */
interface StreamParser {
  parse(
    input: { on(event: 'data' | 'end' | 'error', listener: (text?: string) => void): void },
    callbacks: {
      onQuad(error: Error | null, quad: Quad | null): void;
      onToken(token: N3Token): void;
    },
  ): void;
}
