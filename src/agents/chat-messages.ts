import { AIMessage, HumanMessage, ToolMessage, type BaseMessage } from '@langchain/core/messages';
import type { StoredMessage } from './stored-messages.ts';

/** A stored message as LangChain takes it. */
export function chatMessage(message: StoredMessage): BaseMessage {
  if (message.role === 'user') return new HumanMessage(message.text);
  if (message.role === 'tool')
    return new ToolMessage({
      tool_call_id: message.callId,
      name: message.name,
      content: message.text,
      status: message.failed ? 'error' : 'success',
    });
  const { text, toolCalls = [] } = message;
  return new AIMessage({
    content: text,
    tool_calls: toolCalls.map(({ id, name, arguments: args }) => ({
      id,
      name,
      args,
      type: 'tool_call',
    })),
  });
}

/** A message as it is stored; undefined for one that is not kept, such as a system message. */
export function storedMessage(message: BaseMessage): StoredMessage | undefined {
  if (HumanMessage.isInstance(message)) return { role: 'user', text: message.text };
  if (ToolMessage.isInstance(message))
    return {
      role: 'tool',
      callId: message.tool_call_id,
      name: message.name ?? '',
      text: message.text,
      failed: message.status === 'error',
    };
  if (!AIMessage.isInstance(message)) return undefined;
  const toolCalls = (message.tool_calls ?? []).map(({ id = '', name, args }) => ({
    id,
    name,
    arguments: plain(args),
  }));
  return { role: 'assistant', text: message.text, ...(toolCalls.length && { toolCalls }) };
}

/** Arguments as JSON has them: a model's, but a program's model may give anything. */
export const plain = (args: unknown): Record<string, unknown> => {
  const value: unknown = JSON.parse(JSON.stringify(args ?? {}));
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : { value };
};
