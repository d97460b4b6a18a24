import { z } from 'zod';
import { longestTimer } from '../../../time-limit.ts';
import { SettingsDefinition } from '../flows/definition.ts';
import { Id } from '../message.ts';

const yes = /^(true|yes|on|1)$/i;
const no = /^(false|no|off|0)$/i;

/** Variables and placeholders give texts. */
const flag = z.preprocess(
  (given) =>
    typeof given !== 'string' ? given : yes.test(given) ? true : no.test(given) ? false : given,
  z.boolean('Say true or false'),
);
const number = <N extends z.ZodNumber>(type: N) =>
  z.preprocess(
    (given) => (typeof given === 'string' && /^-?\d+(\.\d+)?$/.test(given) ? Number(given) : given),
    type,
  );
const count = (least: number, most = 1_000_000_000) =>
  number(z.number('Give a whole number').int('Give a whole number').min(least).max(most));
const seconds = (least = 0, most = 10_000_000_000) =>
  number(z.number('Give a number of seconds').min(least).max(most));
/** What a timer may wait. */
const timed = (least: number) => seconds(least, Math.floor(longestTimer / 1000));
const text = z.string('Give a text').min(1);
/** A list, or its words with commas between them, as a variable has it. */
const list = z.preprocess(
  (given) => (typeof given === 'string' ? given.split(/[\s,]+/).filter(Boolean) : given),
  z.array(text),
);

const Redis = z.strictObject({
  host: z
    .string()
    .regex(/^[A-Za-z0-9._:-]+$/, 'Give a name or an address')
    .optional(),
  port: count(1, 65_535).optional(),
  db: count(0, 1_000_000).optional(),
  username: text.optional(),
  password: text.optional(),
  ssl: flag.optional(),
});

/** The settings of flows, as variables give them too. */
const FlowDefaults = z.strictObject({
  enableRollback: flag,
  maxRollbackSteps: count(0, 1000),
  autoCheckpoint: flag,
  checkpointInterval: seconds(),
  interactionTimeout: seconds(),
  maxRetries: count(0, 100),
  retryDelay: seconds(),
  allowStepSkipping: flag,
  allowEarlyTermination: flag,
  resumeOnFailure: flag,
  persistState: flag,
  compressState: flag,
  encryptSensitiveData: flag,
  lazyLoadAgents: flag,
  parallelValidation: flag,
  cacheAgentResponses: flag,
  sharedMemory: flag,
} satisfies Record<keyof typeof SettingsDefinition.shape, z.ZodType>);

/**
 * The settings of conversations (rows V10 to V22), in one form whatever the spelling they came in; times in
 * seconds, sizes in bytes. What is absent is as the engine has it by default.
 */
