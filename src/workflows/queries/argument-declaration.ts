import { GraphwrightError } from '../../errors.ts';
import { suggest } from '../../nearest.ts';
import { argumentSchema, datatypes, type Argument, type ArgumentType } from './argument.ts';

/** What a declaration looks like, for messages. */
export const declarationForm = '@argument name: type - What it is';

/**
 * Reads one argument's declaration: `segments?: ("premium" | "enterprise")[] - How they are served`.
 * @throws GraphwrightError `invalid_configuration` saying what is wrong with it.
 */
export function parseDeclaration(text: string): Argument {
  const head = /^([A-Za-z]\w*)(\?)?\s*:\s*/.exec(text);
  if (!head) throw misdeclared(`Expected ${declarationForm}, not ${JSON.stringify(text)}`);
  const [all, name = '', optional] = head;
  const { type, rest } = readType(text.slice(all.length));
  const { given, description } = readTail(rest);
  const isOptional = optional !== undefined;
  return checkedArgument({ name, description, ...type, default: given, isOptional });
}

/**
 * Checks what no syntax tells: that the name can be a key, and that the default fits.
 * @throws GraphwrightError `invalid_configuration`
 */
export function checkedArgument(argument: Argument): Argument {
  const { name, default: given, isOptional } = argument;
  if (name in {} || name === 'limit')
    throw misdeclared('This name has a meaning of its own; choose another');
  if (given === undefined) return argument;
  if (isOptional)
    throw misdeclared(
      'What has a default is never absent; leave out the question mark or the default',
    );
  const checked = argumentSchema({ ...argument, default: undefined }).safeParse(given);
  if (checked.success) return argument;
  const [issue] = checked.error.issues;
  throw misdeclared(`The default ${JSON.stringify(given)} does not fit: ${issue?.message}`);
}

const misdeclared = (detail: string) => new GraphwrightError('invalid_configuration', detail);

type TypeWords = Pick<Argument, 'type' | 'values' | 'least' | 'most' | 'beginning' | 'isList'>;

const choice = String.raw`"(?:[^"\\]|\\.)*"`;
const choices = String.raw`${choice}(?:\s*\|\s*${choice})*`;
const enumeration = new RegExp(String.raw`^(?:\(\s*(${choices})\s*\)\[\]|(${choices}))`);
const plainType = /^([A-Za-z]\w*)(?:\(([^)]*)\))?(\[\])?/;

function readType(text: string): { type: TypeWords; rest: string } {
  const [all, listed, single] = enumeration.exec(text) ?? [];
  if (all !== undefined) {
    const texts = [...(listed ?? single)!.matchAll(new RegExp(choice, 'g'))];
    const values = texts.map(([quoted]) => JSON.parse(quoted) as string);
    const type = { type: 'string', values, isList: listed !== undefined } as const;
    return { type, rest: text.slice(all.length) };
  }
  const [found, word = '', constraint, list] = plainType.exec(text) ?? [];
  if (found === undefined)
    throw misdeclared(`Expected a type: ${typeNames.join(', ')}, or texts as "a" | "b"`);
  const type = typeOf(word);
  const limits = constraint === undefined ? {} : readConstraint(type, constraint);
  const isList = list !== undefined;
  return { type: { type, ...limits, isList }, rest: text.slice(found.length) };
}

const typeNames = Object.keys(datatypes);

/** The type of this name. @throws GraphwrightError `invalid_configuration` naming the nearest. */
export function typeOf(word: string): ArgumentType {
  if (typeNames.includes(word)) return word as ArgumentType;
  throw misdeclared(`There is no type ${word}; ${suggest(word, typeNames)}`);
}

function readConstraint(type: ArgumentType, text: string): Partial<TypeWords> {
  if (type === 'iri') {
    if (/^[A-Za-z][A-Za-z\d+.-]*:[^\s<>"{}|\\^`]*$/.test(text)) return { beginning: text };
    throw misdeclared(
      `iri(…) takes what the IRI begins with, such as urn:graphwright:customer:, not ${text}`,
    );
  }
  const bounds = /^(-?\d+(?:\.\d+)?)?\.\.(-?\d+(?:\.\d+)?)?$/.exec(text.replaceAll(' ', ''));
  if (!bounds || !['string', 'integer', 'decimal'].includes(type))
    throw misdeclared(
      `${type}(${text}) means nothing; a range is written as integer(1..100) or string(..200)`,
    );
  const [least, most] = bounds.slice(1).map((bound) => (bound ? Number(bound) : undefined));
  if (least !== undefined && most !== undefined && least > most)
    throw misdeclared(`Nothing is in the range ${text}`);
  return { least, most };
}

/** Reads what follows the type: `= default`, in JSON, and `- description`. */
function readTail(text: string): { given?: unknown; description: string } {
  const [assigned = ''] = /^\s*=\s*/.exec(text) ?? [];
  // The default may hold what looks like the dash before the description.
  for (const { 0: dash, index } of text.matchAll(/\s-\s+/g)) {
    const before = text.slice(assigned.length, index);
    const description = text.slice(index + dash.length).trim();
    if (!assigned && before.trim() === '' && description) return { description };
    const given = assigned ? json(before) : undefined;
    if (given !== undefined && description) return { given, description };
  }
  const wanted = assigned ? 'a default in JSON, then " - " and' : '" - " after the type, then';
  throw misdeclared(`Expected ${wanted} what it is, not ${JSON.stringify(text.trim())}`);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not silent: the caller says what was expected.
    return undefined;
  }
}
