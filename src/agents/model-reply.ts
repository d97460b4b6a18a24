import { randomUUID } from 'node:crypto';
import { AIMessage, AIMessageChunk, ToolMessage, type BaseMessage } from '@langchain/core/messages';
import type { ToolCall } from '@langchain/core/messages/tool';
import type { Tokens } from './budget.ts';
import { estimateTokens } from './history.ts';

/** What is wrong with the arguments of calls, before any schema is looked at, by their ids. */
export type Faults = Map<string, string>;

/**
 * A model's reply as the agent goes on with it: with ids that no other message has, and arguments that are
 * just what the model wrote, or none and noted as faulty.
 *
 * Some servers give the same ids over and over: LangGraph would take a message for a correction of an earlier
 * one, and a call for one that was carried out. And of arguments that break off, LangChain makes others that
 * are whole, with which nobody asked for a call.
 */
export function ownReply(
  reply: AIMessage,
  before: readonly BaseMessage[],
  faults: Faults,
): AIMessage {
  if (before.some(({ id }) => id !== undefined && id === reply.id)) reply.id = randomUUID();
  const calls = AIMessageChunk.isInstance(reply) ? writtenCalls(reply) : readCalls(reply);
  if (areNew(calls, before) && calls.every(({ fault }) => fault === undefined)) return reply;
  return new AIMessage({
    id: reply.id,
    content: reply.content,
    tool_calls: calls.map(({ fault, ...call }) => {
      const id = randomUUID();
      // By the id: LangGraph copies what it hands on.
      if (fault !== undefined) faults.set(id, fault);
      return { ...call, id };
    }),
    usage_metadata: reply.usage_metadata,
  });
}

const readCalls = ({ tool_calls: calls = [], invalid_tool_calls: invalid = [] }: AIMessage) => [
  ...calls.map((call) => checked(call, call.args)),
  ...invalid.map(({ id, name = '', args = '' }) => written({ id, name }, args)),
];

/** A streamed call has the text of its arguments. */
function writtenCalls(reply: AIMessageChunk): CheckedCall[] {
  const texts = reply.tool_call_chunks ?? [];
  if (texts.length === 0) return readCalls(reply);
  return texts.map(({ id, name = '', args = '' }) => written({ id, name }, args || '{}'));
}

type Called = Pick<ToolCall, 'id' | 'name'>;
type CheckedCall = ToolCall & { fault?: string };

function written(call: Called, text: string): CheckedCall {
  try {
    return checked(call, JSON.parse(text));
  } catch {
    return checked(call, undefined);
  }
}

function checked({ id, name }: Called, value: unknown): CheckedCall {
  const fault = faultIn(value);
  const args = (fault === undefined ? value : {}) as Record<string, unknown>;
  return { id, name, args, type: 'tool_call', ...(fault !== undefined && { fault }) };
}

const deepest = 64;

/** Not by recursion: what nests too deep would end that. */
function faultIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'they are not a JSON object';
  let level: object[] = [value];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > deepest) return `they nest deeper than ${deepest} levels`;
    if (level.some((each) => Object.hasOwn(each, '__proto__'))) return 'they have a key __proto__';
    level = level.flatMap((each) => Object.values(each).filter(isObject));
  }
  return undefined;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function areNew(calls: readonly ToolCall[], before: readonly BaseMessage[]): boolean {
  const used = new Set(
    before.flatMap((message) => (ToolMessage.isInstance(message) ? message.tool_call_id : [])),
  );
  return calls.every(({ id }) => id !== undefined && !used.has(id) && used.add(id));
}

/** A last reply without what it wanted to call. */
export const withoutCalls = ({ text, usage_metadata: usage }: AIMessage): AIMessage =>
  new AIMessage({
    content: text || 'I reached my limit of model calls before I had an answer.',
    usage_metadata: usage,
  });

/** As the model counted them, or about as many where it did not. */
export const tokensOf = ({ usage_metadata: usage, text }: AIMessage, read: string): Tokens => ({
  input: usage?.input_tokens ?? estimateTokens(read),
  output: usage?.output_tokens ?? estimateTokens(text),
});
