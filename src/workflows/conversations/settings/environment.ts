import type { Problem } from '../../../errors.ts';
import { suggest } from '../../../nearest.ts';
import { conversationSettingKeys } from './schema.ts';
import type { GivenSettings } from './spelling.ts';

/** Variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

const ourPrefix = 'GRAPHWRIGHT_CONVERSATIONS_';
const theirPrefix = 'AMBIVO_AGENTS_WORKFLOW_PERSISTENCE_';

const nameOf = (prefix: string, key: string) =>
  `${prefix}${key
    .replaceAll('.', '_')
    .replaceAll(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()}`;

/** The variable that sets a key: `sqlite.databasePath` is GRAPHWRIGHT_CONVERSATIONS_SQLITE_DATABASE_PATH. */
export const conversationVariableOf = (key: string): string => nameOf(ourPrefix, key);

/** Keys that the variables of the other prefix may set: those of where and how conversations are kept. */
const kept = /^(backend$|(sqlite|redis|file|general|retention)\.)/;

const variables = (prefix: string, keys: readonly string[]) =>
  new Map(keys.map((key) => [nameOf(prefix, key), key]));
// In order: what a later one sets replaces what an earlier one sets (row V19).
const prefixes = [
  {
    prefix: theirPrefix,
    known: variables(
      theirPrefix,
      conversationSettingKeys.filter((key) => kept.test(key)),
    ),
  },
  { prefix: ourPrefix, known: variables(ourPrefix, conversationSettingKeys) },
];

/**
 * Puts what variables say over what was given.
 * @param problems Gets one for each variable with one of the prefixes that sets nothing.
 */
export function withEnvironment(
  given: GivenSettings,
  environment: Environment,
  problems: Problem[],
): void {
  for (const { prefix, known } of prefixes)
    for (const [name, value] of Object.entries(environment)) {
      // One that is set to nothing is as if it were not set.
      if (!name.startsWith(prefix) || value === undefined || value === '') continue;
      const key = known.get(name);
      if (key === undefined) {
        const detail = `Unknown variable ${name}; ${suggested(name, prefix, known)}`;
        problems.push({ pointer: '', detail });
      } else given.set(key, { value, source: name, pointer: '' });
    }
}

/** Near without what all begin with, which would make all of them near. */
function suggested(name: string, prefix: string, known: ReadonlyMap<string, string>): string {
  const names = [...known.keys()].map((each) => each.slice(prefix.length));
  return suggest(name.slice(prefix.length), names).replace(
    'did you mean ',
    `did you mean ${prefix}`,
  );
}

/**
 * A text with its placeholders filled in: `${NAME}` is the variable NAME, `${NAME:text}` the text when it is not
 * set. Anything but a text stays as it is.
 */
export function filledIn(
  value: unknown,
  environment: Environment,
  missing: (name: string) => void,
): unknown {
  if (Array.isArray(value)) return value.map((each) => filledIn(each, environment, missing));
  if (typeof value !== 'string') return value;
  return value.replace(
    /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::([^}]*))?\}/g,
    (_, name: string, otherwise?: string) => {
      const set = Object.hasOwn(environment, name) ? environment[name] : undefined;
      if (set === undefined && otherwise === undefined) missing(name);
      return set ?? otherwise ?? '';
    },
  );
}
