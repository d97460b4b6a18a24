import { GraphwrightError } from '../errors.ts';
import type { AgentLimits, ModelPrice } from './definition.ts';

/** What a completion has spent. */
export interface Usage {
  modelCalls: number;
  toolCalls: number;
  inputTokens: number;
  outputTokens: number;
  /** As prices say; absent when a model that was called has no price. */
  cost?: number;
}

/** The tokens of one call of a model. */
export interface Tokens {
  input: number;
  output: number;
}

/** Counts what one completion spends, in all the agents that take part in it, and where it must stop. */
export class Budget {
  readonly #limits: AgentLimits;
  readonly #prices: ReadonlyMap<string, ModelPrice>;
  readonly #usage = { modelCalls: 0, toolCalls: 0, inputTokens: 0, outputTokens: 0 };
  #cost: number | undefined = 0;
  /** Whether an agent had to answer with less than it wanted to find out. */
  reached = false;

  constructor(limits: AgentLimits, prices: readonly ModelPrice[]) {
    this.#limits = limits;
    this.#prices = new Map(prices.map((price) => [price.model, price]));
  }

  get usage(): Usage {
    return { ...this.#usage, ...(this.#cost !== undefined && { cost: this.#cost }) };
  }

  /**
   * Takes a call of a model, and tells whether it is the last one: one is kept for each agent that waits for
   * the answer.
   * @param waiting How many agents wait for the one that calls.
   * @throws GraphwrightError `limit_reached`
   */
  takeModelCall(model: string, waiting: number): 'last' | 'one of more' {
    const { modelCalls, tokens, cost } = this.#limits;
    const left = modelCalls - this.#usage.modelCalls - waiting;
    if (left < 1) throw this.#over(`${modelCalls} model calls`);
    if (this.#usage.inputTokens + this.#usage.outputTokens >= tokens)
      throw this.#over(`${tokens} tokens`);
    if (cost !== undefined) this.#assertAffordable(model, cost);
    this.#usage.modelCalls += 1;
    if (left > 1) return 'one of more';
    this.reached = true;
    return 'last';
  }

  /** Takes a call of a tool; false when there are no more. */
  takeToolCall(): boolean {
    if (this.#usage.toolCalls >= this.#limits.toolCalls) {
      this.reached = true;
      return false;
    }
    this.#usage.toolCalls += 1;
    return true;
  }

  /** Counts what a call of a model has used. */
  count(model: string, { input, output }: Tokens): void {
    this.#usage.inputTokens += input;
    this.#usage.outputTokens += output;
    const price = this.#prices.get(model);
    if (!price || this.#cost === undefined) this.#cost = undefined;
    else this.#cost += (input * price.input + output * price.output) / 1_000_000;
  }

  #assertAffordable(model: string, cost: number): void {
    if (!this.#prices.has(model))
      throw new GraphwrightError(
        'invalid_configuration',
        `The cost is limited, but agents.prices has no price for ${model}; add it, or leave agents.cost out`,
      );
    if ((this.#cost ?? Infinity) >= cost) throw this.#over(`a cost of ${cost}`);
  }

  #over(limit: string): GraphwrightError {
    return new GraphwrightError(
      'limit_reached',
      `The agent reached its limit of ${limit} before it had an answer; ask for less at once, or raise the limit`,
      { details: { usage: this.usage } },
    );
  }
}
