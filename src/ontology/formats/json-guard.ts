import { GraphwrightError } from '../../errors.ts';
import { mistake } from './reader.ts';

const deepest = 64;

/** What a JSON-LD document tells before it is read. */
export interface JsonFacts {
  /** Language tags as they were written, by their lower case. */
  languages: ReadonlyMap<string, string>;
}

/**
 * Refuses what must not reach a JSON-LD parser: nesting that overflows its stack, and contexts that it
 * would have to fetch.
 * @throws GraphwrightError `invalid_data` naming the place, `forbidden` naming the remote context.
 */
export function guardJson(text: string, name: string): JsonFacts {
  assertShallow(text, name);
  const languages = new Map<string, string>();
  const document = parsed(text);
  // What is no JSON is for the parser to refuse, which says where.
  if (document !== undefined) walk(document, name, languages);
  return { languages };
}

function assertShallow(text: string, name: string): void {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    if (quoted) {
      if (character === '\\') at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth > deepest) throw tooDeep(text, at, name);
  }
}

function tooDeep(text: string, at: number, name: string): GraphwrightError {
  const before = text.slice(0, at).split('\n');
  const column = before.at(-1)!.length + 1;
  return mistake(name, before.length, column, `JSON nested deeper than ${deepest}`, '');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const tag = /^[a-z]{1,8}(?:-[a-z\d]{1,8})*$/i;

function walk(value: unknown, name: string, languages: Map<string, string>): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) return value.forEach((part) => walk(part, name, languages));
  for (const [key, part] of Object.entries(value)) {
    if (key === '@context') assertLocal(part, name);
    if (key === '@language' && typeof part === 'string') languages.set(part.toLowerCase(), part);
    // Keys of a language map; what is none is asked for by nobody.
    if (tag.test(key) && /[A-Z]/.test(key) && !languages.has(key.toLowerCase()))
      languages.set(key.toLowerCase(), key);
    walk(part, name, languages);
  }
}

function assertLocal(context: unknown, name: string): void {
  const remote = [context]
    .flat()
    .map(imported)
    .find((part) => typeof part === 'string');
  if (remote === undefined) return;
  throw new GraphwrightError(
    'forbidden',
    `${name}: the context ${JSON.stringify(remote)} would have to be fetched, and nothing is; write the context into the document`,
  );
}

/** What a context imports, or the part itself. */
const imported = (part: unknown): unknown =>
  typeof part === 'object' && part !== null ? (part as Record<string, unknown>)['@import'] : part;
