import { GraphwrightError, type Problem } from '../../../errors.ts';
import { filledIn, withEnvironment, type Environment } from './environment.ts';
import { resolveSettings, type ResolvedSettings } from './resolve.ts';
import { ConversationSettings } from './schema.ts';
import { ownSettings, type GivenSettings } from './spelling.ts';

/** Where the settings of conversations come from; with nothing given, all is as by default. */
export interface ConversationSettingsSources {
  /**
   * As they were read from YAML or written in code: nested (`workflow_persistence`, `memory`) or flat
   * (`persistence_config`, `session_config`, `error_config`, `performance_config`), in snake_case or camelCase.
   */
  readonly settings?: unknown;
  /** What their place is called in messages; `settings` by default. */
  readonly file?: string;
  /** Variables that override them, and that their placeholders name; none by default. */
  readonly environment?: Environment;
}

/** Settings that are ready for use. */
export interface ReadSettings extends ResolvedSettings {
  readonly settings: ConversationSettings;
  /** Where each setting that was given came from: a variable, or a place in the file. By keys in normal form. */
  readonly origins: Readonly<Record<string, string>>;
}

/**
 * Reads the settings of conversations (rows V10 to V22), in either spelling; variables override them.
 * @example
 * const { engine, codec } = readConversationSettings({
 *   settings: { workflow_persistence: { backend: 'file', general: { checkpoint_interval: 60 } } },
 *   environment: process.env,
 * });
 * @throws GraphwrightError `invalid_configuration` with all that is wrong at once.
 */
export function readConversationSettings({
  settings,
  file = 'settings',
  environment = {},
}: ConversationSettingsSources = {}): ReadSettings {
  const problems: Problem[] = [];
  const given = ownSettings(settings, file, problems);
  fillIn(given, environment, problems);
  withEnvironment(given, environment, problems);
  const parsed = ConversationSettings.safeParse(nested(given));
  if (!parsed.success)
    for (const { path, message } of parsed.error.issues) {
      const { pointer = '', source = '' } = givenAt(given, path.map(String)) ?? {};
      problems.push({ pointer, detail: `${path.join('.')} (from ${source}): ${message}` });
    }
  if (!parsed.success || problems.length > 0) throw refused(problems);
  return {
    settings: parsed.data,
    origins: Object.fromEntries([...given].map(([key, { source }]) => [key, source])),
    ...resolveSettings(parsed.data, new Set(given.keys())),
  };
}

function fillIn(given: GivenSettings, environment: Environment, problems: Problem[]): void {
  for (const [key, setting] of given) {
    const value = filledIn(setting.value, environment, (name) =>
      problems.push({
        pointer: setting.pointer,
        detail: `${name} is not set; set it, or write \${${name}:default}`,
      }),
    );
    // `${NAME:}` without NAME is as if the key were not there.
    if (value === '') given.delete(key);
    else given.set(key, { ...setting, value });
  }
}

/** Only known keys are in it, so none can be a prototype's. */
function nested(given: GivenSettings): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [key, { value }] of given) {
    const path = key.split('.');
    const last = path.pop()!;
    let group = root;
    for (const name of path) group = (group[name] ??= {}) as Record<string, unknown>;
    group[last] = value;
  }
  return root;
}

/** The setting that a problem is about, which may be inside of a list. */
function givenAt(given: GivenSettings, path: readonly string[]) {
  const keys = path.map((_, at) => path.slice(0, path.length - at).join('.'));
  return keys.map((key) => given.get(key)).find((found) => found !== undefined);
}

const refused = (problems: readonly Problem[]) =>
  new GraphwrightError(
    'invalid_configuration',
    `The settings of conversations: ${problems
      .map(({ pointer, detail }) => (pointer ? `${pointer}: ${detail}` : detail))
      .join('; ')}`,
    { problems },
  );
