import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { GraphwrightError } from '../../../src/errors.ts';
import { defaultEngineSettings } from '../../../src/workflows/conversations/flow-settings.ts';
import {
  readConversationSettings,
  type ConversationSettingsSources,
} from '../../../src/workflows/conversations/settings/read-settings.ts';
import { conversationSettingKeys } from '../../../src/workflows/conversations/settings/schema.ts';
import { conversationVariableOf } from '../../../src/workflows/conversations/settings/environment.ts';

/** A settings file in the nested spelling, with every key that it has. */
const nested = parseYaml(`
workflow_persistence:
  backend: 'sqlite'
  sqlite:
    database_path: './talk/state.db'
    enable_wal: true
    timeout: 12.5
    auto_vacuum: true
    journal_mode: 'wal'
    tables:
      conversations: 'my_conversations'
      steps: 'my_steps'
      checkpoints: 'my_checkpoints'
      sessions: 'my_sessions'
    retention:
      conversation_ttl: 2592000
      checkpoint_ttl: 604800
      session_ttl: 86400
      cleanup_interval: 3600
  redis: { host: 'cache', port: 6380, db: 2, password: null, ssl: false, session_ttl: 3600 }
  file:
    storage_directory: './talk/files'
    compression: true
    encryption: false
    max_file_size: 20480
  general:
    auto_checkpoint: false
    checkpoint_interval: 45
    max_checkpoints_per_session: 7
    enable_compression: true
    enable_encryption: false
    encryption_key: null
memory:
  shared_memory: false
  backend: 'redis'
  redis:
    host: \${CACHE_HOST:localhost}
    port: \${CACHE_PORT:6379}
    db: \${CACHE_DB:0}
    password: \${CACHE_PASSWORD:}
`) as unknown;

/** The same in the flat spelling, where that has it, and what only the flat one has. */
const flat = {
  persistence_config: {
    backend: 'sqlite',
    database_path: './talk/state.db',
    enable_wal: true,
    timeout: 12.5,
    auto_vacuum: true,
    journal_mode: 'WAL',
    state_directory: './talk/files',
    redis_host: 'cache',
    redis_port: 6380,
    redis_db: 2,
    redis_ssl: false,
    session_ttl: 3600,
    auto_checkpoint: false,
    checkpoint_interval: 45,
    max_checkpoints: 7,
    compression: true,
    encryption: false,
    auto_save: true,
    conversation_ttl: 2_592_000,
    checkpoint_ttl: 604_800,
    cleanup_interval: 3600,
    tenant_isolation: true,
  },
  session_config: {
    default_timeout: 900,
    max_concurrent_sessions: 50,
    session_cleanup_interval: 120,
    idle_session_timeout: 1200,
    tenant_id: 'acme',
    session_prefix: 'tenant_acme_',
    quota_limits: {
      max_sessions_per_tenant: 10,
      max_steps_per_session: 500,
      rate_limit_per_minute: 30,
    },
  },
  error_config: {
    max_retries: 1,
    retry_delay: 0.5,
    auto_recovery: false,
    fallback_responses: { agent_timeout: 'Late.', agent_error: 'Wrong.', network_error: 'Away.' },
  },
  performance_config: {
    parallel_execution: false,
    step_timeout: 20,
    max_workflow_duration: 7200,
    resource_monitoring: true,
  },
};

const read = (settings: unknown, more: ConversationSettingsSources = {}) =>
  readConversationSettings({ settings, ...more });

/** The error that settings must be refused with. */
function refusal(settings: unknown, more?: ConversationSettingsSources): GraphwrightError {
  try {
    read(settings, more);
  } catch (thrown) {
    const error = GraphwrightError.from(thrown);
    if (error.code === 'invalid_configuration') return error;
    throw thrown;
  }
  throw new Error('The settings were taken');
}

