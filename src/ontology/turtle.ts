import { Parser } from 'n3';
import { GraphwrightError } from '../errors.ts';
import { factory, iri, type Quad } from './terms.ts';

/**
 * Parses Turtle. Blank nodes are named by their order in the text, so that the same text always gives the
 * same quads.
 * @param name Names the text in messages, such as its file.
 * @param blank What blank nodes' labels begin with; texts that end in one graph need different ones.
 * @param base What relative IRIs are resolved against; without it they are mistakes.
 * @throws GraphwrightError `invalid_data` naming line and column (both from 1) and what stands there.
 */
export function parseTurtle(text: string, name: string, blank = 'b', base?: string): Quad[] {
  let last: Token = { line: 1, start: 0, end: 0 };
  const onToken = (token: Token) => void (last = token);
  try {
    const options = {
      format: 'text/turtle',
      factory: checked(blank),
      blankNodePrefix: '',
      baseIRI: base,
    };
    return (new Parser(options) as unknown as ObservableParser).parse(text, { onToken });
  } catch (cause) {
    throw syntaxError(cause as N3Error, text, name, last);
  }
}

/** Makes terms for n3, which by itself lets relative IRIs through where the text has no base. */
function checked(blank: string): typeof factory {
  let count = 0;
  const names = new Map<string, string>();
  const blankNode = (label = `anonymous ${count}`) => {
    const known = names.get(label) ?? `${blank}${count++}`;
    names.set(label, known);
    return factory.blankNode(known);
  };
  return { ...factory, namedNode: absolute, blankNode };
}

const absolute: typeof factory.namedNode = (value) => {
  iri(value);
  return factory.namedNode(value);
};

function syntaxError(cause: N3Error, text: string, name: string, last: Token): GraphwrightError {
  const line = cause.context?.line ?? last.line;
  const source = text.split(/\r\n?|\n/)[line - 1] ?? '';
  const message = cause.message.replace(/ on line \d+\.$/, '');
  const detail = `${name}:${line}:${columnOf(cause, source, last)}: ${message}`;
  return new GraphwrightError('invalid_data', `${detail} in ${JSON.stringify(source.trim())}`, {
    problems: [{ pointer: '', detail }],
    cause,
  });
}

/** Text that is no token begins after the last token before it. */
function columnOf({ context }: N3Error, source: string, last: Token): number {
  const token = context ? context.token : last;
  if (token) return token.start + 1;
  const before = context?.previousToken;
  const from = before && (before.endLine ?? before.line) === context?.line ? before.end : 0;
  return from + Math.max(0, source.slice(from).search(/\S/)) + 1;
}

/** Where n3 found a token: the line from 1, the columns from 0. */
interface Token {
  line: number;
  endLine?: number;
  start: number;
  end: number;
}

/** What n3 throws for a syntax error; without a context it comes from the terms' factory. */
interface N3Error extends Error {
  context?: { line: number; token?: Token; previousToken?: Token };
}

/** A side of n3's parser that its types leave out. */
interface ObservableParser {
  parse(text: string, callbacks: { onToken(token: Token): void }): Quad[];
}
