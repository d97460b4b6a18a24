/** What holds for the conversations of one flow (row V10); times in milliseconds. */
export interface FlowSettings {
  readonly enableRollback: boolean;
  /** How many turns back a rollback without a checkpoint may go. */
  readonly maxRollbackSteps: number;
  /** Whether turns become checkpoints by themselves, at most one every `checkpointInterval`. */
  readonly autoCheckpoint: boolean;
  readonly checkpointInterval: number;
  /** How long a question waits for its answer, the engine's `defaultTimeout` when absent; the conversation then pauses. */
  readonly interactionTimeout?: number;
  /** How often a step that failed and may do better is tried again, and the wait before. */
  readonly maxRetries: number;
  readonly retryDelay: number;
  /** Whether `skip` may leave a step without an answer. */
  readonly allowStepSkipping: boolean;
  /** Whether a conversation may be cancelled before its end. */
  readonly allowEarlyTermination: boolean;
  /** Whether a step that failed for good is offered again at the next message; else the conversation fails. */
  readonly resumeOnFailure: boolean;
  /** Whether it is kept beyond this process. */
  readonly persistState: boolean;
  readonly compressState: boolean;
  readonly encryptSensitiveData: boolean;
  readonly lazyLoadAgents: boolean;
  readonly parallelValidation: boolean;
  readonly cacheAgentResponses: boolean;
  /** Whether the agents of the flow see the whole conversation, not only what was said to them (row V23). */
  readonly sharedMemory: boolean;
}

/** What holds when a flow says nothing. */
export const defaultFlowSettings: FlowSettings = {
  enableRollback: true,
  maxRollbackSteps: 5,
  autoCheckpoint: true,
  checkpointInterval: 30_000,
  maxRetries: 3,
  retryDelay: 2000,
  allowStepSkipping: false,
  allowEarlyTermination: true,
  resumeOnFailure: true,
  persistState: true,
  compressState: false,
  encryptSensitiveData: false,
  lazyLoadAgents: true,
  parallelValidation: true,
  cacheAgentResponses: false,
  sharedMemory: true,
};

/** What holds for all conversations of an engine (rows V11 to V13, V18, V20); times in milliseconds. */
export interface EngineSettings {
  /** How long a question waits for its answer when the flow does not say. */
  readonly defaultTimeout: number;
  /** How long a conversation lasts in all; it then expires. */
  readonly maxWorkflowDuration: number;
  /** How long nothing may happen in a conversation before it expires; one that waits for an event is not idle. */
  readonly idleTimeout: number;
  /** How many conversations may be open at once, of all tenants. */
  readonly maxConcurrentSessions: number;
  /** How often expired conversations are looked for. */
  readonly cleanupInterval: number;
  /** How long one execution of a step may take. */
  readonly stepTimeout: number;
  /** How many checkpoints of a conversation count, the newest, and for how long. */
  readonly maxCheckpoints: number;
  readonly checkpointTtl: number;
  /** How long a conversation is kept after the last thing that happened in it; events of the inbox too. */
  readonly conversationTtl: number;
  /** Whether turns of different conversations of one tenant are carried out side by side; else one after the other. */
  readonly parallelExecution: boolean;
  readonly quota: TenantQuota;
  /** What text gets that comes while a conversation waits for an event. */
  readonly waitingResponse: string;
  /** Replies in place of what a failed step would have said. */
  readonly fallbackResponses: FallbackResponses;
}

/** How much one tenant may use; what is absent has no limit. */
export interface TenantQuota {
  /** Open conversations. */
  readonly sessions?: number;
  /** Executed steps of one conversation. */
  readonly steps?: number;
  /** Messages a minute. */
  readonly perMinute?: number;
}

/** What users read when a step fails, by what went wrong. */
export interface FallbackResponses {
  readonly agentTimeout: string;
  readonly agentError: string;
  readonly networkError: string;
}

/** What holds when nothing is configured. */
export const defaultEngineSettings: EngineSettings = {
  defaultTimeout: 1_800_000,
  maxWorkflowDuration: 3_600_000,
  idleTimeout: 3_600_000,
  maxConcurrentSessions: 1000,
  cleanupInterval: 300_000,
  stepTimeout: 60_000,
  maxCheckpoints: 100,
  checkpointTtl: 7 * 24 * 3_600_000,
  conversationTtl: 30 * 24 * 3_600_000,
  parallelExecution: true,
  quota: {},
  waitingResponse: 'I am waiting for something else to happen, and go on as soon as it has.',
  fallbackResponses: {
    agentTimeout: 'I am sorry, that took too long. Please send your last message again.',
    agentError: 'Something went wrong on my side. Please try again; nothing you told me is lost.',
    networkError: 'I cannot reach a system that I need. Please try again in a moment.',
  },
};
