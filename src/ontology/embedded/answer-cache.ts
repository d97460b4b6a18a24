import type { ReadRequest } from './engine-worker.ts';
import type { AnswerText } from './results.ts';

/** Only what took the engine so many milliseconds is worth remembering. */
const slow = 5;
/** Bytes or characters of one answer, and of all that are kept. */
const largest = 4 * 2 ** 20;
const room = 32 * 2 ** 20;

/** What may be answered differently each time. */
const changing = /\b(?:NOW|RAND|UUID|STRUUID|BNODE)\b/i;

/**
 * Small answers to slow queries, such as counts over the whole graph, which dashboards ask again and
 * again. They hold for one position of the journal: with the next write all are forgotten.
 */
export class AnswerCache {
  readonly #answers = new Map<string, AnswerText>();
  /** Most questions are new, and their texts say so sooner than their keys. */
  readonly #texts = new Set<string>();
  #size = 0;

  /** The answer to the very same request, options included. */
  get(request: ReadRequest): AnswerText | undefined {
    if (this.#answers.size === 0 || request.type !== 'query') return undefined;
    return this.#texts.has(request.text) ? this.#answers.get(keyOf(request)) : undefined;
  }

  /** @param milliseconds How long it took to find. */
  keep(request: ReadRequest, answer: AnswerText, milliseconds: number): void {
    if (milliseconds < slow || answer.length > largest) return;
    if (request.type !== 'query' || changing.test(request.text)) return;
    const key = keyOf(request);
    if (this.#answers.has(key)) return;
    if (this.#size + key.length + answer.length > room) this.clear();
    this.#size += key.length + answer.length;
    this.#texts.add(request.text);
    this.#answers.set(key, answer);
  }

  /** Forgets all of them, since the graph is another one. */
  clear(): void {
    this.#answers.clear();
    this.#texts.clear();
    this.#size = 0;
  }
}

const keyOf = (request: ReadRequest): string => JSON.stringify(request);
