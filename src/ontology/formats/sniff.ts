import type { FormatName } from './formats.ts';

/** How much of a document's beginning is enough to tell its format, in bytes. */
export const sniffedBytes = 16_384;

/** Tells the format of a document by its beginning, where neither a media type nor a file name says so. */
export function sniffFormat(beginning: string): FormatName {
  const text = beginning.replace(/^\uFEFF/, '').replace(/^(?:\s|#[^\n\r]*)+/, '');
  if (json.test(text)) return 'jsonld';
  if (xml.test(text)) return 'rdfxml';
  const lines = text.split(/[\r\n]+/).filter((line) => /^\s*[^\s#]/.test(line));
  const cutOff = lines.length > 1 && !/[\r\n]$/.test(text);
  const whole = cutOff ? lines.slice(0, -1) : lines;
  const found = whole.map((line) => statement.exec(line));
  if (whole.length > 0 && found.every((match) => match))
    return found.some((match) => match![1]) ? 'nquads' : 'ntriples';
  return text.replace(notSyntax, '').includes('{') ? 'trig' : 'turtle';
}

/** A key, an end or another value behind the first bracket; TriG's and Turtle's hold none of these. */
const json = /^(?:\{\s*(?:"|\}\s*$|$)|\[\s*(?:[[{]|\]\s*$|$))/;
const xml = /^<(?:\?xml|!DOCTYPE|!--|(?:[\w-]+:)?RDF[\s>])/;

/** One line of N-Triples or N-Quads, and its graph. */
const statement =
  /^\s*(?:<[^<>\s]*>|_:\S+)\s+<[^<>\s]*>\s+(?:<[^<>\s]*>|_:[^\s.]+|"(?:[^"\\]|\\.)*"[^\s.]*(?:\.[^\s.]+)*|<<\(.*\)>>)\s*(<[^<>\s]*>|_:[^\s.]+)?\s*\.\s*(?:#.*)?$/;

/** What may hold any character: comments, IRIs and strings. */
const notSyntax = /#[^\n\r]*|<[^<>\s]*>|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?/g;
