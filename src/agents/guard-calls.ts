import { ToolMessage } from '@langchain/core/messages';
import { createMiddleware, type AgentMiddleware } from 'langchain';
import { GraphwrightError } from '../errors.ts';
import { plain } from './chat-messages.ts';
import { modelFailure } from './model-failure.ts';
import { ownReply, tokensOf, withoutCalls, type Faults } from './model-reply.ts';
import type { Question } from './session.ts';
import type { TokenListener } from './token-listener.ts';

/** Characters of a tool's result that a model reads, at most. */
const longestResult = 32_000;

interface Guarded {
  agent: string;
  /** As the budget knows it. */
  model: string;
  listener: TokenListener;
  question: Question;
}

/** Holds each call of a model or a tool to the budget, and tells of it. */
export function guardCalls({ agent, model, listener, question }: Guarded): AgentMiddleware {
  const { session, waiting, watched } = question;
  const { budget, signal } = session;
  const faults: Faults = new Map();
  return createMiddleware({
    name: 'guard_calls',
    async wrapModelCall(request, handler) {
      signal.throwIfAborted();
      const isLast = budget.takeModelCall(model, waiting) === 'last';
      const asked = isLast ? withoutTools(request) : request;
      try {
        const reply = ownReply(await handler(asked), request.messages, faults);
        budget.count(model, tokensOf(reply, textOf(request)));
        watched?.count(reply.usage_metadata);
        // Whatever it wants to call at last, nobody would read the result.
        const said = isLast && reply.tool_calls?.length ? withoutCalls(reply) : reply;
        await listener.finish(said.text);
        return said;
      } catch (thrown) {
        signal.throwIfAborted();
        throw modelFailure(thrown, model);
      }
    },
    async wrapToolCall(request, handler) {
      signal.throwIfAborted();
      const { id = '', name, args } = request.toolCall;
      const use = { agent, id, name };
      await session.emit({ type: 'tool_call', ...use, arguments: plain(args) });
      const fault = faults.get(id);
      const message = !budget.takeToolCall()
        ? refused(use, limitReached)
        : fault === undefined
          ? await carriedOut(() => handler(request), use, signal)
          : refused(use, unusable(fault));
      const told = { ...use, result: message.text, failed: message.status === 'error' };
      session.toolUses.push({ ...told, arguments: plain(args) });
      await session.emit({ type: 'tool_result', ...told });
      return message;
    },
  });
}

interface Called {
  id: string;
  name: string;
}

/** The result of a tool, shortened where it is too long to read; a failure is for the model to act on. */
async function carriedOut(
  call: () => unknown,
  use: Called,
  signal: AbortSignal,
): Promise<ToolMessage> {
  try {
    const message = await call();
    if (!ToolMessage.isInstance(message)) throw new TypeError(`${use.name} gave no message`);
    return shortened(message);
  } catch (thrown) {
    signal.throwIfAborted();
    return refused(use, GraphwrightError.from(thrown));
  }
}

function shortened(message: ToolMessage): ToolMessage {
  const { text } = message;
  if (text.length <= longestResult) return message;
  const rest = text.length - longestResult;
  return new ToolMessage({
    tool_call_id: message.tool_call_id,
    name: message.name,
    status: message.status,
    content: `${text.slice(0, longestResult)}\n(${rest} more characters were left out; ask for less)`,
  });
}

function refused({ id, name }: Called, error: GraphwrightError): ToolMessage {
  const { code, message, retriable } = error.toPublic();
  const content = JSON.stringify({ error: code, message, retriable });
  return new ToolMessage({ tool_call_id: id, name, content, status: 'error' });
}

const limitReached = new GraphwrightError(
  'limit_reached',
  'No more tools can be called; answer with what you have found out',
);

type ModelRequest = Parameters<NonNullable<AgentMiddleware['wrapModelCall']>>[0];

const withoutTools = (request: ModelRequest): ModelRequest => ({
  ...request,
  systemPrompt: `${request.systemPrompt}\n\nThis is your last turn: answer now with what you have found out, without tools, and say what is missing.`,
  ...(request.tools.length && { toolChoice: 'none' }),
});

const unusable = (fault: string) =>
  new GraphwrightError('invalid_parameters', `The arguments cannot be used: ${fault}`);

const textOf = ({ systemPrompt = '', messages }: ModelRequest): string =>
  [systemPrompt, ...messages.map(({ text }) => text)].join('\n');
