import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { GraphwrightError } from '../errors.ts';
import { chatModel, type ChatModelSpec } from '../integrations/language/chat-model.ts';

/** Makes a chat model from what an agent calls it, such as `openai:gpt-5-mini`. */
export type LoadModel = (model: string) => BaseChatModel | Promise<BaseChatModel>;

/** The chat models of agents, each made when it is first needed. */
export class Models {
  readonly #standard: string | undefined;
  readonly #load: LoadModel;
  readonly #made = new Map<string, Promise<BaseChatModel>>();

  constructor(standard: string | undefined, load: LoadModel) {
    this.#standard = standard;
    this.#load = load;
  }

  /** Which model an agent has. @throws GraphwrightError `invalid_configuration` when none is configured. */
  nameFor({ model = this.#standard }: { model?: string | undefined }): string {
    if (model !== undefined) return model;
    throw new GraphwrightError(
      'invalid_configuration',
      'No chat model is configured: set agents.model (GRAPHWRIGHT_AGENTS_MODEL) to one such as openai:gpt-5-mini, with agents.apiKey, or with agents.baseUrl for a server of your own that speaks the same protocol',
    );
  }

  /** @throws GraphwrightError `invalid_configuration` when the provider is unknown or not installed. */
  get(name: string): Promise<BaseChatModel> {
    let model = this.#made.get(name);
    if (!model) {
      model = Promise.resolve(this.#load(name));
      this.#made.set(name, model);
      // What failed may be mended by the next time.
      model.catch(() => this.#made.delete(name));
    }
    return model;
  }
}

/**
 * Loads models through LangChain. One of the same provider as the standard model is asked at the same place
 * with the same key; another finds its key in its provider's own variable.
 */
export function configuredModels(standard: Partial<ChatModelSpec>): LoadModel {
  return (model) =>
    providerOf(model) === providerOf(standard.model)
      ? chatModel({ ...standard, model })
      : chatModel({ model });
}

const providerOf = (model = '') => model.split(':', 1)[0];
