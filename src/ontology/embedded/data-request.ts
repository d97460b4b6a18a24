import { Parser } from 'n3';
import { factory, iri, type Quad } from '../terms.ts';
import { QuadWriter } from './nquads.ts';

/** An update that only states data, as N-Quads. */
export interface DataRequest {
  type: 'insert' | 'delete';
  /** The lines of each graph by its name; no name stands for the default graph. */
  graphs: ReadonlyMap<string | undefined, string[]>;
}

/** What stands before one block of data. Each character can match in one way only, so that no text takes long. */
const opening =
  /^((?:\s|#[^\n\r]*[\n\r]|BASE\s*<[^<>]*>|PREFIX\s+[^\s:#<]*:\s*<[^<>]*>)*)(INSERT|DELETE)\s+DATA\s*(?=\{)/i;

/**
 * Reads an INSERT DATA or DELETE DATA, some forty times faster than the SPARQL parser does and with the
 * capitals of language tags. Its block is TriG but for a few freedoms, so the TriG parser takes it.
 * @returns undefined for whatever is not plainly so: the SPARQL parser then decides what it means.
 */
export function readDataRequest(text: string, base?: string): DataRequest | undefined {
  // SPARQL decodes such escapes before it looks for quotes and braces, TriG does not.
  if (/\\u/i.test(text)) return undefined;
  const [start, prologue, verb] = opening.exec(text) ?? [];
  if (start === undefined || !verb) return undefined;
  const rest = text.slice(start.length).trimEnd();
  // What the block holds, and that it is only one, is for the parser to say.
  const block = rest.endsWith(';') ? rest.slice(0, -1).trimEnd() : rest;
  if (!block.endsWith('}')) return undefined;
  const type = verb.toUpperCase() === 'INSERT' ? 'insert' : 'delete';
  // GRAPH blocks stand at the top level of TriG, triples may as well; without a last dot they need braces.
  for (const data of /\bGRAPH\b/i.test(block) ? [block.slice(1, -1), block] : [block])
    try {
      return { type, graphs: linesByGraph(parse(`${prologue}${data}`, base), type) };
    } catch {
      // Not silent: the SPARQL parser reads the same text again and says what is wrong, if anything is.
    }
  return undefined;
}

/** Relative IRIs without a base are let through by n3, but not by SPARQL. */
const checked: typeof factory = {
  ...factory,
  namedNode: (value) => {
    iri(value);
    return factory.namedNode(value);
  },
};

const parse = (trig: string, base?: string): Quad[] =>
  new Parser({ format: 'application/trig', factory: checked, baseIRI: base }).parse(trig);

function linesByGraph(quads: readonly Quad[], type: DataRequest['type']) {
  const writer = new QuadWriter();
  const graphs = new Map<string | undefined, string[]>();
  for (const quad of quads) {
    if (type === 'delete' && hasBlankNode(quad))
      throw new TypeError('No blank nodes in DELETE DATA');
    const name = quad.graph.termType === 'NamedNode' ? quad.graph.value : undefined;
    if (name === undefined && quad.graph.termType !== 'DefaultGraph')
      throw new TypeError('A graph needs a name');
    const lines = graphs.get(name) ?? [];
    graphs.set(name, lines);
    lines.push(writer.line(quad, quad.graph));
  }
  return graphs;
}

const hasBlankNode = ({ subject, object }: Quad): boolean =>
  [subject, object].some(
    (term) =>
      term.termType === 'BlankNode' || (term.termType === 'Quad' && hasBlankNode(term as Quad)),
  );
