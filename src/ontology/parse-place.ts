/** What sparqljs throws for a syntax error: the end of the last token that it took, lines from 1, columns from 0. */
interface SparqlError extends Error {
  hash?: { loc?: { last_line: number; last_column: number } };
}

/** What sparqljs says of a text, with `line:column`, both from 1, where it stopped; what it throws later has no place. */
export function withPlace(thrown: unknown, text: string): unknown {
  const loc = (thrown as SparqlError).hash?.loc;
  if (!loc) return thrown;
  const lines = text.split(/\r\n?|\n/);
  const before = lines.slice(0, loc.last_line - 1).reduce((sum, line) => sum + line.length + 1, 0);
  const whole = lines.join('\n');
  const place = placeAt(whole, nextToken(whole, before + loc.last_column));
  return new SyntaxError(`error at ${place}: ${(thrown as Error).message}`, { cause: thrown });
}

/** Where the next token begins: behind spaces and comments. */
function nextToken(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at += 1)
    if (text[at] === '#') at = endOfLine(text, at);
    else if (!/\s/.test(text[at]!)) break;
  return Math.min(at, text.length);
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** A place in a text as `line:column`, both from 1. */
export function placeAt(text: string, at: number): string {
  const lines = text.slice(0, at).split(/\r\n?|\n/);
  return `${lines.length}:${lines.at(-1)!.length + 1}`;
}
