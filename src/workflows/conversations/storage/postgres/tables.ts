import { GraphwrightError } from '../../../../errors.ts';

/** The names of the tables; each may have its schema before it. */
export interface PostgresTables {
  readonly conversations: string;
  readonly entries: string;
  readonly events: string;
  readonly windows: string;
}

export const defaultTables: PostgresTables = {
  conversations: 'graphwright_conversations',
  entries: 'graphwright_conversation_entries',
  events: 'graphwright_conversation_events',
  windows: 'graphwright_conversation_windows',
};

/** @throws GraphwrightError `invalid_configuration` for a name that would have to be quoted. */
export function checkedTables(given: Partial<PostgresTables> = {}): PostgresTables {
  const tables = { ...defaultTables, ...given };
  const names = Object.values(tables);
  const wrong = names.filter(
    (name) => !/^([a-z_][a-z0-9_]{0,39}\.)?[a-z_][a-z0-9_]{0,39}$/.test(name),
  );
  if (wrong.length > 0)
    throw new GraphwrightError(
      'invalid_configuration',
      `${wrong.map((name) => JSON.stringify(name)).join(', ')} cannot be a table: use up to 40 small letters, digits and underscores, with a schema before a dot if need be`,
    );
  if (new Set(names).size < names.length)
    throw new GraphwrightError('invalid_configuration', 'Two tables have the same name');
  return tables;
}

/** The function that carries out a commit, beside its table. */
export const commitFunction = ({ conversations }: PostgresTables): string =>
  `${conversations}_commit`;

const bare = (name: string) => name.slice(name.indexOf('.') + 1);

/** Makes what is missing, and the function anew. */
export function createTables(tables: PostgresTables): string {
  const { conversations, entries, events, windows } = tables;
  const name = bare(conversations);
  return `
CREATE TABLE IF NOT EXISTS ${conversations} (
  tenant text COLLATE "C", id text COLLATE "C", flow text NOT NULL, session_id text NOT NULL,
  status text NOT NULL, version int NOT NULL, waiting_type text, waiting_correlation text,
  created_at bigint NOT NULL, updated_at bigint NOT NULL, due_at bigint, data bytea NOT NULL,
  PRIMARY KEY (tenant, id));
CREATE INDEX IF NOT EXISTS ${name}_newest ON ${conversations} (tenant, created_at DESC, id DESC);
CREATE INDEX IF NOT EXISTS ${name}_updated ON ${conversations} (updated_at);
CREATE INDEX IF NOT EXISTS ${name}_due ON ${conversations} (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS ${name}_waiting ON ${conversations} (tenant, waiting_correlation)
  WHERE waiting_correlation IS NOT NULL;
CREATE INDEX IF NOT EXISTS ${name}_open ON ${conversations} (tenant)
  WHERE status IN ('active', 'waiting', 'paused');
CREATE TABLE IF NOT EXISTS ${entries} (
  tenant text COLLATE "C", id text COLLATE "C", version int, at bigint NOT NULL, message_id text,
  checkpoint text, data bytea NOT NULL, snapshot bytea,
  PRIMARY KEY (tenant, id, version),
  FOREIGN KEY (tenant, id) REFERENCES ${conversations} ON DELETE CASCADE);
CREATE UNIQUE INDEX IF NOT EXISTS ${bare(entries)}_messages ON ${entries} (tenant, id, message_id)
  WHERE message_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS ${events} (
  tenant text COLLATE "C", correlation_id text COLLATE "C", id text COLLATE "C", type text NOT NULL,
  at bigint NOT NULL, taken boolean NOT NULL DEFAULT false, data bytea NOT NULL,
  PRIMARY KEY (tenant, correlation_id, id));
CREATE INDEX IF NOT EXISTS ${bare(events)}_at ON ${events} (at);
CREATE TABLE IF NOT EXISTS ${windows} (
  tenant text COLLATE "C" PRIMARY KEY, number bigint NOT NULL, count int NOT NULL);
${createFunction(tables)}`;
}

