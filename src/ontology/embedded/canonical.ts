import { defaultGraph, Store, type Quad } from 'oxigraph';
import { nquads, quadsOf } from './plain-quad.ts';

/** Text is loaded in pieces of this many lines; much larger or smaller ones are slower. */
export const linesAtOnce = 2000;
/** Of long lines there are fewer: a text takes several times its length of the engine's memory. */
const charactersAtOnce = 2 ** 20;

/** Lines in pieces that are handed over as one text. */
export function* pieces(lines: readonly string[]): Generator<readonly string[]> {
  let start = 0;
  let characters = 0;
  for (const [index, { length }] of lines.entries()) {
    characters += length;
    const end = index + 1;
    if (end - start < linesAtOnce && characters < charactersAtOnce) continue;
    yield lines.slice(start, end);
    start = end;
    characters = 0;
  }
  if (start < lines.length) yield lines.slice(start);
}

/** Loads N-Quads, whole or not at all, with their blank nodes' own labels, which Oxigraph's load() would replace. */
export function load(store: Store, piece: string): void {
  const { blank, others } = parted(piece);
  // Looked up, a statement is refused that would be refused below, when others are there already.
  for (const quad of blank) store.has(quad);
  // One statement is loaded whole or not at all anyway, and without a transaction in half the time.
  if (others !== '')
    store.load(others, others.includes('\n') ? nquads : { ...nquads, no_transaction: true });
  for (const quad of blank) store.add(quad);
}

/** Loads what a parser has found valid, a quarter faster; blank nodes keep their labels, which load() would replace. */
export function loadValid(store: Store, text: string): void {
  const { blank, others } = parted(text);
  store.load(others, { ...nquads, lenient: true });
  for (const quad of blank) store.add(quad);
}

/** The statements in which there may be a blank node's label, and the text of all others. */
function parted(text: string): { blank: readonly Quad[]; others: string } {
  if (!text.includes('_:')) return { blank: [], others: text };
  const lines = text.split('\n').filter(Boolean);
  const blank = quadsOf(lines.filter((line) => line.includes('_:')));
  return { blank, others: lines.filter((line) => !line.includes('_:')).join('\n') };
}

/** Loads N-Quads without blank nodes, in UTF-8, as `linesOfGraph` gave them. */
export const loadKept = (store: Store, text: Uint8Array): void =>
  store.load(text, { ...nquads, lenient: true });

/** A quad of the store as its line. */
export const lineOf = (quad: Quad): string => `${quad.toString()} .`;

/** A statement's line: subject and predicate, object, and graph if it names one. */
const statement = /^(\S+ \S+) (.*?)( <[^<>\s]*>)? \.$/s;

/** What no line has whose terms are all kept to the letter; most lines need no closer look. */
// oxlint-disable-next-line no-control-regex -- those are what is looked for
const inDoubt = /"(?:\^\^|@)|<<|[\u0000-\u001f\u007f]/;

// Which objects Oxigraph keeps to the letter; in doubt it is asked, which takes longer.
const xsd = 'http://www.w3.org/2001/XMLSchema#';
const keptTerm = `(?:${[
  String.raw`<[^<].*|_:.*`,
  String.raw`"[^\u0000-\u001f\u007f]*"`,
  String.raw`"[^\u0000-\u001f\u007f]*"@[a-z\d]+(?:-[a-z\d]+)*`,
  String.raw`"[^\u0000-\u001f\u007f]*"\^\^<http://www\.w3\.org/1999/02/22-rdf-syntax-ns#JSON>`,
  String.raw`"(?:true|false)"\^\^<${xsd}boolean>`,
  String.raw`"(?:0|-?[1-9]\d{0,15})"\^\^<${xsd}integer>`,
  String.raw`"-?(?:0|[1-9]\d{0,7})\.\d{0,7}[1-9]"\^\^<${xsd}decimal>`,
  String.raw`"[12]\d{3}-\d\d-\d\d"\^\^<${xsd}date>`,
  String.raw`"[12]\d{3}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{0,5}[1-9])?Z"\^\^<${xsd}dateTime>`,
].join('|')})`;
const keptAsWritten = new RegExp(String.raw`^(?:${keptTerm}|<<\( \S+ \S+ ${keptTerm} \)>>)$`);

/**
 * The statements as Oxigraph keeps them, in the same order: it rewrites numbers, dates and language
 * tags, so that "01" taken out as "1" is the same statement.
 */
export function canonicalLines(lines: readonly string[]): string[] {
  const parts = lines.map((line) => (inDoubt.test(line) ? statement.exec(line) : null));
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
  for (const some of pieces(missing)) ask(some);
  return known;
}

// The same few dates and numbers come again and again, and asking takes a store of its own.
const known = new Map<string, string>();
const knownAtMost = 20_000;

/** Each object becomes that of a numbered statement, so that the answers find their questions. */
function ask(objects: readonly string[]): void {
  const scratch = new Store();
  const numbered = objects.map((object, n) => `<i:${n}> <i:o> ${object} .`).join('\n');
  load(scratch, numbered);
  const options = { format: 'application/n-triples', from_graph_name: defaultGraph() };
  for (const line of scratch.dump(options).split('\n')) {
    const [, number, form] = /^<i:(\d+)> <i:o> (.*) \.$/s.exec(line) ?? [];
    if (form !== undefined) known.set(objects[Number(number)]!, form);
  }
}
