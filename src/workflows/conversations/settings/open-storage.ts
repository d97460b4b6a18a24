import { mkdir, readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GraphwrightError } from '../../../errors.ts';
import { openStateFile, type StateFile } from '../../../ontology/embedded/state-file.ts';
import { FileConversations } from '../storage/file/file-conversations.ts';
import { MemoryConversations } from '../storage/memory.ts';
import { PostgresConversations } from '../storage/postgres/postgres-conversations.ts';
import { RedisConversations } from '../storage/redis/redis-conversations.ts';
import { SqliteConversations } from '../storage/sqlite/sqlite-conversations.ts';
import type { ConversationStorage } from '../storage/storage.ts';
import { TenantStorages } from '../storage/tenant-storages.ts';
import type { ReadSettings } from './read-settings.ts';
import { fileName, tenantOf } from './tenant-files.ts';

/** Where conversations may be kept. */
export interface OpenConversationStorage {
  /** The application's state file, for SQLite without a `databasePath`; the caller closes it, after the storage. */
  readonly state?: StateFile;
  /** What relative paths are relative to; the working directory by default. */
  readonly directory?: string;
}

/** Stands for the tenant in the addresses of Postgres and Redis. */
const placeholder = '{tenant}';

/**
 * Opens the storage that settings ask for (rows V14 to V17, V20).
 * @throws GraphwrightError `invalid_configuration` for settings that do not fit together, or a package that is not
 * installed; `data_in_use`, `unavailable` or `store_damaged` as the storage has it.
 */
export async function openConversationStorage(
  read: ReadSettings,
  options: OpenConversationStorage = {},
): Promise<ConversationStorage> {
  return read.settings.tenants.isolation ? openForTenants(read, options) : openOne(read, options);
}

async function openOne(
  { settings, backend, redis }: ReadSettings,
  { state, directory = '.' }: OpenConversationStorage,
): Promise<ConversationStorage> {
  const { sqlite, postgres, file } = settings;
  switch (backend) {
    case 'memory':
      return new MemoryConversations();
    case 'file':
      return openFiles(settings, resolve(directory, filesOf(file)));
    case 'redis':
      return RedisConversations.open(redis);
    case 'postgres':
      return PostgresConversations.open({
        connectionString: connectionOf(settings),
        connections: postgres.connections,
        tables: postgres.tables,
      });
    case 'sqlite':
      if (sqlite.databasePath !== undefined || !state)
        return openSqlite(settings, resolve(directory, databaseOf(sqlite)));
      assertShared(sqlite);
      return SqliteConversations.open(state, sqlite.tables);
  }
}

async function openForTenants(
  read: ReadSettings,
  { directory = '.' }: OpenConversationStorage,
): Promise<ConversationStorage> {
  const { settings, backend, redis } = read;
  const { names } = settings.tenants;
  switch (backend) {
    case 'memory':
      return TenantStorages.open({ open: async () => new MemoryConversations() });
    case 'file': {
      const root = resolve(directory, filesOf(settings.file));
      const open = (tenant: string) => openFiles(settings, join(root, fileName(tenant)));
      return TenantStorages.open({ open, tenants: () => tenantsIn(root) });
    }
    case 'sqlite': {
      const path = resolve(directory, databaseOf(settings.sqlite));
      const { root, file } = placeIn(path);
      const open = (tenant: string) => openSqlite(settings, join(root, fileName(tenant), file));
      return TenantStorages.open({ open, tenants: () => tenantsIn(root) });
    }
    case 'postgres': {
      const address = placed(connectionOf(settings), 'postgres.connectionString');
      const open = (tenant: string) =>
        openOne(
          {
            ...read,
            settings: {
              ...settings,
              postgres: { ...settings.postgres, connectionString: address(tenant) },
            },
          },
          {},
        );
      return TenantStorages.open({ open, tenants: async () => names });
    }
    case 'redis': {
      const prefix = placed(redis.prefix ?? 'graphwright:{tenant}:', 'redis.prefix');
      const open = (tenant: string) =>
        RedisConversations.open({ ...redis, prefix: prefix(tenant) });
      return TenantStorages.open({ open, tenants: async () => names });
    }
  }
}

