import { GraphwrightError } from '../../../../errors.ts';
import type { Statement } from '../../../../ontology/embedded/state-file.ts';

/** The names of the tables in the state file (row V15). */
export interface SqliteTables {
  readonly conversations: string;
  readonly entries: string;
  readonly snapshots: string;
  readonly inbox: string;
  readonly windows: string;
}

/** The names with which statements are written. */
export const defaultSqliteTables: SqliteTables = {
  conversations: 'conversations',
  entries: 'conversation_entries',
  snapshots: 'conversation_snapshots',
  inbox: 'conversation_inbox',
  windows: 'conversation_windows',
};

/** Their indexes, and the table of refusals, which are named after the conversations when those have another name. */
const beside = [
  'conversations_by_time',
  'conversations_by_session',
  'open_conversations',
  'waiting_conversations',
  'conversation_messages',
  'conversation_checkpoints',
  'conversation_refusals',
];

/** What a state file has besides, and what statements call their parts. */
const taken =
  /^(sqlite_.*|agent_.*|run_.*|runs|watched|newest|journal|journal_start|snapshot|snapshot_page|head|bounds|base)$/i;

/**
 * Puts the names that are configured into statements.
 * @throws GraphwrightError `invalid_configuration` for a name that would have to be quoted, or is not free.
 */
export function renaming(given: Partial<SqliteTables> = {}): (statement: Statement) => Statement {
  const tables = { ...defaultSqliteTables, ...given };
  const keys = Object.keys(defaultSqliteTables) as (keyof SqliteTables)[];
  const changed = keys.filter((key) => tables[key] !== defaultSqliteTables[key]);
  if (changed.length === 0) return (statement) => statement;
  assertNames(keys.map((key) => tables[key]));
  const names = new Map(keys.map((key) => [defaultSqliteTables[key], tables[key]]));
  for (const name of beside) names.set(name, `${tables.conversations}_${name}`);
  const pattern = new RegExp(String.raw`\b(${[...names.keys()].join('|')})\b`, 'g');
  const renamed = new Map<string, string>();
  const rename = ({ sql, otherwise, ...statement }: Statement): Statement => {
    let text = renamed.get(sql);
    if (text === undefined)
      renamed.set(sql, (text = sql.replace(pattern, (name) => `"${names.get(name)}"`)));
    return { sql: text, ...statement, ...(otherwise && { otherwise: rename(otherwise) }) };
  };
  return rename;
}

function assertNames(names: readonly string[]): void {
  const wrong = names.filter((name) => !/^[a-z_][a-z0-9_]{0,39}$/i.test(name) || taken.test(name));
  const quoted = wrong.map((name) => JSON.stringify(name)).join(', ');
  if (wrong.length > 0)
    throw new GraphwrightError(
      'invalid_configuration',
      `${quoted} cannot be a table of conversations: use up to 40 letters, digits and underscores, and no name that Graphwright has a table of its own for`,
    );
  if (new Set(names.map((name) => name.toLowerCase())).size < names.length)
    throw new GraphwrightError('invalid_configuration', 'Two tables have the same name');
}
