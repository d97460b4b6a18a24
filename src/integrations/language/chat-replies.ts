import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { GraphwrightError } from '../../errors.ts';
import { timeLimit } from '../../time-limit.ts';

/** A LangChain chat model, or what makes one on first use. */
export type ChatModelSource = BaseChatModel | (() => BaseChatModel | Promise<BaseChatModel>);

/** Asks a chat model, which is made on first use, and waits no longer than it is told to. */
export class ChatReplies {
  readonly #source: ChatModelSource;
  readonly #timeout: number;
  #model: BaseChatModel | undefined;

  /** @param timeout Milliseconds that one reply may take. */
  constructor(source: ChatModelSource, timeout: number) {
    this.#source = source;
    this.#timeout = timeout;
  }

  /**
   * The text of the model's reply.
   * @throws Whatever the model throws, or the reason of the signal; see {@link modelFailure}.
   */
  async reply(
    messages: [role: string, content: string][],
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const late = timeLimit(this.#timeout);
    const end = signal ? AbortSignal.any([signal, late]) : late;
    const reply = async () => {
      const model = await this.#ready();
      return model.invoke(messages, { signal: end });
    };
    return (await until(end, reply)).text;
  }

  async #ready(): Promise<BaseChatModel> {
    const source = this.#source;
    return (this.#model ??= typeof source === 'function' ? await source() : source);
  }
}

/** What a model threw, as `timeout` or `integration_failed`. */
export function modelFailure(thrown: unknown): GraphwrightError {
  if (thrown instanceof GraphwrightError) return thrown;
  if (thrown instanceof Error && thrown.name === 'TimeoutError')
    return new GraphwrightError('timeout', 'The chat model took too long', { cause: thrown });
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  const message = `The chat model failed: ${reason}`;
  return new GraphwrightError('integration_failed', message, { cause: thrown });
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