describe('V14 settings of conversations', () => {
  test('are read in the nested spelling, seconds as milliseconds', () => {
    const { settings, engine, flowDefaults, backend, redis } = read(nested);
    expect(backend).toBe('sqlite');
    expect(settings.sqlite).toEqual({
      databasePath: './talk/state.db',
      enableWal: true,
      timeout: 12.5,
      autoVacuum: true,
      journalMode: 'WAL',
      tables: {
        conversations: 'my_conversations',
        entries: 'my_steps',
        snapshots: 'my_checkpoints',
        windows: 'my_sessions',
      },
    });
    expect(settings.file).toMatchObject({ storageDirectory: './talk/files', maxFileSize: 20_480 });
    expect(redis).toEqual({ url: 'redis://cache:6380/2', ttl: 3_600_000 });
    expect(engine).toMatchObject({
      conversationTtl: 2_592_000_000,
      checkpointTtl: 604_800_000,
      idleTimeout: 86_400_000,
      cleanupInterval: 3_600_000,
      maxCheckpoints: 7,
    });
    expect(engine.quota).toBeUndefined();
    expect(flowDefaults).toEqual({
      autoCheckpoint: false,
      checkpointInterval: 45_000,
      compressState: true,
      encryptSensitiveData: false,
      sharedMemory: false,
    });
  });

  test('are read in the flat spelling, which means the same', () => {
    const { settings, engine, flowDefaults } = read(flat);
    const other = read(nested).settings;
    expect({ ...settings.sqlite, tables: {} }).toEqual({ ...other.sqlite, tables: {} });
    expect(settings.redis).toEqual(other.redis);
    expect(settings.file.storageDirectory).toBe(other.file.storageDirectory);
    expect(settings.general).toEqual({ ...other.general, enableEncryption: false });
    expect(settings.tenants).toMatchObject({ isolation: true, default: 'acme' });
    expect(settings.sessions.prefix).toBe('tenant_acme_');
    expect(settings.performance.resourceMonitoring).toBe(true);
    expect(engine).toEqual({
      defaultTimeout: 900_000,
      maxConcurrentSessions: 50,
      cleanupInterval: 120_000,
      idleTimeout: 1_200_000,
      stepTimeout: 20_000,
      maxWorkflowDuration: 7_200_000,
      maxCheckpoints: 7,
      conversationTtl: 2_592_000_000,
      checkpointTtl: 604_800_000,
      parallelExecution: false,
      quota: { sessions: 10, steps: 500, perMinute: 30 },
      fallbackResponses: { agentTimeout: 'Late.', agentError: 'Wrong.', networkError: 'Away.' },
    });
    expect(flowDefaults).toEqual({
      autoCheckpoint: false,
      checkpointInterval: 45_000,
      maxRetries: 1,
      retryDelay: 500,
      resumeOnFailure: false,
      compressState: true,
      encryptSensitiveData: false,
      persistState: true,
    });
  });

  test('are read in camelCase as well, and flows may have defaults of their own', () => {
    const { engine, flowDefaults } = read({
      sessions: { defaultTimeout: 60 },
      general: { checkpointInterval: 5 },
      flows: { maxRollbackSteps: 2, checkpoint_interval: 9, interactionTimeout: 90 },
    });
    expect(engine.defaultTimeout).toBe(60_000);
    expect(flowDefaults).toEqual({
      maxRollbackSteps: 2,
      checkpointInterval: 9000,
      interactionTimeout: 90_000,
    });
  });

  test('hold the defaults when nothing is given', () => {
    const { backend, engine, flowDefaults, origins } = readConversationSettings();
    expect(backend).toBe('sqlite');
    expect({ ...defaultEngineSettings, ...engine }).toEqual(defaultEngineSettings);
    expect(flowDefaults).toEqual({});
    expect(origins).toEqual({});
  });

  test('V20 have the usual quotas where tenants are kept apart, or one of them is given', () => {
    const usual = { sessions: 100, steps: 1000, perMinute: 60 };
    expect(read({ tenant_isolation: true }).engine.quota).toEqual(usual);
    expect(read({ tenants: { quota: { steps: 5 } } }).engine.quota).toEqual({ ...usual, steps: 5 });
  });

  test('take the backend of the memory where there is no other', () => {
    expect(read({ memory: { backend: 'redis', redis: { host: 'm', db: 3 } } })).toMatchObject({
      backend: 'redis',
      redis: { url: 'redis://m:6379/3' },
    });
    expect(read({ memory: { backend: 'in_memory' } }).backend).toBe('memory');
    expect(read({ backend: 'file', memory: { backend: 'redis' } }).backend).toBe('file');
  });

  test('V16 make an address of host, port, database, user, password and TLS', () => {
    const redis = { host: '::1', username: 'u', password: 'p@s/s%:', ssl: true, session_ttl: 1.5 };
    expect(read({ redis }).redis).toEqual({
      url: 'rediss://u:p%40s%2Fs%25%3A@[::1]:6379/0',
      ttl: 1500,
    });
  });
});

describe('what is wrong in settings of conversations', () => {
  test('is told all at once, each by its place and with the nearest right key', () => {
    const { message, problems } = refusal({
      workflow_persistence: {
        backend: 'mongo',
        sqlite: { databse_path: 'x', timeout: 'soon' },
        general: { checkpointIntervall: 3, auto_checkpoint: 'perhaps' },
      },
      session_config: { quota_limits: { max_step_per_session: 4 } },
      perfomance_config: {},
      redis: 'here',
    });
    expect(problems?.map(({ pointer }) => pointer).toSorted()).toEqual([
      '/perfomance_config',
      '/redis',
      '/session_config/quota_limits/max_step_per_session',
      '/workflow_persistence/backend',
      '/workflow_persistence/general/auto_checkpoint',
      '/workflow_persistence/general/checkpointIntervall',
      '/workflow_persistence/sqlite/databse_path',
      '/workflow_persistence/sqlite/timeout',
    ]);
    expect(message).toContain('did you mean database_path?');
    expect(message).toContain('did you mean checkpointInterval?');
    expect(message).toContain('did you mean max_steps_per_session?');
    expect(message).toContain('did you mean performance_config?');
    expect(message).toContain(
      'sqlite.timeout (from settings#/workflow_persistence/sqlite/timeout)',
    );
  });

  test('is a key that is there in two spellings', () => {
    const { message } = refusal({
      general: { auto_checkpoint: true },
      persistence_config: { autoCheckpoint: false },
    });
    expect(message).toMatch(
      /autoCheckpoint is there twice, here and at \/general\/auto_checkpoint/,
    );
  });

  test('is a key that is too short, and encryption without one', () => {
    expect(refusal({ general: { encryption_key: 'short' } }).message).toContain('32 bytes');
    expect(refusal({ general: { enable_encryption: true } }).message).toContain('there is no key');
    expect(refusal({ backend: 'file', file: { encryption: true } }).message).toContain('no key');
  });

  test('T35 is not taken for a prototype', () => {
    const settings = JSON.parse('{"__proto__": {"backend": "file"}, "constructor": {"x": 1}}');
    expect(refusal(settings).problems).toHaveLength(2);
    expect(({} as { backend?: string }).backend).toBeUndefined();
  });
});

