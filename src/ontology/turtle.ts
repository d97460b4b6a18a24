import { Parser } from 'n3';
import { GraphwrightError } from '../errors.ts';
import { columnOf, type N3Error, type N3Token } from './n3-errors.ts';
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
  let last: N3Token = { line: 1, start: 0, end: 0 };
  const onToken = (token: N3Token) => void (last = token);
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

function syntaxError(cause: N3Error, text: string, name: string, last: N3Token): GraphwrightError {
  const line = cause.context?.line ?? last.line;
  const source = text.split(/\r\n?|\n/)[line - 1] ?? '';
  const message = cause.message.replace(/ on line \d+\.$/, '');
  const detail = `${name}:${line}:${columnOf(cause, source, last)}: ${message}`;
  return new GraphwrightError('invalid_data', `${detail} in ${JSON.stringify(source.trim())}`, {
    problems: [{ pointer: '', detail }],
    cause,
  });
}

/** A side of n3's parser that its types leave out. */
interface ObservableParser {
  parse(text: string, callbacks: { onToken(token: N3Token): void }): Quad[];
}
