import { parse, type Quad } from 'oxigraph';
import { unescaped } from '../shapes/term-text.ts';

/** The one text format inside: a statement a line. */
export const nquads = { format: 'application/n-quads' } as const;

/** A statement in which no triple is quoted, as most are. */
const plain =
  // oxlint-disable-next-line no-control-regex -- those are what must be escaped
  /^(?:<([^<>\s\\]*)>|_:([^\s<>"]+)) <([^<>\s\\]*)> (?:<([^<>\s\\]*)>|_:([^\s<>"]+)|"([^"\\\u0000-\u001f\u007f]*(?:\\(?:[tbnrf"\\]|u[\dA-F]{4})[^"\\\u0000-\u001f\u007f]*)*)"(?:@([a-z\d]+(?:-[a-z\d]+)*)|\^\^<([^<>\s\\]*)>)?)(?: <([^<>\s\\]*)>)? \.$/;

const node = (value: string) => ({ termType: 'NamedNode', value });
const blank = (value: string) => ({ termType: 'BlankNode', value });
const defaultGraph = { termType: 'DefaultGraph', value: '' };
const string = node('http://www.w3.org/2001/XMLSchema#string');
const tagged = node('http://www.w3.org/1999/02/22-rdf-syntax-ns#langString');

/**
 * Reads a plain line of N-Quads. To look one up takes less than half as long as with a quad of Oxigraph's
 * parser, which lives in WebAssembly and is asked for each of its terms; and tens of thousands of those keep
 * the collection of garbage busy for longer than they are used.
 * @returns undefined for a line that only the parser can read.
 */
export function plainQuad(line: string): Quad | undefined {
  const found = plain.exec(line);
  if (!found) return undefined;
  const [, subject, label, predicate, iri, object, text, language = '', datatype, graph] = found;
  const value = text && unescaped(text);
  // Half of a surrogate pair is for the parser to refuse.
  if (value !== text && !value!.isWellFormed()) return undefined;
  const type = language ? tagged : datatype === undefined ? string : node(datatype);
  return {
    termType: 'Quad',
    value: '',
    subject: subject === undefined ? blank(label!) : node(subject),
    predicate: node(predicate!),
    object:
      value === undefined
        ? object === undefined
          ? node(iri!)
          : blank(object)
        : { termType: 'Literal', value, language, datatype: type },
    graph: graph === undefined ? defaultGraph : node(graph),
    // The store reads the terms alone.
  } as unknown as Quad;
}

/** The quads of lines, for a store to look up, add or delete. */
export function quadsOf(lines: readonly string[]): Quad[] {
  const found = lines.map(plainQuad);
  const others = lines.filter((_, index) => !found[index]);
  const parsed = others.length > 0 ? parse(others.join('\n'), nquads) : [];
  let next = 0;
  return found.map((quad) => quad ?? parsed[next++]!);
}