describe('V19 variables', () => {
  test('override settings, with true, false and digits read as what they are, and tell where from', () => {
    const environment = {
      AMBIVO_AGENTS_WORKFLOW_PERSISTENCE_BACKEND: 'redis',
      AMBIVO_AGENTS_WORKFLOW_PERSISTENCE_SQLITE_DATABASE_PATH: './env.db',
      AMBIVO_AGENTS_WORKFLOW_PERSISTENCE_SQLITE_ENABLE_WAL: 'FALSE',
      AMBIVO_AGENTS_WORKFLOW_PERSISTENCE_GENERAL_AUTO_CHECKPOINT: 'true',
      AMBIVO_AGENTS_WORKFLOW_PERSISTENCE_GENERAL_CHECKPOINT_INTERVAL: '15',
      GRAPHWRIGHT_CONVERSATIONS_BACKEND: 'sqlite',
      GRAPHWRIGHT_CONVERSATIONS_SESSIONS_IDLE_TIMEOUT: '',
      GRAPHWRIGHT_CONVERSATIONS_GENERAL_ENCRYPTION_KEYS: `${'0'.repeat(64)}, ${'1'.repeat(64)}`,
      GRAPHWRIGHT_DATA: 'not ours',
    };
    const { settings, flowDefaults, origins } = read(nested, { environment, file: 'c.yaml' });
    expect(settings.backend).toBe('sqlite');
    expect(settings.sqlite).toMatchObject({ databasePath: './env.db', enableWal: false });
    expect(settings.general.encryptionKeys).toHaveLength(2);
    expect(flowDefaults).toMatchObject({ autoCheckpoint: true, checkpointInterval: 15_000 });
    expect(origins).toMatchObject({
      backend: 'GRAPHWRIGHT_CONVERSATIONS_BACKEND',
      'general.checkpointInterval':
        'AMBIVO_AGENTS_WORKFLOW_PERSISTENCE_GENERAL_CHECKPOINT_INTERVAL',
      'file.maxFileSize': 'c.yaml#/workflow_persistence/file/max_file_size',
    });
    expect(origins['sessions.idleTimeout']).toBeUndefined();
  });

  test('that set nothing are refused with the nearest, like values that are none', () => {
    const { message, problems } = refusal(undefined, {
      environment: {
        GRAPHWRIGHT_CONVERSATIONS_BACKENT: 'file',
        AMBIVO_AGENTS_WORKFLOW_PERSISTENCE_SQLITE_ENABLE_WALL: 'true',
        GRAPHWRIGHT_CONVERSATIONS_REDIS_PORT: 'many',
      },
    });
    expect(problems).toHaveLength(3);
    expect(message).toContain('did you mean GRAPHWRIGHT_CONVERSATIONS_BACKEND?');
    expect(message).toContain('AMBIVO_AGENTS_WORKFLOW_PERSISTENCE_SQLITE_ENABLE_WAL?');
    expect(message).toContain('redis.port (from GRAPHWRIGHT_CONVERSATIONS_REDIS_PORT)');
  });

  test('reach every key', () => {
    for (const key of conversationSettingKeys) {
      const environment = { [conversationVariableOf(key)]: '~ ~' };
      let told = '';
      try {
        told = Object.keys(readConversationSettings({ environment }).origins).join(' ');
      } catch (thrown) {
        told = GraphwrightError.from(thrown).message;
      }
      expect(told, key).toMatch(/encryptionKey/.test(key) ? /Key 1/ : key);
    }
  });

  test('fill in placeholders, which may have a default', () => {
    const settings = {
      redis: { host: '${CACHE_HOST:localhost}', port: '${CACHE_PORT:6379}', password: '${NONE:}' },
      sqlite: { database_path: '${ROOT}/state.db' },
    };
    const environment = { CACHE_PORT: '7000', ROOT: '/srv' };
    const ready = read(settings, { environment });
    expect(ready.redis.url).toBe('redis://localhost:7000/0');
    expect(ready.settings.sqlite.databasePath).toBe('/srv/state.db');
    expect(refusal(settings).message).toContain('ROOT is not set');
  });
});