/**
 * One call carries out one commit: a commit costs one way to the database and back. Rows are locked in the same
 * order by all, so that none waits for another in a circle.
 */
function createFunction(tables: PostgresTables): string {
  const { conversations, entries, events, windows } = tables;
  return `
CREATE OR REPLACE FUNCTION ${commitFunction(tables)}(
  _expected int, _tenant text, _id text, _flow text, _session_id text, _status text,
  _waiting_type text, _waiting_correlation text, _created_at bigint, _updated_at bigint, _due_at bigint,
  _data bytea, _at bigint, _message_id text, _checkpoint text, _entry bytea, _snapshot bytea,
  _takes_correlation text, _takes_id text, _tenant_sessions int, _all_sessions int,
  _window bigint, _most int) RETURNS text LANGUAGE plpgsql AS $commit$
DECLARE found_version int; counted int; counted_window bigint;
BEGIN
  SELECT version INTO found_version FROM ${conversations}
    WHERE tenant = _tenant AND id = _id FOR UPDATE;
  IF coalesce(found_version, 0) <> _expected THEN RETURN 'version'; END IF;
  IF _takes_id IS NOT NULL THEN
    PERFORM 1 FROM ${events} WHERE tenant = _tenant AND correlation_id = _takes_correlation
      AND id = _takes_id AND NOT taken FOR UPDATE;
    IF NOT FOUND THEN RETURN 'event'; END IF;
  END IF;
  IF _tenant_sessions IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('${conversations}', hashtextextended(_tenant, 0)));
    SELECT count(*) INTO counted FROM ${conversations} WHERE tenant = _tenant AND id <> _id
      AND status IN ('active', 'waiting', 'paused');
    IF counted >= _tenant_sessions THEN RETURN 'tenant_sessions'; END IF;
  END IF;
  IF _all_sessions IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('${conversations}', 1));
    SELECT count(*) INTO counted FROM ${conversations} WHERE (tenant, id) <> (_tenant, _id)
      AND status IN ('active', 'waiting', 'paused');
    IF counted >= _all_sessions THEN RETURN 'all_sessions'; END IF;
  END IF;
  IF _window IS NOT NULL THEN
    INSERT INTO ${windows} VALUES (_tenant, _window, 0) ON CONFLICT DO NOTHING;
    SELECT number, count INTO counted_window, counted FROM ${windows}
      WHERE tenant = _tenant FOR UPDATE;
    IF counted_window <> _window THEN counted := 0; END IF;
    IF counted >= _most THEN RETURN 'rate'; END IF;
  END IF;
  IF _expected = 0 THEN
    INSERT INTO ${conversations} VALUES (_tenant, _id, _flow, _session_id, _status, 1, _waiting_type,
      _waiting_correlation, _created_at, _updated_at, _due_at, _data) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN 'version'; END IF;
  ELSE
    UPDATE ${conversations} SET flow = _flow, session_id = _session_id, status = _status,
      version = _expected + 1, waiting_type = _waiting_type, waiting_correlation = _waiting_correlation,
      created_at = _created_at, updated_at = _updated_at, due_at = _due_at, data = _data
      WHERE tenant = _tenant AND id = _id;
  END IF;
  INSERT INTO ${entries} VALUES
    (_tenant, _id, _expected + 1, _at, _message_id, _checkpoint, _entry, _snapshot);
  IF _takes_id IS NOT NULL THEN
    UPDATE ${events} SET taken = true WHERE tenant = _tenant
      AND correlation_id = _takes_correlation AND id = _takes_id;
  END IF;
  IF _window IS NOT NULL THEN
    UPDATE ${windows} SET number = _window, count = counted + 1 WHERE tenant = _tenant;
  END IF;
  RETURN NULL;
END $commit$;`;
}
