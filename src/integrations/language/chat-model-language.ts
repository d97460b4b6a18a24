import { GraphwrightError } from '../../errors.ts';
import { analysisQuestion, categoriesQuestion, type Question } from './chat-questions.ts';
import { ChatReplies, modelFailure, type ChatModelSource } from './chat-replies.ts';
import type { CategoryAnalysis, Language, SentimentAnalysis } from './language.ts';

/** What a {@link ChatModelLanguage} needs. */
export interface ChatModelLanguageConfiguration {
  model: ChatModelSource;
  /** Answers when the model does not. */
  fallback: Language;
  /** Hears why the fallback answered. */
  onFallback: (error: GraphwrightError) => void;
  /** How long the model may take, in milliseconds; 30,000 by default. */
  timeout?: number;
}

/**
 * Asks a chat model, which knows more languages and irony than word lists do. The text goes as data and
 * the answer is parsed strictly, so instructions inside a text can change its label at most. When the model
 * fails, is late or answers something else, the fallback answers.
 * @throws GraphwrightError `cancelled` when the signal aborts.
 */
export class ChatModelLanguage implements Language {
  readonly #configuration: ChatModelLanguageConfiguration;
  readonly #replies: ChatReplies;

  constructor(configuration: ChatModelLanguageConfiguration) {
    this.#configuration = configuration;
    this.#replies = new ChatReplies(configuration.model, configuration.timeout ?? 30_000);
  }

  async analyzeSentiment(text: string, signal?: AbortSignal): Promise<SentimentAnalysis> {
    const { fallback } = this.#configuration;
    const otherwise = () => fallback.analyzeSentiment(text, signal);
    return this.#ask(analysisQuestion, text, otherwise, signal);
  }

  async categorize(text: string, signal?: AbortSignal): Promise<CategoryAnalysis> {
    const { fallback } = this.#configuration;
    return this.#ask(categoriesQuestion, text, () => fallback.categorize(text, signal), signal);
  }

  async #ask<A>(
    question: Question<A>,
    text: string,
    otherwise: () => Promise<A>,
    signal: AbortSignal | undefined,
  ): Promise<A> {
    if (text.trim() === '') return otherwise();
    try {
      return question.read(await this.#replies.reply(question.messages(text), signal), text);
    } catch (thrown) {
      if (signal?.aborted) throw cancelled(thrown);
      this.#configuration.onFallback(modelFailure(thrown));
      return otherwise();
    }
  }
}

function cancelled(cause: unknown): GraphwrightError {
  return new GraphwrightError('cancelled', 'The call was cancelled', { cause });
}
