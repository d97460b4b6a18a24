import { Parser } from 'n3';
import { escapes, factory, xsd, type Literal, type Quad, type Term } from '../terms.ts';

/**
 * A term as canonical N-Triples writes it. Validation compares, counts and keeps terms in this form:
 * equal terms have equal texts, and no object is made for any of the many that are in order.
 */
export type TermText = string;

const string = xsd('string').value;

/** The text of a term; language tags are told apart without regard to case when they are compared. */
export function textOf(term: Term): TermText {
  switch (term.termType) {
    case 'NamedNode':
      return `<${term.value}>`;
    case 'BlankNode':
      return `_:${term.value}`;
    case 'Literal':
      return literalText(term);
    case 'Quad':
      return `<<( ${textOf(term.subject)} ${textOf(term.predicate)} ${textOf(term.object)} )>>`;
    default:
      return '';
  }
}

function literalText(literal: Literal & { direction?: string | null }): TermText {
  const { value, language, datatype, direction } = literal;
  const text = quoted(value);
  if (language) return `${text}@${language}${direction ? `--${direction}` : ''}`;
  return datatype.value === string ? text : `${text}^^<${datatype.value}>`;
}

/** A text between its quotes, as Oxigraph writes it as well: the same statement is the same line. */
export const quoted = (value: string): string => `"${value.replace(special, escaped)}"`;

// oxlint-disable-next-line no-control-regex -- those are what must be escaped
const special = /["\\\u0000-\u001f\u007f]/g;

const escaped = (character: string): string =>
  escapes[character] ?? `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;

/** A literal's text with every control character escaped, where another writer left some as they are. */
export const withEscapes = (text: TermText): TermText => text.replace(control, escaped);

// oxlint-disable-next-line no-control-regex -- those are what must be escaped
const control = /[\u0000-\u001f\u007f]/g;

/** A literal's parts. */
export interface LiteralParts {
  value: string;
  /** An IRI. */
  datatype: string;
  /** Empty where there is none. */
  language: string;
}

/** Takes a literal's text apart; nothing comes back for another kind of term. */
export function literalParts(text: TermText): LiteralParts | undefined {
  if (!text.startsWith('"')) return undefined;
  const end = text.lastIndexOf('"');
  const value = unescaped(text.slice(1, end));
  const suffix = text.slice(end + 1);
  if (suffix === '') return { value, datatype: string, language: '' };
  if (suffix.startsWith('^^')) return { value, datatype: suffix.slice(3, -1), language: '' };
  const [language = '', direction] = suffix.slice(1).split('--');
  return { value, datatype: direction ? dirLangString : langString, language };
}

export const langString = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#langString';
const dirLangString = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#dirLangString';

/** The term of a text. */
export function termOf(text: TermText): Term {
  if (text.startsWith('<<')) return tripleTerm(text);
  if (text.startsWith('<')) return factory.namedNode(text.slice(1, -1));
  if (text.startsWith('_:')) return factory.blankNode(text.slice(2));
  const { value, datatype, language } = literalParts(text)!;
  return factory.literal(value, language || factory.namedNode(datatype));
}

/** The kind of node that a text is, as RDF/JS names it. */
export function termType(text: TermText): Term['termType'] {
  if (text.startsWith('"')) return 'Literal';
  if (text.startsWith('_')) return 'BlankNode';
  return text.startsWith('<<') ? 'Quad' : 'NamedNode';
}

function tripleTerm(text: TermText): Term {
  const [quad] = new Parser({ format: 'N-Triples', blankNodePrefix: '', factory }).parse(
    `<x:s> <x:p> ${text} .`,
  ) as Quad[];
  return quad!.object;
}

const unescapes = new Map(Object.entries(escapes).map(([raw, written]) => [written, raw]));

/** What {@link quoted} was given, of the text between the quotes. */
export function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:u([\dA-F]{4})|.)/g, (whole, code?: string) =>
    code ? String.fromCharCode(Number.parseInt(code, 16)) : (unescapes.get(whole) ?? whole),
  );
}
