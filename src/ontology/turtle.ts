import { Parser } from 'n3';
import { GraphwrightError } from '../errors.ts';
import { factory, type Quad } from './terms.ts';

/**
 * Parses Turtle. Blank nodes are named by their order in the text, so that the same text always gives the
 * same quads.
 * @param name Names the text in messages, such as its file.
 * @throws GraphwrightError `invalid_data` naming line and column (both from 1) and what stands there.
 */
export function parseTurtle(text: string, name: string): Quad[] {
  let count = 0;
  const names = new Map<string, string>();
  const rename = (label: string) => {
    const known = names.get(label) ?? `b${count++}`;
    names.set(label, known);
    return factory.blankNode(known);
  };
  const ordered = {
    ...factory,
    blankNode: (label?: string) => rename(label ?? `anonymous ${count}`),
  };
  try {
    return new Parser({ format: 'text/turtle', factory: ordered, blankNodePrefix: '' }).parse(text);
  } catch (cause) {
    throw syntaxError(cause, text, name);
  }
}

function syntaxError(cause: unknown, text: string, name: string): GraphwrightError {
  const { message, context } = cause as N3Error;
  const line = context?.line ?? 1;
  const source = text.split('\n')[line - 1] ?? '';
  const { value, type } = context?.token ?? {};
  const token = [value, type].find(
    (part) => typeof part === 'string' && part && source.includes(part),
  );
  const column =
    (token === undefined ? Math.max(0, source.search(/\S/)) : source.indexOf(token)) + 1;
  const place = `${name}:${line}:${column}`;
  return new GraphwrightError(
    'invalid_data',
    `${place}: ${message.trim()} in ${JSON.stringify(source.trim())}`,
    {
      problems: [{ pointer: '', detail: `${place}: ${message.trim()}` }],
      cause,
    },
  );
}

/** What n3 throws for a syntax error. */
interface N3Error extends Error {
  context?: { line?: number; token?: { type?: string; value?: string } };
}
