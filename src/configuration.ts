import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse as parseDotenv } from 'dotenv';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { Configuration } from './configuration-schema.ts';
import { GraphwrightError } from './errors.ts';
import { nearest } from './nearest.ts';

/** One setting: its value, and where that came from. */
export interface Setting {
  key: string;
  value: unknown;
  source: string;
}

/** Where settings are looked for. */
export interface ConfigurationSources {
  /** By key, such as `server.port`; what is undefined is not given. */
  flags?: Readonly<Record<string, unknown>>;
  environment?: Readonly<Record<string, string | undefined>>;
  /** Where .env and graphwright.config.yaml lie; the working directory by default. */
  directory?: string;
  /** A configuration file instead of graphwright.config.yaml; it must exist. */
  file?: string;
}

/** Every setting's key, such as `server.port`. */
export const settingKeys: readonly string[] = leaves(Configuration);

const variablePrefix = 'GRAPHWRIGHT_';

/** Variables of a group that is not read here. */
const conversationsPrefix = 'GRAPHWRIGHT_CONVERSATIONS_';

/** The variable that sets a key: `server.apiKey` is GRAPHWRIGHT_SERVER_API_KEY. */
export const variableOf = (key: string): string =>
  `${variablePrefix}${key
    .replaceAll('.', '_')
    .replaceAll(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()}`;

/**
 * Reads the configuration: flags over environment over .env over graphwright.config.yaml over defaults.
 * @throws GraphwrightError `invalid_configuration` naming the source and the key, and the nearest right one.
 */
export function loadConfiguration(sources: ConfigurationSources = {}): {
  configuration: Configuration;
  settings: Setting[];
} {
  const given = new Map<string, Setting>();
  // From the weakest to the strongest: a later one replaces an earlier one.
  for (const setting of [
    ...fromFile(sources),
    ...fromDotenv(sources),
    ...fromEnvironment(sources.environment ?? process.env, 'environment'),
    ...fromFlags(sources),
  ])
    given.set(setting.key, setting);
  const configuration = check(given);
  const settings = settingKeys.map((key) => {
    const value = key
      .split('.')
      .reduce<unknown>((part, name) => (part as Record<string, unknown>)[name], configuration);
    return { key, value, source: given.get(key)?.source ?? 'default' };
  });
  return { configuration, settings };
}

/** All variables, those of .env included, as whoever reads more settings from them needs them. */
export const variablesOf = ({
  directory = '.',
  environment = process.env,
}: ConfigurationSources = {}): Record<string, string | undefined> => ({
  ...dotenvIn(directory),
  // One that is set to nothing is as if it were not set.
  ...Object.fromEntries(Object.entries(environment).filter(([, value]) => value)),
});

const secrets = new Set([
  'conversations',
  'server.apiKey',
  'server.keys',
  'mail.smtpUrl',
  'runs.databaseUrl',
  'customers.crmToken',
  'model.apiKey',
  'agents.apiKey',
  'store.token',
]);

/** A setting as it may be shown: secrets are hidden. */
export const redacted = (setting: Setting): Setting =>
  secrets.has(setting.key) && setting.value !== undefined && setting.source !== 'default'
    ? { ...setting, value: '(hidden)' }
    : setting;

function check(given: ReadonlyMap<string, Setting>): Configuration {
  const nested: Record<string, unknown> = {};
  for (const { key, value } of given.values()) {
    const [first = '', second] = key.split('.');
    if (second === undefined) nested[first] = value;
    else nested[first] = { ...(nested[first] as object | undefined), [second]: value };
  }
  const parsed = Configuration.safeParse(nested);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => {
    const key = path.join('.');
    return {
      pointer: `/${path.join('/')}`,
      detail: `${key} (from ${given.get(key)?.source ?? 'default'}): ${message}`,
    };
  });
  throw invalid(problems.map(({ detail }) => detail).join('; '), { problems, cause: parsed.error });
}

