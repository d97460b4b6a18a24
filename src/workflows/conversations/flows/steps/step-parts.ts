import type { CompiledStep, StepContext, StepResult } from '../../flow.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { FlowDefinition, StepDefinition } from '../definition.ts';
import { wayOut } from '../routes.ts';
import { render } from '../templates.ts';

/** What a kind of step makes of a definition: what it does, the rest is the same for all. */
export type Execute = CompiledStep['execute'];

/** What the makers of steps work with. */
export interface StepParts<S extends StepDefinition = StepDefinition> {
  readonly flow: FlowDefinition;
  readonly step: S;
}

/** The state as templates and conditions see it: with the conversation, who talks, and what a step just found. */
export function scopeOf(
  { state, conversation, session }: StepContext,
  more: JsonObject = {},
): JsonObject {
  const { id, userId } = session;
  const who = { id, ...(userId !== undefined && { userId }) };
  return { ...state, ...more, conversation: { id: conversation.id }, session: who };
}

/** The prompt of a step, filled in. */
export const promptIn = (
  { prompt = '' }: StepDefinition,
  context: StepContext,
  more?: JsonObject,
) => render(prompt, scopeOf(context, more));

/** Keeps what a step found under its keys, and goes on by its conditions. */
export function found(
  step: StepDefinition,
  context: StepContext,
  value: Json | undefined,
  { update = {}, response }: Pick<StepResult, 'update' | 'response'> = {},
): StepResult {
  const { id, storeAs = id, metadata } = step;
  const keys = value === undefined ? [] : [storeAs, ...metadata.dataCollection];
  const kept = { ...update, ...Object.fromEntries(keys.map((key) => [key, value])) };
  const way = wayOut(step, scopeOf(context, kept), value);
  return { ...way, update: kept, ...(response !== undefined && { response }) };
}
