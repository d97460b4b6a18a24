import { GraphwrightError } from '../../errors.ts';
import { sparql, type Sparql } from '../sparql.ts';
import { xsd, type NamedNode, type Quad } from '../terms.ts';

/** Characters in one request, under the 8 MiB that our own server takes. */
const longest = 1024 * 1024;

/** Statements to remove from one graph, and statements to add to it. */
export interface Difference {
  removed: readonly Quad[];
  inserted: readonly Quad[];
}

/** A block of statements, in the syntax that N-Triples and SPARQL share. */
export function block(quads: Iterable<Quad>): Sparql {
  let text = sparql``;
  for (const { subject, predicate, object } of quads) {
    // Virtuoso holds "x" and "x"^^xsd:string for different things; everybody writes the first.
    const plain = object.termType === 'Literal' && object.datatype.equals(xsd('string'));
    text = sparql`${text}${subject} ${predicate} ${plain ? object.value : object} .\n`;
  }
  return text;
}

/** Makes statements comparable: the same text for the same triple. */
export const lineOf = (quad: Quad): string => block([quad]).toString();

/** What makes `wanted` of `current`. */
export function differenceOf(current: Iterable<Quad>, wanted: Iterable<Quad>): Difference {
  const before = byLine(current);
  const after = byLine(wanted);
  return {
    removed: [...before].filter(([line]) => !after.has(line)).map(([, quad]) => quad),
    inserted: [...after].filter(([line]) => !before.has(line)).map(([, quad]) => quad),
  };
}

const byLine = (quads: Iterable<Quad>) =>
  new Map([...quads].map((quad): [string, Quad] => [lineOf(quad), quad]));

/**
 * The requests that carry out a difference, its removals first: a single one when it is of at most `size`
 * statements and about a million characters.
 */
export function requestsOf(
  graph: NamedNode,
  { removed, inserted }: Difference,
  size: number,
): Sparql[] {
  const blocks = [...blocksOf('DELETE', removed, size), ...blocksOf('INSERT', inserted, size)];
  const requests: Sparql[] = [];
  let last = { statements: 0, length: 0 };
  for (const { verb, body, statements } of blocks) {
    const operation = dataOf(verb, graph, body);
    const { length } = operation.toString();
    const fits = last.statements + statements <= size && last.length + length <= longest;
    if (requests.length > 0 && fits) requests.push(sparql`${requests.pop()!} ;\n${operation}`);
    else requests.push(operation);
    last = fits
      ? { statements: last.statements + statements, length: last.length + length }
      : { statements, length };
  }
  return requests;
}

interface Block {
  verb: 'DELETE' | 'INSERT';
  body: Sparql;
  statements: number;
}

function* blocksOf(verb: Block['verb'], quads: readonly Quad[], size: number): Generator<Block> {
  let part: Quad[] = [];
  let length = 0;
  for (const quad of quads) {
    part.push(quad);
    length += lineOf(quad).length;
    if (part.length < size && length < longest) continue;
    yield { verb, body: block(part), statements: part.length };
    part = [];
    length = 0;
  }
  if (part.length > 0) yield { verb, body: block(part), statements: part.length };
}

const dataOf = (verb: Block['verb'], graph: NamedNode, body: Sparql): Sparql =>
  verb === 'INSERT'
    ? sparql`INSERT DATA { GRAPH ${graph} {\n${body}} }`
    : sparql`DELETE DATA { GRAPH ${graph} {\n${body}} }`;

/** Sends requests in their order; a failure says how much is written by then. */
export async function inOrder(
  requests: readonly Sparql[],
  send: (request: Sparql) => Promise<void>,
): Promise<void> {
  for (const [index, request] of requests.entries()) {
    try {
      await send(request);
    } catch (thrown) {
      const error = GraphwrightError.from(thrown);
      if (index === 0) throw error;
      throw new GraphwrightError(
        error.code,
        `${error.message}; ${index} of ${requests.length} parts are written`,
        { problems: error.problems, retriable: error.retriable, cause: thrown },
      );
    }
  }
}
