import { parse, type Quad } from 'oxigraph';
import { GraphwrightError } from '../../errors.ts';
import { guardJson } from '../formats/json-guard.ts';
import {
  assertNamed,
  mistake,
  type Reader,
  type ReadOptions,
  type StatementSink,
} from '../formats/reader.ts';
import { guardXml } from '../formats/xml-guard.ts';
import { placeOfMistake, unclosedElement } from '../formats/xml-places.ts';
import { placeAt } from '../parse-place.ts';
import { factory } from '../terms.ts';
import { QuadWriter } from './nquads.ts';
import { message, trapped } from './oxigraph-errors.ts';
import { readUntilRefused } from './read-until.ts';

/** The formats that are read as a whole. */
export type DocumentFormat = 'rdfxml' | 'jsonld';

const mediaTypes = { rdfxml: 'application/rdf+xml', jsonld: 'application/ld+json' };
const guards = { rdfxml: guardXml, jsonld: guardJson };

/** The longest document, in characters: all of it is held, and so are its statements. */
const longest = 64 * 1024 * 1024;

/** Reads RDF/XML and JSON-LD by Oxigraph's parsers, once it is certain that the document does them no harm. */
export class DocumentReader implements Reader {
  readonly #format: DocumentFormat;
  readonly #options: ReadOptions;
  readonly #sink: StatementSink;
  readonly #writer = new QuadWriter();
  #parts: string[] = [];
  #length = 0;

  constructor(format: DocumentFormat, options: ReadOptions, sink: StatementSink) {
    this.#format = format;
    this.#options = options;
    this.#sink = sink;
  }

  push(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
    if (this.#length > longest)
      throw new GraphwrightError(
        'too_large',
        `${this.#options.name} has over ${longest / 2 ** 20} Mi characters; of that size, N-Quads, N-Triples, TriG and Turtle are read`,
      );
  }

  end(): void {
    const text = this.#parts.join('');
    this.#parts = [];
    const { languages } = guards[this.#format](text, this.#options.name);
    const own = termsIn(languages);
    for (const quad of this.#parse(text))
      this.#sink(this.#writer.line(own(quad), this.#graphOf(quad)));
  }

  #parse(text: string): Quad[] {
    const { name, base } = this.#options;
    try {
      const quads = parse(text, { format: mediaTypes[this.#format], base_iri: base });
      const unclosed = this.#format === 'rdfxml' ? unclosedElement(text) : undefined;
      if (unclosed) throw this.#mistake(text, unclosed.at, `<${unclosed.name}> is never closed`);
      return quads;
    } catch (thrown) {
      if (trapped(thrown) || thrown instanceof GraphwrightError) throw thrown;
      const said = message(thrown);
      const [, line, column, rest] =
        /^Parser error (?:at|between) line (\d+)(?: column | between columns )(\d+).*?: ([^]*)$/.exec(
          said,
        ) ?? [];
      if (!line && this.#format === 'rdfxml') throw this.#placed(text, thrown);
      if (!line) throw new GraphwrightError('invalid_data', `${name}: ${said}`, { cause: thrown });
      const source = text.split('\n')[Number(line) - 1] ?? '';
      throw mistake(name, Number(line), Number(column), rest!, source, thrown);
    }
  }

  /** What Oxigraph says of RDF/XML, with the place, which it does not say. */
  #placed(text: string, thrown: unknown): GraphwrightError {
    const said = message(thrown);
    const options = { format: mediaTypes.rdfxml, base_iri: this.#options.base };
    const at = placeOfMistake(text, readUntilRefused(text, options), said);
    return this.#mistake(text, at, said.replace(/^at \d+\.\.\d+: /, ''), thrown);
  }

  #mistake(text: string, at: number, said: string, cause?: unknown): GraphwrightError {
    const [line, column] = placeAt(text, at).split(':').map(Number) as [number, number];
    const source = text.split(/\r\n?|\n/)[line - 1] ?? '';
    return mistake(this.#options.name, line, column, said, source, cause);
  }

  #graphOf({ graph }: Quad) {
    assertNamed(graph as never);
    if (graph.termType !== 'DefaultGraph' || this.#options.graph === undefined) return graph;
    return factory.namedNode(this.#options.graph);
  }
}

/** Oxigraph puts language tags in lower case; this gives a quad's own back. */
function termsIn(languages: ReadonlyMap<string, string>): (quad: Quad) => Quad {
  if (languages.size === 0) return (quad) => quad;
  return (quad) => {
    const { object } = quad;
    const written = object.termType === 'Literal' && languages.get(object.language);
    if (!written || written === object.language) return quad;
    const { value, direction } = object as typeof object & { direction?: 'ltr' | 'rtl' };
    const literal = {
      termType: 'Literal',
      value,
      language: written,
      direction,
      datatype: object.datatype,
    };
    return {
      subject: quad.subject,
      predicate: quad.predicate,
      object: literal,
      graph: quad.graph,
    } as Quad;
  };
}
