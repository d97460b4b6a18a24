import type { ConversationKey } from './conversation.ts';
import type { Json, JsonObject } from './json.ts';

/** One thing that was said, as agents read it. */
export interface Utterance {
  readonly role: 'user' | 'assistant';
  /** Which agent said it, or at which step it was said. */
  readonly name?: string;
  readonly content: string;
}

/** What a conversation asks of an agent. */
export interface AgentRequest {
  /** What the agent is to do now, with its variables filled in. */
  readonly prompt: string;
  /** What was said so far: all of it, or with `sharedMemory` off only what this agent took part in. */
  readonly history: readonly Utterance[];
  readonly state: JsonObject;
  /** What it has to find out: keys that its answer's `update` gives one of these values each. */
  readonly decides?: Readonly<Record<string, readonly string[]>>;
  /** The step of the flow at which it is asked, when it is asked for a step's part. */
  readonly step?: string;
  /** The same when the turn is executed again after a crash. */
  readonly key: string;
  /** Whose conversation it is, which the engine says and nobody else. */
  readonly conversation?: ConversationKey;
}

/** What an agent says, and what it found out on the way, which is merged into the state. */
export interface AgentAnswer {
  readonly text: string;
  readonly update?: JsonObject;
  readonly data?: Json;
}

/**
 * An agent as conversations know it: the assistants of the layer above are handed in by this interface, and a
 * scripted or rule-based one stands in where there is no model.
 */
export interface ConversationAgent {
  respond(request: AgentRequest, signal: AbortSignal): Promise<AgentAnswer>;
}
