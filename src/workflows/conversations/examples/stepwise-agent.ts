import type { AgentAnswer, AgentRequest, ConversationAgent } from '../agent.ts';

/** What an agent without a model says at one step. */
export type StepAnswer = (request: AgentRequest) => AgentAnswer | string;

/** Answers by rules, one for each step at which it is asked; stands in for an assistant where there is no model. */
export class StepwiseAgent implements ConversationAgent {
  readonly #answers: ReadonlyMap<string, StepAnswer>;
  readonly #otherwise: StepAnswer;

  /**
   * @param answers By the name of the step.
   * @param otherwise At any other step.
   */
  constructor(answers: Readonly<Record<string, StepAnswer>>, otherwise: StepAnswer) {
    this.#answers = new Map(Object.entries(answers));
    this.#otherwise = otherwise;
  }

  async respond(request: AgentRequest): Promise<AgentAnswer> {
    const answer = this.#answers.get(request.step ?? '') ?? this.#otherwise;
    const said = answer(request);
    return typeof said === 'string' ? { text: said } : said;
  }
}

/** A text of the state, without what surrounds it; empty when there is none. */
export function stated({ state }: AgentRequest, key: string): string {
  const value = state[key];
  return typeof value === 'string' ? value.trim() : '';
}
