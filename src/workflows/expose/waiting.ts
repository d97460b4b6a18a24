import type { RunRecord } from '../runs/runs.ts';
import type { JsonSchema } from './schemas.ts';

/** What an assistant is told of a call that waits for a person instead of being carried out. */
export interface WaitingCall {
  status: 'waiting';
  /** For whom. */
  waitingFor: 'approval by a person';
  approval: {
    id: string;
    workflow: string;
    parametersDigest: string;
    requestedAt: string;
    expiresAt?: string;
  };
  message: string;
}

export function waitingCall({ workflow, approval }: RunRecord): WaitingCall {
  const { id, parametersDigest, requestedAt, expiresAt } = approval!;
  return {
    status: 'waiting',
    waitingFor: 'approval by a person',
    approval: {
      id,
      workflow,
      parametersDigest,
      requestedAt,
      ...(expiresAt !== undefined && { expiresAt }),
    },
    message:
      'Not carried out yet: a person has to approve it. Do not call it again for this; say that it waits. get_approval tells what was decided.',
  };
}

const text = { type: 'string' };

/** The JSON Schema of a {@link WaitingCall}. */
export const waitingSchema: JsonSchema = {
  type: 'object',
  description: 'When it waits for a person instead',
  properties: {
    status: { const: 'waiting' },
    waitingFor: text,
    approval: { type: 'object', properties: { id: text }, required: ['id'] },
    message: text,
  },
  required: ['status', 'waitingFor', 'approval'],
};
