import { GraphwrightError } from '../errors.ts';
import type { Caller } from '../workflows/expose/caller.ts';
import type {
  AgentAnswer,
  AgentRequest,
  ConversationAgent,
  Utterance,
} from '../workflows/conversations/agent.ts';
import type { Agents } from './agents.ts';
import type { Turn } from './threads.ts';

/** What {@link conversationAgents} are told of whoever talks. */
export interface ConversationAgentsOptions {
  /** Who a tenant is: an agent does for it what it may do itself. Somebody who may do everything by default. */
  callerOf?: (tenant: string) => Caller;
}

/**
 * The agents as flows call them, by name. The conversation is all that they remember.
 * @example
 * const conversations = await Conversations.open({ storage, flows, agents: conversationAgents(agents) });
 */
export const conversationAgents = (
  agents: Agents,
  { callerOf = () => ({}) }: ConversationAgentsOptions = {},
): Record<string, ConversationAgent> =>
  Object.fromEntries(
    agents.list().map(({ name }) => [
      name,
      {
        async respond(request, signal) {
          const { conversation, decides, prompt, history } = request;
          const caller = conversation ? callerOf(conversation.tenant) : {};
          const message = prompt + asking(decides);
          const options = { caller, signal, history: turnsOf(name, history) };
          const { text } = await agents.complete(name, { message, sharedMemory: true }, options);
          return answerIn(text, decides);
        },
      } satisfies ConversationAgent,
    ]),
  );

/** What was said as turns of a thread, each begun by the user. */
function turnsOf(agent: string, history: readonly Utterance[]): Turn[] {
  const turns: Turn['messages'][] = [];
  for (const { role, content } of history) {
    const last = turns.at(-1);
    if (!last || role === 'user') turns.push([{ role, text: content }]);
    else last.push({ role, text: content });
  }
  return turns.map((messages) => ({ agent, at: '', messages }));
}

type Decisions = AgentRequest['decides'];

const asking = (decides: Decisions): string =>
  decides && Object.keys(decides).length > 0
    ? `\n\nEnd with a line of its own that holds nothing but a JSON object which gives each of these keys one of its values: ${JSON.stringify(decides)}`
    : '';

/** Takes the decision off the end of an answer. @throws GraphwrightError `integration_failed` without one. */
function answerIn(text: string, decides: Decisions): AgentAnswer {
  if (asking(decides) === '') return { text };
  const lines = text.trimEnd().split('\n');
  const last = lines.pop() ?? '';
  try {
    const update = JSON.parse(last.replaceAll('`', '')) as AgentAnswer['update'];
    if (typeof update === 'object' && update !== null && !Array.isArray(update)) {
      const decided = Object.keys(decides ?? {}).map((key) => [key, update[key] ?? null] as const);
      return { text: lines.join('\n').trimEnd(), update: Object.fromEntries(decided) };
    }
  } catch (cause) {
    throw undecided(cause);
  }
  throw undecided();
}

const undecided = (cause?: unknown) =>
  new GraphwrightError('integration_failed', 'The agent was to decide, and did not', { cause });
