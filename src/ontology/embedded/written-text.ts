import type { BulkPage } from './bulk-page.ts';

/** A statement that Oxigraph keeps in another form than it was written. */
export interface WrittenLine {
  /** Its number on the page. */
  index: number;
  /** Where its line begins among the page's statements, and how long it is there, in characters. */
  at: number;
  length: number;
  /** As it was written. */
  line: string;
}

/** The statements of a page that were written in another way than they are kept, in order. */
export function* writtenLines({ written: { places, lines } }: BulkPage): Generator<WrittenLine> {
  let start = 0;
  for (let place = 0; place < places.length; place += 3) {
    const end = lines.indexOf('\n', start);
    yield {
      index: places[place]!,
      at: places[place + 1]!,
      length: places[place + 2]!,
      line: lines.slice(start, end),
    };
    start = end + 1;
  }
}

/** A page's statements as they were written, each with a newline behind it. */
export function writtenText(page: BulkPage): string {
  const { statements, written } = page;
  if (written.places.length === 0) return statements;
  // In pieces between those that differ: to take all lines apart costs the engine as much as to load them.
  const pieces: string[] = [];
  let done = 0;
  for (const { at, length, line } of writtenLines(page)) {
    pieces.push(statements.slice(done, at), line);
    done = at + length;
  }
  pieces.push(statements.slice(done));
  return pieces.join('');
}
