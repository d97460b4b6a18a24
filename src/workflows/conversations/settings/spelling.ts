import type { Problem } from '../../../errors.ts';
import { suggest } from '../../../nearest.ts';
import { jsonPointer } from '../../../parse.ts';
import { conversationSettingKeys } from './schema.ts';

/** One setting as it was given. */
export interface GivenSetting {
  readonly value: unknown;
  /** A file with the key in it, or a variable. */
  readonly source: string;
  /** Where in the settings it is, in the spelling that was used. */
  readonly pointer: string;
}

/** By their keys in normal form, such as `sqlite.databasePath`. */
export type GivenSettings = Map<string, GivenSetting>;

/** In which group (first) other systems have which keys, and where they belong; `''` is the root. */
const aliases: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '': {
    workflowPersistence: '',
    persistenceConfig: '',
    sessionConfig: 'sessions',
    errorConfig: 'errors',
    performanceConfig: 'performance',
    databasePath: 'sqlite.databasePath',
    enableWal: 'sqlite.enableWal',
    journalMode: 'sqlite.journalMode',
    timeout: 'sqlite.timeout',
    autoVacuum: 'sqlite.autoVacuum',
    stateDirectory: 'file.storageDirectory',
    storageDirectory: 'file.storageDirectory',
    maxFileSize: 'file.maxFileSize',
    redisHost: 'redis.host',
    redisPort: 'redis.port',
    redisDb: 'redis.db',
    redisUsername: 'redis.username',
    redisPassword: 'redis.password',
    redisSsl: 'redis.ssl',
    sessionTtl: 'redis.sessionTtl',
    connectionString: 'postgres.connectionString',
    databaseUrl: 'postgres.connectionString',
    autoCheckpoint: 'general.autoCheckpoint',
    checkpointInterval: 'general.checkpointInterval',
    maxCheckpoints: 'general.maxCheckpointsPerSession',
    compression: 'general.enableCompression',
    encryption: 'general.enableEncryption',
    encryptionKey: 'general.encryptionKey',
    encryptionKeys: 'general.encryptionKeys',
    conversationTtl: 'retention.conversationTtl',
    checkpointTtl: 'retention.checkpointTtl',
    cleanupInterval: 'retention.cleanupInterval',
    autoSave: 'flows.persistState',
    tenantIsolation: 'tenants.isolation',
  },
  sqlite: { retention: 'retention' },
  'sqlite.tables': {
    steps: 'sqlite.tables.entries',
    checkpoints: 'sqlite.tables.snapshots',
    sessions: 'sqlite.tables.windows',
  },
  sessions: {
    sessionCleanupInterval: 'sessions.cleanupInterval',
    idleSessionTimeout: 'sessions.idleTimeout',
    sessionPrefix: 'sessions.prefix',
    tenantId: 'tenants.default',
    quotaLimits: 'tenants.quota',
  },
  tenants: { tenantIsolation: 'tenants.isolation', tenantId: 'tenants.default' },
  'tenants.quota': {
    maxSessionsPerTenant: 'tenants.quota.sessions',
    maxStepsPerSession: 'tenants.quota.steps',
    rateLimitPerMinute: 'tenants.quota.perMinute',
  },
};

const leaves: ReadonlySet<string> = new Set(conversationSettingKeys);
const below = (group: string) => (group === '' ? '' : `${group}.`);
const isGroup = (path: string) =>
  path === '' || conversationSettingKeys.some((key) => key.startsWith(`${path}.`));

/**
 * Settings in normal form, whichever way they were spelled: nested or flat, in snake_case or camelCase.
 * @param problems Gets one for each key that is unknown, there twice, or no group where one has to be.
 */
export function ownSettings(value: unknown, file: string, problems: Problem[]): GivenSettings {
  const given: GivenSettings = new Map();
  const walk = (part: unknown, group: string, path: readonly string[]) => {
    const pointer = jsonPointer(path);
    if (part === null || part === undefined) return;
    if (typeof part !== 'object' || Array.isArray(part))
      return void problems.push({ pointer, detail: 'Give keys with their values' });
    for (const [key, inner] of Object.entries(part)) place(inner, key, group, [...path, key]);
  };
  const place = (part: unknown, key: string, group: string, path: readonly string[]) => {
    const target = targetOf(group, camel(key));
    const pointer = jsonPointer(path);
    if (target === undefined)
      return void problems.push({ pointer, detail: `Unknown key ${key}; ${near(group, key)}` });
    if (!leaves.has(target)) return walk(part, target, path);
    // A key without a value is as if it were not there.
    if (part === null || part === undefined) return;
    const before = given.get(target);
    if (before)
      return void problems.push({
        pointer,
        detail: `${key} is there twice, here and at ${before.pointer}; leave one of them`,
      });
    given.set(target, { value: part, source: `${file}#${pointer}`, pointer });
  };
  walk(value, '', []);
  return given;
}

/** Where a key of a group belongs; undefined when there is no such key. */
function targetOf(group: string, key: string): string | undefined {
  const own = aliases[group];
  if (own && Object.hasOwn(own, key)) return own[key];
  const path = `${below(group)}${key}`;
  return leaves.has(path) || isGroup(path) ? path : undefined;
}

/** The nearest key of the group, in the spelling of the wrong one. */
function near(group: string, key: string): string {
  const prefix = below(group);
  const plain = conversationSettingKeys
    .filter((path) => path.startsWith(prefix))
    .map((path) => path.slice(prefix.length).split('.')[0]!);
  const known = [...new Set([...plain, ...Object.keys(aliases[group] ?? {})])];
  return suggest(key, /_/.test(key) || !/[A-Z]/.test(key) ? known.map(snake) : known);
}

const camel = (key: string) =>
  key.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
