import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { GraphwrightError } from '../../errors.ts';
import { analysisQuestion, categoriesQuestion, type Question } from './chat-questions.ts';
import type { CategoryAnalysis, Language, SentimentAnalysis } from './language.ts';
import { timeLimit } from '../../time-limit.ts';

/** What a {@link ChatModelLanguage} needs. */
export interface ChatModelLanguageConfiguration {
  /** A LangChain chat model, or what makes one on first use. */
  model: BaseChatModel | (() => BaseChatModel | Promise<BaseChatModel>);
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
  #model: BaseChatModel | undefined;

  constructor(configuration: ChatModelLanguageConfiguration) {
    this.#configuration = configuration;
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
      return question.read(await this.#reply(question.messages(text), signal), text);
    } catch (thrown) {
      if (signal?.aborted) throw cancelled(thrown);
      this.#configuration.onFallback(failure(thrown));
      return otherwise();
    }
  }

  async #reply(messages: [string, string][], signal: AbortSignal | undefined): Promise<string> {
    const late = timeLimit(this.#configuration.timeout ?? 30_000);
    const end = signal ? AbortSignal.any([signal, late]) : late;
    const reply = async () => {
      const model = await this.#ready();
      return model.invoke(messages, { signal: end });
    };
    return (await until(end, reply)).text;
  }

  async #ready(): Promise<BaseChatModel> {
    const { model } = this.#configuration;
    return (this.#model ??= typeof model === 'function' ? await model() : model);
  }
}

/** Waits no longer than the signal allows, also for a model that does not heed it. */
function until<T>(signal: AbortSignal, action: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    const settled = () => signal.removeEventListener('abort', abort);
    void action().then(resolve, reject).finally(settled);
  });
}

function cancelled(cause: unknown): GraphwrightError {
  return new GraphwrightError('cancelled', 'The call was cancelled', { cause });
}

function failure(thrown: unknown): GraphwrightError {
  if (thrown instanceof GraphwrightError) return thrown;
  if (thrown instanceof Error && thrown.name === 'TimeoutError')
    return new GraphwrightError('timeout', 'The chat model took too long', { cause: thrown });
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  const message = `The chat model failed: ${reason}`;
  return new GraphwrightError('integration_failed', message, { cause: thrown });
}
