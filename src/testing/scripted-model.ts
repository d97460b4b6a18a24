import type { BaseChatModel } from '@langchain/core/language_models/chat_models';

/** One thing a scripted model says: a text, a failure, or calls of tools. */
export type ScriptedReply = string | Error | { tool: string; args: Record<string, unknown> }[];

/**
 * A chat model that gives these replies, one a call, and fails when they run out. It is LangChain's own
 * test model, which is loaded only here.
 */
export async function scriptedModel(...replies: ScriptedReply[]): Promise<BaseChatModel> {
  const [{ fakeModel }, { AIMessage }] = await Promise.all([
    import('@langchain/core/testing'),
    import('@langchain/core/messages'),
  ]);
  const model = fakeModel();
  for (const reply of replies) {
    if (Array.isArray(reply))
      model.respondWithTools(reply.map(({ tool, args }) => ({ name: tool, args })));
    else model.respond(typeof reply === 'string' ? new AIMessage(reply) : reply);
  }
  return model;
}
