import { createHash } from 'node:crypto';
import type { AgentAnswer } from '../../agent.ts';
import type { StepContext } from '../../flow.ts';
import type { JsonObject } from '../../json.ts';
import type { StepOf } from '../definition.ts';
import { choicesOf } from '../produced.ts';
import { found, promptIn, type Execute, type StepParts } from './step-parts.ts';

/** How many answers a step remembers with `cacheAgentResponses`. */
const remembered = 100;

/**
 * `agent_response`: an agent does what the prompt says, and its words are the reply; without an agent, the prompt is.
 * `decision`: the same without a reply, or a mere look at the state.
 */
export function agentStep({
  flow,
  step,
}: StepParts<StepOf<'agent_response'> | StepOf<'decision'>>): Execute {
  const decides = choicesOf(flow, step);
  const cache = new Map<string, AgentAnswer>();
  const speaks = step.type === 'agent_response';
  return async (_, context) => {
    const prompt = promptIn(step, context);
    if (step.agent === undefined)
      return found(step, context, undefined, { response: speaks && prompt ? prompt : undefined });
    const key = cacheKey(context, prompt);
    const known = context.flow.settings.cacheAgentResponses ? cache.get(key) : undefined;
    const answer = known ?? (await ask(step.agent, prompt, decides, context));
    if (context.flow.settings.cacheAgentResponses) remember(cache, key, answer);
    const update = { ...answer.update, ...decided(decides, answer.update) };
    const { agent } = step;
    const response = speaks ? { content: answer.text, metadata: { agent } } : undefined;
    return found(step, context, speaks ? answer.text : undefined, { update, response });
  };
}

async function ask(
  name: string,
  prompt: string,
  decides: Readonly<Record<string, readonly string[]>> | undefined,
  context: StepContext,
): Promise<AgentAnswer> {
  const all = await context.history();
  const shared = context.flow.settings.sharedMemory;
  const history = shared
    ? all
    : all.filter(({ role, name: who }) => role === 'user' || who === name);
  const { state, key, step } = context;
  const request = { prompt, history, state, key, decides, step };
  return context.agent(name).respond(request, context.signal);
}

/** What an agent decided, where it is one of the values it could choose from; anything else is as if it had not. */
function decided(
  decides: Readonly<Record<string, readonly string[]>> | undefined,
  update: JsonObject = {},
): JsonObject {
  return Object.fromEntries(
    Object.entries(decides ?? {}).map(([key, values]) => {
      const value = update[key];
      return [key, typeof value === 'string' && values.includes(value) ? value : null];
    }),
  );
}

const cacheKey = ({ state }: StepContext, prompt: string) =>
  createHash('sha256')
    .update(JSON.stringify([prompt, state]))
    .digest('base64');

function remember(cache: Map<string, AgentAnswer>, key: string, answer: AgentAnswer): void {
  cache.set(key, answer);
  const [oldest] = cache.keys();
  if (cache.size > remembered) cache.delete(oldest!);
}
