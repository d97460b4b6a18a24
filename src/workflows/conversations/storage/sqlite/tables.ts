import type { StateFile } from '../../../../ontology/embedded/state-file.ts';

/** How conversations lie in the state file: a row that changes, and rows that are only added. */
const tables: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS conversations (
    number INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    flow TEXT NOT NULL,
    session TEXT NOT NULL,
    status TEXT NOT NULL,
    open INTEGER NOT NULL,
    version INTEGER NOT NULL,
    waiting_type TEXT,
    waiting_correlation TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    due_at INTEGER,
    data ANY NOT NULL,
    UNIQUE (tenant, id)
  ) STRICT`,
  'CREATE INDEX IF NOT EXISTS conversations_by_time ON conversations (tenant, created_at, id)',
  'CREATE INDEX IF NOT EXISTS conversations_by_session ON conversations (tenant, session)',
  'CREATE INDEX IF NOT EXISTS open_conversations ON conversations (tenant) WHERE open = 1',
  `CREATE INDEX IF NOT EXISTS waiting_conversations
    ON conversations (tenant, waiting_correlation, waiting_type) WHERE waiting_type IS NOT NULL`,
  // One number for conversation and version: entries of one conversation lie together, and none needs a second index.
  `CREATE TABLE IF NOT EXISTS conversation_entries (
    place INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    message_id TEXT,
    checkpoint TEXT,
    data ANY NOT NULL
  ) STRICT`,
  // In files of old: whoever needs the messages of a conversation reads them once, which costs less than one more page with each turn.
  'DROP INDEX IF EXISTS conversation_messages',
  `CREATE INDEX IF NOT EXISTS conversation_checkpoints
    ON conversation_entries (place) WHERE checkpoint IS NOT NULL`,
  `CREATE TABLE IF NOT EXISTS conversation_snapshots (
    place INTEGER PRIMARY KEY,
    data ANY NOT NULL
  ) STRICT`,
  `CREATE TABLE IF NOT EXISTS conversation_inbox (
    number INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    correlation TEXT NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    taken INTEGER NOT NULL DEFAULT 0,
    data ANY NOT NULL,
    UNIQUE (tenant, correlation, id)
  ) STRICT`,
  `CREATE TABLE IF NOT EXISTS conversation_windows (
    tenant TEXT PRIMARY KEY,
    window INTEGER NOT NULL,
    count INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,
  // Nothing is ever in it: a row is a reason against a commit, and ends it.
  `CREATE TABLE IF NOT EXISTS conversation_refusals (
    reason TEXT NOT NULL,
    CONSTRAINT version CHECK (reason <> 'version'),
    CONSTRAINT event CHECK (reason <> 'event'),
    CONSTRAINT tenant_sessions CHECK (reason <> 'tenant_sessions'),
    CONSTRAINT all_sessions CHECK (reason <> 'all_sessions'),
    CONSTRAINT rate CHECK (reason <> 'rate')
  ) STRICT`,
];

/** Makes the tables of conversations where they are missing. */
export async function prepareTables(state: Pick<StateFile, 'commit'>): Promise<void> {
  await state.commit(tables.map((sql) => ({ sql })));
}
