import { defaultEngineSettings, type EngineSettings, type FlowSettings } from '../flow-settings.ts';
import type { RecordCodec } from '../storage/storage.ts';
import { recordCodec } from '../storage/codec/record-codec.ts';
import type { ConversationSettings } from './schema.ts';

/** What the engine, flows and records make of settings; times in milliseconds. */
export interface ResolvedSettings {
  readonly engine: Partial<EngineSettings>;
  /** What holds for a flow that does not say otherwise. */
  readonly flowDefaults: Partial<FlowSettings>;
  readonly codec: RecordCodec;
  readonly backend: NonNullable<ConversationSettings['backend']>;
  readonly redis: RedisAddress;
}

/** Where Redis is. */
export interface RedisAddress {
  readonly url: string;
  readonly prefix?: string;
  /** Milliseconds. */
  readonly ttl?: number;
}

/** What a tenant may use when quotas are asked for and one is not given (row V20). */
const usualQuota = { sessions: 100, steps: 1000, perMinute: 60 };

/** @param given The keys that were given, in normal form: some defaults depend on what else was said. */
export function resolveSettings(
  settings: ConversationSettings,
  given: ReadonlySet<string>,
): ResolvedSettings {
  const backend = backendOf(settings);
  return {
    engine: engineOf(settings, given),
    flowDefaults: flowDefaultsOf(settings, backend),
    codec: codecOf(settings, backend),
    backend,
    redis: redisOf(settings),
  };
}

function backendOf({ backend, memory }: ConversationSettings): ResolvedSettings['backend'] {
  if (backend) return backend;
  if (memory.backend === 'redis') return 'redis';
  return memory.backend === 'in_memory' ? 'memory' : 'sqlite';
}

function engineOf(
  { general, retention, sessions, errors, performance, tenants }: ConversationSettings,
  given: ReadonlySet<string>,
): Partial<EngineSettings> {
  const limited = tenants.isolation || [...given].some((key) => key.startsWith('tenants.quota.'));
  const intervals = [sessions.cleanupInterval, retention.cleanupInterval].flatMap((each) =>
    each === undefined ? [] : [each],
  );
  return said({
    defaultTimeout: milliseconds(sessions.defaultTimeout),
    maxWorkflowDuration: milliseconds(performance.maxWorkflowDuration),
    idleTimeout: milliseconds(sessions.idleTimeout ?? retention.sessionTtl),
    maxConcurrentSessions: sessions.maxConcurrentSessions,
    // One clean-up does all; it comes as often as the most impatient asks.
    cleanupInterval: intervals.length > 0 ? milliseconds(Math.min(...intervals)) : undefined,
    stepTimeout: milliseconds(performance.stepTimeout),
    maxCheckpoints: general.maxCheckpointsPerSession,
    checkpointTtl: milliseconds(retention.checkpointTtl),
    conversationTtl: milliseconds(retention.conversationTtl),
    parallelExecution: performance.parallelExecution,
    quota: limited ? { ...usualQuota, ...said(tenants.quota) } : undefined,
    fallbackResponses: {
      ...defaultEngineSettings.fallbackResponses,
      ...said(errors.fallbackResponses),
    },
  });
}

function flowDefaultsOf(
  { general, errors, memory, file, flows }: ConversationSettings,
  backend: ResolvedSettings['backend'],
): Partial<FlowSettings> {
  const inFiles = backend === 'file' ? file : {};
  const { checkpointInterval, interactionTimeout, retryDelay, ...plain } = flows;
  return {
    ...said({
      autoCheckpoint: general.autoCheckpoint,
      checkpointInterval: milliseconds(general.checkpointInterval),
      maxRetries: errors.maxRetries,
      retryDelay: milliseconds(errors.retryDelay),
      resumeOnFailure: errors.autoRecovery,
      compressState: general.enableCompression ?? inFiles.compression,
      encryptSensitiveData: general.enableEncryption ?? inFiles.encryption,
      sharedMemory: memory.sharedMemory,
    }),
    ...said(plain),
    ...said({
      checkpointInterval: milliseconds(checkpointInterval),
      interactionTimeout: milliseconds(interactionTimeout),
      retryDelay: milliseconds(retryDelay),
    }),
  };
}

/** Encryption that the settings ask for holds for all flows, whatever they say themselves. */
function codecOf(
  { general, file }: ConversationSettings,
  backend: ResolvedSettings['backend'],
): RecordCodec {
  const { encryptionKey, encryptionKeys = [], encryptedOnly } = general;
  const all = general.enableEncryption ?? (backend === 'file' && file.encryption === true);
  const keys = [...(encryptionKey === undefined ? [] : [encryptionKey]), ...encryptionKeys];
  const codec = recordCodec({ keys, encryptedOnly });
  // Said at the start, not by the first message.
  if (all) codec.encode('', { tenant: '', id: '', kind: 'head', version: 0 }, encrypted);
  return {
    encode: (text, place, { compress, encrypt }) =>
      codec.encode(text, place, { compress, encrypt: all || encrypt }),
    decode: (data, place) => codec.decode(data, place),
  };
}

const encrypted = { compress: false, encrypt: true };

function redisOf({ redis, memory }: ConversationSettings): RedisAddress {
  const {
    host = 'localhost',
    port = 6379,
    db = 0,
    username,
    password,
    ssl = false,
  } = {
    ...memory.redis,
    ...said(redis),
  };
  const url = new URL(`${ssl ? 'rediss' : 'redis'}://localhost`);
  url.hostname = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  url.port = String(port);
  url.pathname = `/${db}`;
  // Percent-encoded by hand: the setters leave a percent sign as it is.
  if (username !== undefined) url.username = encodeURIComponent(username);
  if (password !== undefined) url.password = encodeURIComponent(password);
  return { url: url.href, ...said({ prefix: redis.prefix, ttl: milliseconds(redis.sessionTtl) }) };
}

const milliseconds = (seconds: number | undefined) =>
  seconds === undefined ? undefined : Math.round(seconds * 1000);

/** What is there: a key whose value is undefined would hide a default. */
const said = <T extends object>(
  values: T,
): { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
} => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
