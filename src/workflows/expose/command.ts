import { GraphwrightError } from '../../errors.ts';
import { suggest } from '../../nearest.ts';
import type { AnyWorkflow } from '../workflow.ts';
import { coerce, types, type Given } from './coerce.ts';
import { inputSchema, type JsonSchema } from './schemas.ts';

/** Where parameters come from besides the words of the command. */
export interface CommandInput {
  /** Reads all of standard input; for the word `-`. */
  readStdin(): Promise<string>;
  /** Reads a file; for `--file`. */
  readFile(path: string): Promise<string>;
}

/** A parameter as the command's help shows it. */
export interface ParameterHelp {
  flag: string;
  type: string;
  required: boolean;
  description: string;
  default?: unknown;
}

/**
 * Reads a workflow's parameters from the words of a command: `--customer-id c-1`, `--no-send-response`, a
 * flag again for each item of an array, JSON for objects; and a JSON object from `--file FILE` or from
 * standard input (`-`), which flags override.
 * @throws GraphwrightError `invalid_parameters` for an unknown flag, naming the nearest one, or for broken JSON.
 */
export async function parseParameters(
  workflow: AnyWorkflow,
  words: readonly string[],
  input: CommandInput,
): Promise<Record<string, unknown>> {
  const schema = inputSchema(workflow);
  const { flags, file, stdin } = readWords(schema, words);
  return {
    ...(file !== undefined && readObject(await input.readFile(file), file)),
    ...(stdin && readObject(await input.readStdin(), 'standard input')),
    ...coerce(schema, flags),
  };
}

/** What `graphwright run NAME --help` lists. */
export function describeParameters(workflow: AnyWorkflow): ParameterHelp[] {
  const { properties = {}, required = [] } = inputSchema(workflow);
  return Object.entries(properties).map(([name, schema]) => ({
    flag: `--${kebab(name)}`,
    type: typeName(schema),
    required: required.includes(name),
    description: schema.description ?? '',
    default: schema.default,
  }));
}

interface Words {
  flags: Record<string, Given>;
  file?: string;
  stdin: boolean;
}

function readWords(schema: JsonSchema, words: readonly string[]): Words {
  const read: Words = { flags: {}, stdin: false };
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '-') read.stdin = true;
    else if (word.startsWith('--')) readFlag(schema, word, rest, read);
    else throw invalid(`Unexpected ${JSON.stringify(word)}; parameters are given as --name value`);
  }
  return read;
}

/** Reads one flag, and takes its value from the words that follow where it needs one. */
function readFlag(schema: JsonSchema, word: string, rest: string[], read: Words): void {
  const [flag = '', ...parts] = word.split('=');
  const { key, negated } = keyOf(schema, flag);
  if (negated && parts.length) throw invalid(`${flag} takes no value`);
  const value = parts.length ? parts.join('=') : isBoolean(schema, key) ? !negated : rest.shift();
  if (value === undefined) throw invalid(`${flag} needs a value`);
  if (key === 'file' && !schema.properties?.['file']) read.file = String(value);
  else add(read.flags, key, value);
}

function keyOf(schema: JsonSchema, flag: string): { key: string; negated: boolean } {
  const keys = Object.keys(schema.properties ?? {});
  const name = flag.slice(2);
  const find = (wanted: string) => keys.find((key) => key === wanted || kebab(key) === wanted);
  const key = find(name) ?? (name === 'file' ? name : undefined);
  if (key !== undefined) return { key, negated: false };
  const opposite = name.startsWith('no-') ? find(name.slice(3)) : undefined;
  if (opposite !== undefined && isBoolean(schema, opposite))
    return { key: opposite, negated: true };
  const flags = [...keys.map((candidate) => `--${kebab(candidate)}`), '--file'];
  throw invalid(`Unknown flag ${flag}; ${suggest(flag, flags)}`);
}

/** Whether a flag says it all by being there; one that may be a text too takes the word that follows. */
function isBoolean(schema: JsonSchema, key: string): boolean {
  const wanted = types(schema.properties?.[key] ?? {});
  return wanted.includes('boolean') && !wanted.includes('string');
}

const invalid = (message: string, cause?: unknown) =>
  new GraphwrightError('invalid_parameters', message, { cause });

function add(values: Record<string, Given>, key: string, value: string | boolean): void {
  const before = values[key];
  values[key] = before === undefined ? value : [...[before].flat(), value];
}

function readObject(text: string, name: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (cause) {
    throw invalid(`${name}: ${(cause as Error).message}`, cause);
  }
  throw invalid(`${name}: expected a JSON object of parameters`);
}

function typeName(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.join('|');
  if (schema.items) return `${typeName(schema.items)}…`;
  return types(schema).join('|') || 'json';
}

const kebab = (key: string) => key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
