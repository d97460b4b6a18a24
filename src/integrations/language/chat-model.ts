import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { GraphwrightError } from '../../errors.ts';
import { limitedFetch } from './limited-fetch.ts';

/** Which chat model is asked, and where. */
export interface ChatModelSpec {
  /** The provider and its model: `openai:gpt-5-mini`. */
  model: string;
  /** Left out, the provider's own environment variable is read: `OPENAI_API_KEY`. */
  apiKey?: string | undefined;
  /** Another server that speaks the provider's protocol: `http://127.0.0.1:11434/v1`. */
  baseUrl?: string | undefined;
}

/**
 * Makes a chat model through LangChain, which is loaded only here.
 * @throws GraphwrightError `invalid_configuration` when the provider is unknown or not installed; a missing key
 * shows on the first call.
 */
export async function chatModel({ model, apiKey, baseUrl }: ChatModelSpec): Promise<BaseChatModel> {
  const [{ initChatModel }, { ModelCalls }] = await Promise.all([
    import('langchain/chat_models/universal'),
    import('./model-calls.ts'),
  ]);
  try {
    return await initChatModel(model, {
      maxRetries: 1,
      callbacks: [new ModelCalls()],
      ...(apiKey && { apiKey }),
      configuration: { fetch: limitedFetch, ...(baseUrl && { baseURL: baseUrl }) },
    });
  } catch (cause) {
    const message = `The chat model "${model}" cannot be used: ${reason(cause)}`;
    throw new GraphwrightError('invalid_configuration', message, { cause });
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
