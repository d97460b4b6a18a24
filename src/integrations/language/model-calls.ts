import { BaseCallbackHandler } from '@langchain/core/callbacks/base';
import type { Serialized } from '@langchain/core/load/serializable';
import { AIMessage, type BaseMessage } from '@langchain/core/messages';
import type { LLMResult } from '@langchain/core/outputs';
import { GraphwrightError } from '../../errors.ts';
import { begin, type Attributes, type Observation } from '../../telemetry.ts';

/**
 * Tells those who watch of each call of a chat model, by OpenTelemetry's conventions for generative AI. The
 * models that Graphwright makes have one.
 * @example
 * await agent.invoke({ messages }, { callbacks: [new ModelCalls()] });
 */
export class ModelCalls extends BaseCallbackHandler {
  override readonly name = 'graphwright_model_calls';
  // In the turn of the call, so that it is seen to belong to what called.
  override awaitHandlers = true;
  readonly #underWay = new Map<string, Observation>();

  override handleChatModelStart(
    _model: Serialized,
    messages: BaseMessage[][],
    id: string,
    _parent?: string,
    extra: Record<string, unknown> = {},
    _tags?: string[],
    { ls_provider: provider, ls_model_name: known }: Record<string, unknown> = {},
  ): void {
    const { model = known } = (extra['invocation_params'] ?? {}) as { model?: unknown };
    const seen = begin(() => ({
      kind: 'model',
      name: typeof model === 'string' ? `chat ${model}` : 'chat',
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': text(provider),
        'gen_ai.request.model': text(model),
      },
      content: () => ({
        'gen_ai.input.messages': JSON.stringify(messages.flat().map(readable)),
      }),
    }));
    if (seen) this.#underWay.set(id, seen);
  }

  override handleLLMEnd(output: LLMResult, id: string): void {
    const seen = this.#take(id);
    seen?.set(answered(output));
    seen?.end();
  }

  override handleLLMError(thrown: unknown, id: string): void {
    const seen = this.#take(id);
    const cause = thrown instanceof Error ? thrown : undefined;
    seen?.end(
      cause?.name === 'AbortError' || cause?.name === 'TimeoutError'
        ? GraphwrightError.from(cause)
        : new GraphwrightError('integration_failed', String(thrown), { cause }),
    );
  }

  #take(id: string): Observation | undefined {
    const seen = this.#underWay.get(id);
    this.#underWay.delete(id);
    return seen;
  }
}

function answered({ generations }: LLMResult): Attributes {
  const message = (generations[0]?.[0] as { message?: unknown } | undefined)?.message;
  if (!AIMessage.isInstance(message)) return {};
  const { usage_metadata: usage, response_metadata: about } = message;
  return {
    'gen_ai.usage.input_tokens': usage?.input_tokens,
    'gen_ai.usage.output_tokens': usage?.output_tokens,
    'gen_ai.response.model': text(about['model_name']),
    'gen_ai.response.finish_reason': text(about['finish_reason']),
  };
}

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

const readable = (message: BaseMessage) => ({ role: message.type, content: message.text });