export const ConversationSettings = z.strictObject({
  backend: z.enum(['sqlite', 'postgres', 'redis', 'file', 'memory']).optional(),
  sqlite: z
    .strictObject({
      /** A file of its own; without it conversations lie in the application's state file. */
      databasePath: text.optional(),
      enableWal: flag.default(true),
      journalMode: z
        .preprocess(
          (given) => (typeof given === 'string' ? given.toUpperCase() : given),
          z.enum(['WAL', 'DELETE', 'TRUNCATE', 'PERSIST']),
        )
        .optional(),
      /** How long to wait while another process has the file. */
      timeout: timed(0).default(30),
      autoVacuum: flag.default(false),
      tables: z
        .strictObject({
          conversations: text.optional(),
          entries: text.optional(),
          snapshots: text.optional(),
          inbox: text.optional(),
          windows: text.optional(),
        })
        .prefault({}),
    })
    .prefault({}),
  postgres: z
    .strictObject({
      connectionString: text.optional(),
      connections: count(1, 1000).optional(),
      tables: z
        .strictObject({
          conversations: text.optional(),
          entries: text.optional(),
          events: text.optional(),
          windows: text.optional(),
        })
        .prefault({}),
    })
    .prefault({}),
  redis: Redis.extend({
    prefix: text.optional(),
    /** After it, a conversation in which nothing happens is forgotten. */
    sessionTtl: seconds(1).optional(),
  }).prefault({}),
  file: z
    .strictObject({
      storageDirectory: text.optional(),
      compression: flag.optional(),
      encryption: flag.optional(),
      maxFileSize: count(1000).optional(),
    })
    .prefault({}),
  general: z
    .strictObject({
      autoCheckpoint: flag.optional(),
      checkpointInterval: seconds().optional(),
      maxCheckpointsPerSession: count(1, 1000).optional(),
      enableCompression: flag.optional(),
      enableEncryption: flag.optional(),
      encryptionKey: text.optional(),
      /** The newest first; with `encryptionKey`, older ones. */
      encryptionKeys: list.optional(),
      /** Whether a record that is not encrypted is refused. */
      encryptedOnly: flag.default(false),
    })
    .prefault({}),
  retention: z
    .strictObject({
      conversationTtl: seconds(1).optional(),
      checkpointTtl: seconds(1).optional(),
      sessionTtl: seconds(1).optional(),
      cleanupInterval: timed(1).optional(),
    })
    .prefault({}),
  sessions: z
    .strictObject({
      defaultTimeout: seconds(1).optional(),
      maxConcurrentSessions: count(1).optional(),
      cleanupInterval: timed(1).optional(),
      idleTimeout: seconds(1).optional(),
      /** What the ids of sessions that get none of the caller begin with. */
      prefix: z
        .string()
        .regex(/^[A-Za-z0-9_-]{0,40}$/, 'Use up to 40 letters, digits, hyphens and underscores')
        .optional(),
    })
    .prefault({}),
  errors: z
    .strictObject({
      maxRetries: count(0, 100).optional(),
      retryDelay: seconds().optional(),
      autoRecovery: flag.optional(),
      fallbackResponses: z
        .strictObject({
          agentTimeout: text.optional(),
          agentError: text.optional(),
          networkError: text.optional(),
        })
        .prefault({}),
    })
    .prefault({}),
  performance: z
    .strictObject({
      /** Whether turns of different conversations of one tenant are carried out side by side. */
      parallelExecution: flag.optional(),
      stepTimeout: timed(0.001).optional(),
      maxWorkflowDuration: seconds(1).optional(),
      /** Whether lag of the event loop and memory running out are warned of. */
      resourceMonitoring: flag.default(false),
    })
    .prefault({}),
  memory: z
    .strictObject({
      sharedMemory: flag.optional(),
      /** What `backend` is when it is not given: the log of a conversation is its memory. */
      backend: z.enum(['redis', 'in_memory']).optional(),
      redis: Redis.prefault({}),
    })
    .prefault({}),
  tenants: z
    .strictObject({
      /** Whether each tenant has a database of its own. */
      isolation: flag.default(false),
      /** The tenant of sessions that name none. */
      default: Id.default('default'),
      /** Those that have a database which cannot be looked for, as in Postgres and Redis. */
      names: z.preprocess((given) => given, list.pipe(z.array(Id))).default([]),
      quota: z
        .strictObject({
          sessions: count(1).optional(),
          steps: count(1).optional(),
          perMinute: count(1).optional(),
        })
        .prefault({}),
    })
    .prefault({}),
  /** What holds for flows that do not say otherwise. */
  flows: FlowDefaults.partial().prefault({}),
});
export type ConversationSettings = z.output<typeof ConversationSettings>;

/** Every key, such as `sqlite.databasePath`. */
export const conversationSettingKeys: readonly string[] = leaves(ConversationSettings);

function leaves(schema: z.ZodObject): string[] {
  return Object.entries(schema.shape).flatMap(([key, type]) => {
    const inner = type instanceof z.ZodPrefault ? type.unwrap() : type;
    return inner instanceof z.ZodObject ? leaves(inner).map((leaf) => `${key}.${leaf}`) : [key];
  });
}
