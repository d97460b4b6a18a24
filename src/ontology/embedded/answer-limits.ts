import { GraphwrightError } from '../../errors.ts';
import type { QueryForm } from '../query-text.ts';
import type { AnswerLimits } from '../store.ts';
import { trapped } from './oxigraph-errors.ts';

/** A query, and what its answer may hold. */
export interface BoundedQuery {
  text: string;
  form: QueryForm;
  format: string;
  limits: AnswerLimits;
}

/**
 * Asks a query whose answer must stay within limits; a SELECT is made to stop one row beyond them, so that
 * the engine does not make what is not sent.
 * @param ask Gives the answer to a text in the media type `format`.
 * @throws GraphwrightError `too_large`
 */
export function limitedAnswer(
  { text, form, format, limits }: BoundedQuery,
  ask: (text: string) => string,
): string {
  const isTable = form === 'SELECT';
  const answer = isTable ? stopped(text, limits.rows + 1, ask) : ask(text);
  if (Buffer.byteLength(answer) > limits.bytes) throw tooLarge(`${limits.bytes} bytes`);
  if (isTable && mayHold(answer, limits.rows) && rowsIn(answer, format) > limits.rows)
    throw tooLarge(`${limits.rows} rows`);
  return answer;
}

const tooLarge = (limit: string) =>
  new GraphwrightError(
    'too_large',
    `The answer has more than ${limit}; ask for less, or for parts of it by LIMIT and OFFSET`,
  );

function stopped(text: string, rows: number, ask: (text: string) => string): string {
  const shortened = withLimit(text, rows);
  try {
    return ask(shortened);
  } catch (thrown) {
    if (shortened === text || trapped(thrown)) throw thrown;
    // What is wrong, and where, is to be said of the text that was sent.
    return ask(text);
  }
}

// Names are taken whole, so that :limit and ?values are no keywords.
const token =
  /#[^\n\r]*|"""(?:[^"\\]|\\.|""?(?!"))*"""|'''(?:[^'\\]|\\.|''?(?!'))*'''|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*'|<[^\s<>"{}|^`\\]*>|[?$@][\p{L}\p{N}_-]+|[\p{L}_][\p{L}\p{N}_.-]*(?::(?:[\p{L}\p{N}_.:%-]|\\.)*)?|:(?:[\p{L}\p{N}_.:%-]|\\.)*|\d+|[{}()]/gsu;

/** The query with a LIMIT of at most so many rows around all of it. */
export function withLimit(text: string, rows: number): string {
  if (!/limit|values/i.test(text)) return `${text}\nLIMIT ${rows}\n`;
  let depth = 0;
  let values: number | undefined;
  let limit = false;
  for (const { 0: found, index } of text.matchAll(token)) {
    if (limit) return Number(found) <= rows ? text : splice(text, index, found.length, `${rows}`);
    if (found === '{' || found === '(') depth += 1;
    else if (found === '}' || found === ')') depth -= 1;
    if (depth > 0) continue;
    if (/^limit$/i.test(found)) limit = true;
    else if (/^values$/i.test(found)) values ??= index;
  }
  return splice(text, values ?? text.length, 0, `\nLIMIT ${rows}\n`);
}

const splice = (text: string, at: number, length: number, instead: string) =>
  text.slice(0, at) + instead + text.slice(at + length);

/** Whether there is room for more rows at all; each takes a character and its separator. */
const mayHold = (answer: string, rows: number): boolean => answer.length > rows;

/** How many solutions a table holds. */
export function rowsIn(answer: string, format: string): number {
  if (format.endsWith('xml')) return occurrences(answer, '<result>');
  if (format.endsWith('json')) return objectsIn(answer, answer.indexOf('"bindings":['));
  if (format === 'text/tab-separated-values') return occurrences(answer, '\n') - 1;
  return linesIn(answer) - 1;
}

function occurrences(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count += 1;
  return count;
}

/** The lines of CSV, where a quoted value may hold newlines. */
function linesIn(csv: string): number {
  let count = 0;
  let quoted = false;
  for (let at = 0; at < csv.length; at += 1) {
    const code = csv.charCodeAt(at);
    if (code === quote) quoted = !quoted;
    else if (code === newline && !quoted) count += 1;
  }
  return count;
}

/** The objects in a JSON array, not counting those within them. */
function objectsIn(json: string, from: number): number {
  let count = 0;
  let depth = 0;
  for (let at = from + '"bindings":['.length; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === quote) at = endOfString(json, at);
    else if (code === open && (depth += 1) === 1) count += 1;
    else if (code === close) depth -= 1;
  }
  return count;
}

function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json.charCodeAt(at) !== quote)
    at += json.charCodeAt(at) === backslash ? 2 : 1;
  return at;
}

const [quote, newline, open, close, backslash] = ['"', '\n', '{', '}', '\\'].map((character) =>
  character.charCodeAt(0),
) as [number, number, number, number, number];
