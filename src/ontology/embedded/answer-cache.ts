import type { ReadRequest } from './engine-worker.ts';
import type { AnswerText } from './results.ts';

/** Only what took the engine so many milliseconds is worth remembering. */
const slow = 5;
const largest = 256 * 1024;
const most = 256;

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

  /** The answer to the very same request, options included. */
  get(request: ReadRequest): AnswerText | undefined {
    if (this.#answers.size === 0 || request.type !== 'query') return undefined;
    return this.#texts.has(request.text) ? this.#answers.get(keyOf(request)) : undefined;
  }

  /** @param milliseconds How long it took to find. */
  keep(request: ReadRequest, answer: AnswerText, milliseconds: number): void {
    if (milliseconds < slow || answer.length > largest) return;
    if (request.type !== 'query' || changing.test(request.text)) return;
    if (this.#answers.size >= most) this.clear();
    this.#texts.add(request.text);
    this.#answers.set(keyOf(request), answer);
  }

  /** Forgets all of them, since the graph is another one. */
  clear(): void {
    this.#answers.clear();
    this.#texts.clear();
  }
}

const keyOf = (request: ReadRequest): string => JSON.stringify(request);
