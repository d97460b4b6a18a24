import type { JsonSchema } from './schemas.ts';

const time = { type: 'string', format: 'date-time' };
const open = { type: 'object', additionalProperties: true };
const status = {
  type: 'string',
  enum: ['started', 'processing', 'waiting', 'completed', 'failed', 'cancelled'],
};
const step = {
  type: 'object',
  required: ['step', 'duration', 'attempts'],
  properties: {
    step: { type: 'string' },
    duration: { type: 'number', description: 'Milliseconds, over all attempts' },
    attempts: { type: 'integer' },
  },
};
const waiting = {
  type: 'object',
  description: 'What it waits for',
  properties: {
    for: { type: 'string', enum: ['sleep', 'signal', 'child', 'approval'] },
    name: { type: 'string', description: "The signal's name or the child's id" },
    until: { ...time, description: 'When it goes on without' },
  },
};

const agent = {
  type: 'object',
  properties: { surface: { type: 'string' }, name: { type: 'string' } },
};
const approval = {
  type: 'object',
  description: 'The approval that it needs, by its id at /approvals',
  properties: {
    id: { type: 'string' },
    parametersDigest: { type: 'string', description: 'SHA-256 of the canonical JSON' },
    requestedBy: agent,
    requestedAt: time,
    expiresAt: time,
    separateApprover: { type: 'boolean' },
    decision: {
      type: 'object',
      properties: {
        id: { type: 'string' },
        outcome: { type: 'string', enum: ['approved', 'edited', 'rejected'] },
        by: agent,
        at: time,
        parametersDigest: { type: 'string' },
        parameters: open,
        reason: { type: 'string' },
      },
    },
  },
};

/** The JSON Schema of a run. */
export const runSchema: JsonSchema = {
  type: 'object',
  description: 'A run',
  required: ['id', 'workflow', 'status', 'parameters', 'stepsCompleted', 'attempts', 'startedAt'],
  properties: {
    id: { type: 'string' },
    workflow: { type: 'string' },
    status,
    parameters: open,
    currentStep: { type: 'string' },
    stepsCompleted: { type: 'array', items: step },
    result: {},
    error: open,
    waiting,
    approval,
    attempts: { type: 'integer', description: 'How often it was executed' },
    parent: { type: 'string', description: 'The run that has this one as a child' },
    retryOf: { type: 'string', description: 'The run that was tried again with this one' },
    owner: { type: 'string' },
    startedAt: time,
    delayedUntil: time,
    endedAt: time,
  },
};

/** The JSON Schema of a page of runs. */
export const runPageSchema: JsonSchema = {
  type: 'object',
  description: 'A page of runs; the Link header leads to the next',
  required: ['items'],
  properties: { items: { type: 'array', items: runSchema }, nextCursor: { type: 'string' } },
};

/** The JSON Schema of the data of one event of a run. */
export const runEventSchema: JsonSchema = {
  type: 'object',
  required: ['type', 'at'],
  properties: {
    type: { type: 'string', enum: ['status', 'step', 'attempt', 'progress'] },
    at: time,
    step: { type: 'string' },
    status: {
      type: 'string',
      description: 'Of the run, or of the step: started, completed, failed',
    },
    duration: { type: 'number', description: 'Milliseconds' },
    attempts: { type: 'integer' },
    attempt: { type: 'integer' },
    delay: { type: 'number', description: 'Milliseconds until the next attempt' },
    done: { type: 'number' },
    total: { type: 'number' },
    message: { type: 'string' },
    waiting,
    error: open,
  },
};
