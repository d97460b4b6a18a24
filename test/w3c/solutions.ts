import { factory, namespace, rdf, type Quad, type Term } from '../../src/ontology/terms.ts';
import { isomorphic, type Tuple } from './isomorphism.ts';
import { Description, readQuads } from './rdf.ts';
import { readXml } from './solutions-xml.ts';
import { literalTerm, tripleTerm, type Solutions } from './solution-terms.ts';

/** The answer to a query of any form. */
export type QueryResult = boolean | Solutions | Quad[];

const rs = namespace('http://www.w3.org/2001/sw/DataAccess/tests/result-set#');

/** Reads an answer, or what a test expects, by its media type. */
export function readResult(text: string, mediaType: string, iri?: string): QueryResult {
  switch (mediaType) {
    case 'application/sparql-results+json':
      return readJson(text);
    case 'application/sparql-results+xml':
      return readXml(text);
    case 'text/csv':
      return readCsv(text);
    case 'text/tab-separated-values':
      return readTsv(text);
    default:
      return fromRdf(readQuads(text, mediaType, iri));
  }
}

/** Whether an answer is what a test expects. */
export function sameResult(actual: QueryResult, expected: QueryResult, lax = false): boolean {
  if (typeof actual === 'boolean' || typeof expected === 'boolean') return actual === expected;
  if (Array.isArray(actual) || Array.isArray(expected))
    return Array.isArray(actual) && Array.isArray(expected) && sameQuads(actual, expected);
  const columns = actual.variables.toSorted();
  if (columns.join() !== expected.variables.toSorted().join()) return false;
  const { ordered = false } = expected;
  const tuples = ({ rows }: Solutions): Tuple[] => {
    const all = rows.map((row, index) => [
      ...columns.map((column) => row.get(column)),
      ...(ordered ? [factory.literal(String(index))] : []),
    ]);
    return lax ? distinct(all) : all;
  };
  return isomorphic(tuples(actual), tuples(expected));
}

/** Whether two datasets are isomorphic; a quad given twice counts once. */
export const sameQuads = (left: readonly Quad[], right: readonly Quad[]): boolean => {
  const tuples = (quads: readonly Quad[]) =>
    distinct(
      quads.map(({ subject, predicate, object, graph }) => [subject, predicate, object, graph]),
    );
  return isomorphic(tuples(left), tuples(right));
};

const distinct = (tuples: readonly Tuple[]): Tuple[] => [
  ...new Map(tuples.map((tuple) => [JSON.stringify(tuple), tuple])).values(),
];

interface JsonTerm {
  type: string;
  value: unknown;
  datatype?: string;
  'xml:lang'?: string;
  'its:dir'?: 'ltr' | 'rtl';
}

interface Json {
  boolean?: boolean;
  head: { vars?: string[] };
  results?: { bindings: Record<string, JsonTerm>[] };
}

function readJson(text: string): QueryResult {
  const { boolean, head, results } = JSON.parse(text) as Json;
  if (boolean !== undefined) return boolean;
  const rows = results!.bindings.map(
    (row) => new Map(Object.entries(row).map(([name, value]) => [name, jsonTerm(value)])),
  );
  return { variables: head.vars ?? [], rows };
}

function jsonTerm({ type, value, ...rest }: JsonTerm): Term {
  switch (type) {
    case 'uri':
      return factory.namedNode(String(value));
    case 'bnode':
      return factory.blankNode(String(value));
    case 'triple': {
      const parts = value as Record<'subject' | 'predicate' | 'object', JsonTerm>;
      return tripleTerm(jsonTerm(parts.subject), jsonTerm(parts.predicate), jsonTerm(parts.object));
    }
    case 'literal':
    case 'typed-literal':
      return literalTerm(String(value), rest.datatype, rest['xml:lang'], rest['its:dir']);
    default:
      throw new Error(`A term of no known type: ${type}`);
  }
}

/** CSV says nothing of types: a cell is a blank node's label or text. */
function readCsv(text: string): Solutions {
  const records = [...text.matchAll(/("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/g)].reduce<string[][]>(
    (lines, [whole, cell, end]) => {
      if (!whole) return lines;
      lines.at(-1)!.push(cell!.startsWith('"') ? cell!.slice(1, -1).replaceAll('""', '"') : cell!);
      if (end !== ',') lines.push([]);
      return lines;
    },
    [[]],
  );
  return table(records, (cell) =>
    cell.startsWith('_:') ? factory.blankNode(cell.slice(2)) : factory.literal(cell),
  );
}

function readTsv(text: string): Solutions {
  const records = text.split(/\r?\n/).map((line) => line.split('\t'));
  return table(
    records.map((line, index) => (index === 0 ? line.map((name) => name.slice(1)) : line)),
    (cell) =>
      cell.startsWith('_:')
        ? factory.blankNode(cell.slice(2))
        : readQuads(`<urn:s> <urn:p> ${cell} .`, 'text/turtle')[0]!.object,
  );
}

function table([head = [], ...body]: string[][], term: (cell: string) => Term): Solutions {
  // After the last line end nothing comes; without columns a row is an empty line.
  const lines = body.slice(0, -1);
  const rows = lines.map(
    (line) =>
      new Map(line.flatMap((cell, index) => (cell ? [[head[index]!, term(cell)] as const] : []))),
  );
  return { variables: head.filter((name) => name), rows };
}

/** A table or a truth value in the vocabulary of the first working group; otherwise just a graph. */
function fromRdf(quads: Quad[]): QueryResult {
  const isTable = quads.some(({ object }) => object.equals(rs('ResultSet')));
  if (!isTable) return quads;
  const description = new Description(quads);
  const [set] = description.subjects(rdf('type'), rs('ResultSet'));
  const boolean = description.text(set, rs('boolean'));
  if (boolean !== undefined) return boolean === 'true';
  const solutions = description.all(set, rs('solution'));
  const position = (solution: Term) => Number(description.text(solution, rs('index')));
  const ordered = solutions.some((solution) => !Number.isNaN(position(solution)));
  if (ordered) solutions.sort((a, b) => position(a) - position(b));
  const row = (solution: Term) =>
    new Map(
      description
        .all(solution, rs('binding'))
        .map((binding) => [
          description.text(binding, rs('variable'))!,
          description.one(binding, rs('value'))!,
        ]),
    );
  const variables = description.all(set, rs('resultVariable')).map(({ value }) => value);
  return { variables, rows: solutions.map(row), ordered };
}
