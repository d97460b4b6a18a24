import { z } from 'zod';
import { conversationPatterns } from '../flow.ts';
import { fieldTypes } from '../forms/field.ts';
import { Id } from '../message.ts';

const Name = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]{0,63}$/,
    'Use a letter first, then up to 63 letters, digits and _',
  );
const Template = z.string().max(20_000);
const Seconds = z.number().min(0).max(10_000_000);
const Target = z.string().min(1).max(100);
const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** One way out by a comparison with a key of the state. */
export const Rule = z
  .strictObject({
    key: z.string().min(1),
    equals: Scalar.optional(),
    not: Scalar.optional(),
    over: z.number().optional(),
    under: z.number().optional(),
    atLeast: z.number().optional(),
    atMost: z.number().optional(),
    oneOf: z.array(Scalar).min(1).optional(),
    exists: z.boolean().optional(),
    to: Target,
  })
  .refine((rule) => Object.keys(rule).length > 2, {
    error:
      'Say what the key is compared with: equals, not, over, under, atLeast, atMost, oneOf or exists',
  });
export type Rule = z.output<typeof Rule>;

/** Where a step leads to by the value of a key (row V8): to a step, to `end`, or to another flow as `flow:<id>`. */
export const Conditions = z.strictObject({
  condition: z.string().min(1).optional(),
  cases: z.record(z.string(), Target).default({}),
  rules: z.array(Rule).default([]),
  default: Target.optional(),
});
export type Conditions = z.output<typeof Conditions>;

const Choice = z.union([
  z.string().min(1),
  z.strictObject({ value: z.string().min(1).max(64), label: z.string().min(1) }),
]);

const Hints = z.array(z.string()).default([]);

/** A field of a structured input (row V7). */
export const FieldDefinition = z.strictObject({
  type: z.enum(fieldTypes).default('text'),
  prompt: Template.optional(),
  required: z.boolean().default(true),
  options: z.array(Choice).min(1).optional(),
  allowCustomResponse: z.boolean().default(false),
  minLength: z.int().min(0).optional(),
  maxLength: z.int().min(1).max(100_000).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  placeholder: z.string().optional(),
  validationHints: Hints,
});
export type FieldDefinition = z.output<typeof FieldDefinition>;

/** What a `user_input` step asks for (row V7): a text, a choice, or several fields. */
export const InputDefinition = z.discriminatedUnion('type', [
  z
    .strictObject({ ...FieldDefinition.shape, type: z.literal('text') })
    .omit({ prompt: true, options: true }),
  z.strictObject({ ...FieldDefinition.shape, type: z.literal('choice') }).omit({ prompt: true }),
  z.strictObject({
    type: z.literal('structured'),
    required: z.boolean().default(true),
    fields: z.record(Name, FieldDefinition),
    /** Whether the answers are read back for a last yes. */
    confirm: z.boolean().default(false),
    allowPartialCompletion: z.boolean().default(false),
  }),
]);
export type InputDefinition = z.output<typeof InputDefinition>;

/** What is said of a step besides (row V9): these are honoured, everything else is carried along. */
export const StepMetadata = z.looseObject({
  /** Seconds for an answer, of an input or approval step; for one execution, of any other. */
  timeout: Seconds.optional(),
  requiredContext: z.array(z.string()).default([]),
  /** Further keys of the state that get the answer. */
  dataCollection: z.array(z.string()).default([]),
  /** Whether a conversation may come here more than once. */
  allowsMultipleIterations: z.boolean().optional(),
  maxIterations: z.int().min(1).optional(),
  /** Seconds after which an execution counts as slow. */
  expectedDuration: Seconds.optional(),
  allowsPartialCompletion: z.boolean().optional(),
});

const common = {
  id: Name,
  description: z.string().optional(),
  prompt: Template.optional(),
  next: z
    .union([Target, z.array(Target)])
    .default([])
    .transform((next) => (typeof next === 'string' ? [next] : next)),
  conditions: Conditions.optional(),
  metadata: StepMetadata.prefault({}),
  /** The key of the state that gets what the step found; its id by default. */
  storeAs: Name.optional(),
};
const step = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.strictObject({ type: z.literal(type), ...common, ...shape });
const call = { parameters: z.record(z.string(), z.json()).default({}) };

/** A step of a flow as data (row V5). */
export const StepDefinition = z.discriminatedUnion('type', [
  /** An agent says something; without one, the prompt itself is said. */
  step('agent_response', { agent: z.string().optional() }),
  step('user_input', { prompt: Template, input: InputDefinition.prefault({ type: 'text' }) }),
  /** Somebody agrees or does not; with `approvers`, only these users. */
  step('approval', { prompt: Template, approvers: z.array(z.string()).optional() }),
  step('decision', { agent: z.string().optional() }),
  /** A query template, or another workflow that only reads. */
  step('database_query', { ...call, query: z.string() }),
  /** A durable run, for whose end the conversation waits. */
  step('workflow', { ...call, workflow: z.string() }),
  /** Something from outside, such as a payment. */
  step('wait_for_event', { event: z.string(), correlationId: Template }),
]);
export type StepDefinition = z.output<typeof StepDefinition>;
export type StepOf<T extends StepDefinition['type']> = Extract<StepDefinition, { type: T }>;

/** Settings of a flow as data (row V10); times in seconds. */
export const SettingsDefinition = z.strictObject({
  enableRollback: z.boolean().optional(),
  maxRollbackSteps: z.int().min(0).max(1000).optional(),
  autoCheckpoint: z.boolean().optional(),
  checkpointInterval: Seconds.optional(),
  interactionTimeout: Seconds.optional(),
  maxRetries: z.int().min(0).max(100).optional(),
  retryDelay: Seconds.optional(),
  allowStepSkipping: z.boolean().optional(),
  allowEarlyTermination: z.boolean().optional(),
  resumeOnFailure: z.boolean().optional(),
  persistState: z.boolean().optional(),
  compressState: z.boolean().optional(),
  encryptSensitiveData: z.boolean().optional(),
  lazyLoadAgents: z.boolean().optional(),
  parallelValidation: z.boolean().optional(),
  cacheAgentResponses: z.boolean().optional(),
  sharedMemory: z.boolean().optional(),
});
export type SettingsDefinition = z.output<typeof SettingsDefinition>;

/** A flow as data (row V3), in our own spelling. */
export const FlowDefinition = z.strictObject({
  id: Id,
  name: z.string().min(1),
  description: z.string().default(''),
  pattern: z.enum(conversationPatterns).default('step_by_step_process'),
  steps: z.array(StepDefinition).min(1, 'A flow needs a step').max(500),
  startStep: z.string().optional(),
  endSteps: z.array(z.string()).optional(),
  settings: SettingsDefinition.prefault({}),
  variables: z.record(Name, z.json()).default({}),
});
export type FlowDefinition = z.output<typeof FlowDefinition>;