function* fromFile({ directory = '.', file }: ConfigurationSources): Generator<Setting> {
  const path = resolve(directory, file ?? 'graphwright.config.yaml');
  if (!existsSync(path)) {
    if (file) throw invalid(`No configuration file ${path}`);
    return;
  }
  for (const [key, value] of flatten(readYaml(path), path)) {
    // A group whose lines are all commented out.
    if (value === null && (keysIn(key).length || key === 'conversations')) continue;
    yield { key: known(key, path), value, source: path };
  }
}

function readYaml(path: string): unknown {
  try {
    return parseYaml(readFileSync(path, 'utf8')) ?? {};
  } catch (cause) {
    throw invalid(`${path}: ${(cause as Error).message}`, { cause });
  }
}

const isGroup = (part: unknown): part is Record<string, unknown> =>
  typeof part === 'object' && part !== null && !Array.isArray(part);

function flatten(value: unknown, path: string): [string, unknown][] {
  if (!isGroup(value)) throw invalid(`${path} must hold keys and values`);
  return Object.entries(value).flatMap(([key, part]) =>
    isGroup(part) && key !== 'conversations'
      ? Object.entries(part).map(([inner, leaf]): [string, unknown] => [`${key}.${inner}`, leaf])
      : [[key, part] as [string, unknown]],
  );
}

function fromDotenv({ directory = '.' }: ConfigurationSources): Setting[] {
  return [...fromEnvironment(dotenvIn(directory), join(directory, '.env'))];
}

function dotenvIn(directory: string): Record<string, string> {
  const path = join(directory, '.env');
  return existsSync(path) ? parseDotenv(readFileSync(path)) : {};
}

function* fromEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
  source: string,
): Generator<Setting> {
  const keys = new Map(settingKeys.map((key) => [variableOf(key), key]));
  for (const [name, value] of Object.entries(variables)) {
    if (!name.startsWith(variablePrefix) || value === undefined || value === '') continue;
    if (name.startsWith(conversationsPrefix)) continue;
    const key = keys.get(name);
    if (!key)
      throw invalid(
        `Unknown variable ${name} (from ${source}); ${hint(name, [...keys.keys()], '_')}`,
      );
    yield { key, value, source: source === 'environment' ? name : `${name} in ${source}` };
  }
}

function* fromFlags({ flags = {} }: ConfigurationSources): Generator<Setting> {
  for (const [key, value] of Object.entries(flags))
    if (value !== undefined) yield { key: known(key, 'flags'), value, source: 'flag' };
}

const keysIn = (group: string) => settingKeys.filter((key) => key.startsWith(`${group}.`));

function known(key: string, source: string): string {
  if (settingKeys.includes(key)) return key;
  const keys = keysIn(key);
  if (keys.length) throw invalid(`${key} (from ${source}) is a group of ${keys.join(', ')}`);
  throw invalid(`Unknown key ${key} (from ${source}); ${hint(key, settingKeys, '.')}`);
}

/** A name may be right but for its group; otherwise the nearest is meant, whatever all begin with. */
function hint(wrong: string, names: readonly string[], separator: string): string {
  const prefix = wrong.startsWith(variablePrefix) ? variablePrefix : '';
  const word = wrong.slice(prefix.length);
  const inGroups = names.filter((name) => name.endsWith(separator + word));
  const near = nearest(
    word,
    names.map((name) => name.slice(prefix.length)),
  );
  if (inGroups.length) return `did you mean ${inGroups.join(' or ')}?`;
  return near === undefined ? `there are ${names.join(', ')}` : `did you mean ${prefix}${near}?`;
}

function leaves(schema: z.ZodObject): string[] {
  return Object.entries(schema.shape).flatMap(([key, type]) => {
    const inner = type instanceof z.ZodPrefault ? type.unwrap() : type;
    return inner instanceof z.ZodObject ? leaves(inner).map((leaf) => `${key}.${leaf}`) : [key];
  });
}

const invalid = (
  message: string,
  details: ConstructorParameters<typeof GraphwrightError>[2] = {},
) => new GraphwrightError('invalid_configuration', message, details);
