import { GraphwrightError } from '../../../errors.ts';
import type { ConversationAgent } from '../agent.ts';

/** An agent of a system; what it holds is let go of at the end. */
export type SystemAgent = ConversationAgent & Partial<AsyncDisposable>;

/** Agents by name: each one itself, or a function that makes it when it is first needed. */
export type SystemAgents = Readonly<Record<string, SystemAgent | (() => SystemAgent)>>;

/** Makes agents when they are first needed, once each, and disposes of those that were made. */
export class AgentCabinet {
  readonly #made = new Set<SystemAgent>();
  /** As the engine takes them. */
  readonly agents: Readonly<Record<string, () => ConversationAgent>>;

  constructor(given: SystemAgents) {
    const makers = Object.entries(given).map(([name, agent]) => {
      let made: SystemAgent | undefined;
      const make = () => {
        made ??= typeof agent === 'function' ? agent() : agent;
        this.#made.add(made);
        return made;
      };
      return [name, make] as const;
    });
    this.agents = Object.fromEntries(makers);
  }

  /** @param onFailure Told of an agent that could not be disposed of; the others are all the same. */
  async dispose(onFailure: (error: GraphwrightError) => void): Promise<void> {
    for (const agent of this.#made)
      try {
        await agent[Symbol.asyncDispose]?.();
      } catch (thrown) {
        onFailure(GraphwrightError.from(thrown));
      }
    this.#made.clear();
  }
}
