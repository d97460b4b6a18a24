import { defaultGraph, namedNode, parse, Store, type Quad } from 'oxigraph';

/** The one text format inside: a statement a line. */
export const nquads = { format: 'application/n-quads' } as const;

/** Text is loaded in pieces of this many lines; much larger or smaller ones are slower. */
export const linesAtOnce = 2000;

/** Loads N-Quads with their blank nodes' own labels, which Oxigraph's load() would replace. */
export function load(store: Store, piece: string): void {
  if (piece.includes('_:')) for (const quad of parse(piece, nquads)) store.add(quad);
  else store.load(piece, nquads);
}

/** A quad of the store as its line. */
export const lineOf = (quad: Quad): string => `${quad.toString()} .`;

/** The lines of one graph, as Oxigraph keeps them; no name stands for the default graph. */
export function* linesOfGraph(store: Store, name: string | undefined): Generator<string> {
  const from_graph_name = name === undefined ? defaultGraph() : namedNode(name);
  const text = store.dump({ format: 'application/n-triples', from_graph_name });
  const end = name === undefined ? ' .' : ` <${name}> .`;
  let start = 0;
  for (let stop = text.indexOf('\n'); stop >= 0; stop = text.indexOf('\n', start)) {
    yield text.slice(start, stop - 2) + end;
    start = stop + 1;
  }
}

/** A statement's line: subject and predicate, object, and graph if it names one. */
const statement = /^(\S+ \S+) (.*?)( <[^<>\s]*>)? \.$/s;

// Which objects Oxigraph keeps to the letter; in doubt it is asked, which takes longer.
const xsd = 'http://www.w3.org/2001/XMLSchema#';
const keptAsWritten = new RegExp(
  [
    String.raw`^(?:<[^<].*|_:.*`,
    String.raw`"[^\u0000-\u001f\u007f]*"`,
    String.raw`"[^\u0000-\u001f\u007f]*"@[a-z\d]+(?:-[a-z\d]+)*`,
    String.raw`"(?:true|false)"\^\^<${xsd}boolean>`,
    String.raw`"(?:0|-?[1-9]\d{0,15})"\^\^<${xsd}integer>`,
    String.raw`"-?(?:0|[1-9]\d{0,7})\.\d{0,7}[1-9]"\^\^<${xsd}decimal>`,
    String.raw`"[12]\d{3}-\d\d-\d\d"\^\^<${xsd}date>`,
    String.raw`"[12]\d{3}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{0,5}[1-9])?Z"\^\^<${xsd}dateTime>)$`,
  ].join('|'),
);

/**
 * The statements as Oxigraph keeps them, in the same order: it rewrites numbers, dates and language
 * tags, so that "01" taken out as "1" is the same statement.
 */
export function canonicalLines(lines: readonly string[]): string[] {
  const parts = lines.map((line) => statement.exec(line));
  const forms = canonicalObjects(
    new Set(parts.flatMap((part) => (part && !keptAsWritten.test(part[2]!) ? part[2]! : []))),
  );
  return lines.map((line, index) => {
    const part = parts[index];
    const form = part ? forms.get(part[2]!) : undefined;
    return form === undefined ? line : `${part![1]} ${form}${part![3] ?? ''} .`;
  });
}

function canonicalObjects(objects: ReadonlySet<string>): ReadonlyMap<string, string> {
  const unknown = [...objects].filter((object) => !known.has(object));
  if (known.size + unknown.length > knownAtMost) known.clear();
  const missing = [...objects].filter((object) => !known.has(object));
  for (let start = 0; start < missing.length; start += linesAtOnce)
    ask(missing.slice(start, start + linesAtOnce));
  return known;
}

// The same few dates and numbers come again and again, and asking takes a store of its own.
const known = new Map<string, string>();
const knownAtMost = 20_000;

/** Each object becomes that of a numbered statement, so that the answers find their questions. */
function ask(objects: readonly string[]): void {
  const scratch = new Store();
  const numbered = objects.map((object, n) => `<i:${n}> <i:o> ${object} .`).join('\n');
  // load() would give blank nodes inside a quoted triple new labels.
  for (const quad of parse(numbered, nquads)) scratch.add(quad);
  const options = { format: 'application/n-triples', from_graph_name: defaultGraph() };
  for (const line of scratch.dump(options).split('\n')) {
    const [, number, form] = /^<i:(\d+)> <i:o> (.*) \.$/s.exec(line) ?? [];
    if (form !== undefined) known.set(objects[Number(number)]!, form);
  }
}