async function openSqlite(
  { sqlite }: ReadSettings['settings'],
  path: string,
): Promise<ConversationStorage> {
  const { enableWal, journalMode = enableWal ? 'WAL' : 'DELETE', autoVacuum, timeout } = sqlite;
  await mkdir(dirname(path), { recursive: true });
  const open = () => openStateFile({ path, journalMode, autoVacuum });
  const state = await patiently(open, timeout * 1000);
  try {
    const storage = await SqliteConversations.open(state, sqlite.tables);
    return withClose(storage, () => state.close());
  } catch (thrown) {
    await state.close();
    throw thrown;
  }
}

const openFiles = ({ file }: ReadSettings['settings'], directory: string) =>
  FileConversations.open({ directory, maxFileSize: file.maxFileSize });

const filesOf = ({ storageDirectory = 'data/conversations' }: ReadSettings['settings']['file']) =>
  storageDirectory;

const databaseOf = ({
  databasePath = 'data/conversations.db',
}: ReadSettings['settings']['sqlite']) => databasePath;

function connectionOf({ postgres }: ReadSettings['settings']): string {
  if (postgres.connectionString !== undefined) return postgres.connectionString;
  throw invalid('Conversations in Postgres need postgres.connectionString');
}

/** What belongs to a file cannot be said of one that others have opened. */
function assertShared({
  enableWal,
  journalMode = 'WAL',
  autoVacuum,
}: ReadSettings['settings']['sqlite']): void {
  if (enableWal && journalMode === 'WAL' && !autoVacuum) return;
  throw invalid(
    'sqlite.enableWal, sqlite.journalMode and sqlite.autoVacuum are for a file of its own; give sqlite.databasePath as well',
  );
}

function placed(text: string, key: string): (tenant: string) => string {
  if (!text.includes(placeholder))
    throw invalid(
      `With tenants.isolation, ${key} has to say where the tenant goes: ${placeholder}`,
    );
  return (tenant) => text.replaceAll(placeholder, tenant);
}

/** The directory that holds those of the tenants, and the file in each of them. */
function placeIn(path: string): { root: string; file: string } {
  if (!path.includes(placeholder)) return { root: dirname(path), file: basename(path) };
  const parts = path.split(sep);
  const at = parts.indexOf(placeholder);
  if (at > 0 && at < parts.length - 1 && path.split(placeholder).length === 2)
    return { root: parts.slice(0, at).join(sep) || sep, file: parts.slice(at + 1).join(sep) };
  throw invalid(`In sqlite.databasePath, ${placeholder} has to be one whole directory, once`);
}

async function tenantsIn(directory: string): Promise<string[]> {
  await mkdir(directory, { recursive: true });
  const found = await readdir(directory, { withFileTypes: true });
  return found.flatMap((each) => (each.isDirectory() ? (tenantOf(each.name) ?? []) : []));
}

/** Tries until nobody else has the file, or the time is over. */
async function patiently<T>(open: () => Promise<T>, timeout: number): Promise<T> {
  const until = performance.now() + timeout;
  for (;;)
    try {
      return await open();
    } catch (thrown) {
      const busy = GraphwrightError.from(thrown).code === 'data_in_use';
      if (!busy || performance.now() >= until) throw thrown;
      await sleep(Math.min(100, timeout));
    }
}

/** A storage that closes what was opened for it. */
function withClose(storage: ConversationStorage, close: () => Promise<void>): ConversationStorage {
  return {
    exclusive: storage.exclusive,
    load: (key, options) => storage.load(key, options),
    commit: (commit) => storage.commit(commit),
    entries: (key, filter) => storage.entries(key, filter),
    put: (event) => storage.put(event),
    inbox: (tenant, awaited) => storage.inbox(tenant, awaited),
    list: (filter) => storage.list(filter),
    delete: (key) => storage.delete(key),
    sweep: (filter) => storage.sweep(filter),
    async close() {
      await storage.close();
      await close();
    },
  };
}

const invalid = (message: string) => new GraphwrightError('invalid_configuration', message);
