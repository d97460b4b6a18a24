import type { UsageMetadata } from '@langchain/core/messages';
import type { Observation, Work } from '../telemetry.ts';

/** What an agent is asked, as far as those who watch are told. */
interface AskedAgent {
  agent: string;
  /** As the agent calls it, such as `openai:gpt-5-mini`. */
  model: string;
  /** Absent where the conversation is kept elsewhere. */
  threadId: string | undefined;
  question: string;
}

/** An agent's work on one answer, by OpenTelemetry's conventions for generative AI. */
export function agentWork({ agent, model, threadId, question }: AskedAgent): Work {
  const [, provider, name] = /^(?:([^:]+):)?(.+)$/.exec(model) ?? [];
  return {
    kind: 'agent',
    name: `invoke_agent ${agent}`,
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': agent,
      'gen_ai.provider.name': provider,
      'gen_ai.request.model': name,
      'gen_ai.conversation.id': threadId,
    },
    content: () => ({
      'gen_ai.input.messages': JSON.stringify([{ role: 'human', content: question }]),
    }),
  };
}

/** An agent's work under way, whose tokens are counted for those who watch. */
export class WatchedAgent {
  readonly #seen: Observation;
  readonly #askedBy: WatchedAgent | undefined;
  #input = 0;
  #output = 0;

  /** @param askedBy The agent that waits for the answer, whose work this is a part of. */
  constructor(seen: Observation, askedBy?: WatchedAgent) {
    this.#seen = seen;
    this.#askedBy = askedBy;
  }

  /** Adds what a model says that a call has used; of one that says nothing, nothing is known. */
  count(usage: UsageMetadata | undefined): void {
    if (!usage) return;
    this.#input += usage.input_tokens;
    this.#output += usage.output_tokens;
    // At each call, so that of work that fails it is known too.
    this.#seen.set({
      'gen_ai.usage.input_tokens': this.#input,
      'gen_ai.usage.output_tokens': this.#output,
    });
    this.#askedBy?.count(usage);
  }
}
