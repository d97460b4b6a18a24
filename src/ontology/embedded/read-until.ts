import { parse } from 'oxigraph';
import { trapped } from './oxigraph-errors.ts';

/** Characters that are read at once while nobody minds where exactly. */
const many = 65_536;

/**
 * How many characters of a document Oxigraph reads until it refuses it, by handing it over in parts: of RDF/XML it
 * says what is wrong, and not where. Takes as long as reading the document twice.
 */
export function readUntilRefused(text: string, options: Parameters<typeof parse>[1]): number {
  const { before, read } = handOver(text, [every(text, 0, text.length, many)], options);
  return handOver(text, [[before], every(text, before, read, 1)], options).read;
}

/** Hands a text over, cut at some places, until it is refused: how much was read by then, and without the last part. */
function handOver(
  text: string,
  places: readonly Iterable<number>[],
  options: Parameters<typeof parse>[1],
): { before: number; read: number } {
  let [before, read] = [0, 0];
  function* parts() {
    for (const place of places.flatMap((some) => [...some])) {
      [before, read] = [read, place];
      yield text.slice(before, read);
    }
  }
  try {
    const quads = parse(parts(), options)[Symbol.iterator]();
    while (!quads.next().done);
  } catch (thrown) {
    // Not silent: what is wrong is known, and where is what this is for.
    if (trapped(thrown)) throw thrown;
  }
  return { before, read };
}

/** The end of each part of so many characters; none is cut in two. */
function* every(text: string, from: number, to: number, size: number): Generator<number> {
  for (let at = from; at < to;) {
    at = Math.min(at + size, to);
    // The second half of a character that takes two units.
    if (/[\uDC00-\uDFFF]/.test(text[at] ?? '')) at += 1;
    yield at;
  }
}
