import { GraphwrightError } from '../../../errors.ts';
import type { CompiledStep, StepResult } from '../flow.ts';
import type { FallbackResponses } from '../flow-settings.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Reply } from '../message.ts';
import { settle, settleObject } from './settle.ts';

const actions = ['continue', 'repeat', 'jump', 'call', 'wait', 'complete'];

/**
 * A result whose parts are JSON.
 * @throws GraphwrightError `invalid_result` when a step gives back what is no result, or holds no JSON.
 */
export function checked(result: StepResult | undefined, { name }: CompiledStep): StepResult {
  if (!result || !actions.includes(result.action))
    throw new GraphwrightError(
      'invalid_result',
      `Step ${name} gave no result; give back an object with an action: ${actions.join(', ')}`,
    );
  const { update, memo, response } = result;
  return {
    ...result,
    ...(update && { update: settledEach(update) }),
    ...(memo !== undefined && { memo: settle(memo, '/memo') }),
    ...(response !== undefined && {
      response: settle(response, '/response') as unknown as StepResult['response'],
    }),
  };
}

/** Not settled as a whole: a key whose value is undefined removes one. */
function settledEach(update: JsonObject): JsonObject {
  const copy: Record<string, Json | undefined> = { ...update };
  for (const [key, value] of Object.entries(copy))
    if (value !== undefined) copy[key] = settle(value, `/${key}`);
  return copy;
}

/** What a step says, as a list. */
export function repliesOf(response: StepResult['response']): readonly Reply[] {
  if (response === undefined) return [];
  if (typeof response === 'string') return [{ content: response }];
  return Array.isArray(response) ? (response as readonly Reply[]) : [response as Reply];
}

/** The author's state with an update: each key replaces the one before, undefined removes it. */
export function merged(data: JsonObject, update: JsonObject): JsonObject {
  const all = { ...data, ...update };
  // What is in both is settled already.
  return Object.values(update).includes(undefined) ? settleObject(all) : Object.freeze(all);
}

/** What is said in place of what a failed step would have said. */
export function fallbackReply({ code }: GraphwrightError, responses: FallbackResponses): Reply {
  const away = ['integration_failed', 'unavailable', 'integration_refused'].includes(code);
  const content =
    code === 'timeout'
      ? responses.agentTimeout
      : away
        ? responses.networkError
        : responses.agentError;
  return { content, metadata: { error: code } };
}
