import { BaseCallbackHandler } from '@langchain/core/callbacks/base';

/** Hears the text that a model writes; to LangChain, a listener like this is the wish that it streams. */
export class TokenListener extends BaseCallbackHandler {
  override readonly name = 'graphwright_tokens';
  readonly lc_prefer_streaming = true;
  override readonly awaitHandlers = true;
  readonly #tell: (text: string) => Promise<void>;
  #heard = false;

  constructor(tell: (text: string) => Promise<void>) {
    super();
    this.#tell = tell;
  }

  override async handleLLMNewToken(token: string): Promise<void> {
    if (token === '') return;
    this.#heard = true;
    await this.#tell(token);
  }

  /** Tells the text of a model that does not stream at its end. */
  async finish(text: string): Promise<void> {
    if (!this.#heard && text !== '') await this.#tell(text);
    this.#heard = false;
  }
}
