import { TextDecoder } from 'node:util';
import { GraphwrightError } from '../../errors.ts';
import type { FormatName } from '../formats/formats.ts';
import { LineReader } from '../formats/line-reader.ts';
import type { Reader, ReadOptions, StatementSink } from '../formats/reader.ts';
import { TurtleReader } from '../formats/turtle-reader.ts';
import { PageMaker, type BulkPage } from './bulk-page.ts';
import { DocumentReader } from './document-reader.ts';
import { trapped } from './oxigraph-errors.ts';
import { FatalError, serve, type Answer } from './serve.ts';

/** What the thread of a parser is asked: one document, in parts. Each answer is the pages that are ready. */
export type ParseRequest =
  | { type: 'begin'; format: FormatName; options: ReadOptions }
  | { type: 'bytes'; bytes: Uint8Array }
  | { type: 'end' };

let name = '';
let reader: Reader;
let decoder: TextDecoder;
let pages: BulkPage[] = [];
let maker: PageMaker;

serve<ParseRequest>((request) => {
  try {
    return handle(request);
  } catch (thrown) {
    if (!trapped(thrown)) throw thrown;
    const said = `${name} is too deeply nested for its parser, or needs more memory than there is`;
    const cause = new GraphwrightError('invalid_data', said, { cause: thrown });
    throw new FatalError(said, { cause });
  }
});

function handle(request: ParseRequest): Answer {
  switch (request.type) {
    case 'begin':
      ({ name } = request.options);
      decoder = new TextDecoder('utf-8', { fatal: true });
      maker = new PageMaker((page) => pages.push(page));
      reader = readerOf(request.format, request.options, maker.add);
      return {};
    case 'bytes':
      reader.push(decoded(request.bytes));
      return ready();
    case 'end':
      reader.push(decoded());
      reader.end();
      maker.flush();
      return ready();
  }
}

function ready(): Answer {
  const value = pages;
  pages = [];
  const arrays = value.flatMap(({ hashes, written }) => [hashes, written.places]);
  return { value, transfer: arrays.map(({ buffer }) => buffer as ArrayBuffer) };
}

/** Other encodings would be stored as question marks without a word. */
function decoded(bytes?: Uint8Array): string {
  try {
    return decoder.decode(bytes, { stream: bytes !== undefined });
  } catch (cause) {
    throw new GraphwrightError('invalid_data', `${name} is not UTF-8 text`, { cause });
  }
}

function readerOf(format: FormatName, options: ReadOptions, sink: StatementSink): Reader {
  switch (format) {
    case 'turtle':
      return new TurtleReader('text/turtle', options, sink);
    case 'trig':
      return new TurtleReader('application/trig', options, sink);
    case 'ntriples':
    case 'nquads':
      return new LineReader(format, options, sink);
    case 'rdfxml':
    case 'jsonld':
      return new DocumentReader(format, options, sink);
    case 'csv':
      throw new GraphwrightError('unsupported_media_type', 'CSV is written, not read');
  }
}
