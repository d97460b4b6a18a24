import type { BaseMessage } from '@langchain/core/messages';
import type { ToolCall } from '@langchain/core/messages/tool';
import { createMiddleware, humanInTheLoopMiddleware } from 'langchain';
import { z } from 'zod';
import type { Agent } from '../../ontology/attribution.ts';
import { withApproval } from '../approval/approved-call.ts';
import type { AnyWorkflow } from '../workflow.ts';
import { interruptOn } from './interrupt-on.ts';
import { approvedBy, decisionOn, recordToolDecision, ToolDecision } from './tool-decisions.ts';

/**
 * Kept with the conversation: what was decided last, by the ids of the model's tool calls. It is there before
 * anything is written or carried out, so that what is done again after a failure has the name of whoever decided.
 */
const stateSchema = z.object({ _decided: z.record(z.string(), ToolDecision).optional() });

const contextSchema = z.object({
  /** The name of the person who decides; whoever hosts the agent answers for it. */
  decidedBy: z
    .string()
    .min(1)
    .max(200)
    .refine((name) => name.isWellFormed(), 'Expected whole characters')
    .optional(),
});

/**
 * Has a person approve, edit or reject the risky calls of an agent in the conversation, by the same policy as
 * everywhere: langchain's human-in-the-loop middleware asks, and who decided is written down before anything
 * is carried out. For tools of `asTools`.
 *
 * Whoever resumes says who decides, in `context.decidedBy`. What was approved without a name, or by one who
 * may not approve it, is not carried out but waits as a run, like a call that this middleware never saw.
 * @param agent Whom provenance names as the one who asks; that of the tools.
 * @example
 * const agent = createAgent({ model, tools: asTools(workflows), middleware: [approvalMiddleware(workflows)], checkpointer });
 * await agent.invoke(new Command({ resume: { decisions: [{ type: 'approve' }] } }), { ...config, context: { decidedBy: 'grace' } });
 */
export function approvalMiddleware(
  workflows: readonly AnyWorkflow[],
  { agent: asker = { surface: 'langchain' } }: { agent?: Agent } = {},
) {
  return createMiddleware({
    name: 'approval',
    stateSchema,
    contextSchema,
    afterModel: {
      canJumpTo: ['model'],
      async hook({ messages }, runtime) {
        const asked: ToolCall[] = [];
        const asking = humanInTheLoopMiddleware({
          interruptOn: interruptOn(workflows, {
            agent: asker,
            onAsked: (call) => asked.push(call),
          }),
        });
        const answer = await ask(asking, messages, runtime);
        const { decidedBy } = runtime.context;
        // Nothing may fail from here on: langchain would keep the decision, and forget by whom it was.
        const decided = asked.flatMap((given) => {
          const { messages: said } = answer;
          const decision = decisionOn({ given, messages: said }, workflows, { asker, decidedBy });
          return decision ? [[given.id ?? '', decision] as const] : [];
        });
        return { ...(asked.length > 0 && answer), _decided: Object.fromEntries(decided) };
      },
    },
    async wrapModelCall(request, handler) {
      const { _decided: decided = {} } = request.state;
      for (const each of Object.values(decided))
        if (!approvedBy(each)) await recordToolDecision(each, workflows, asker);
      return handler(request);
    },
    async wrapToolCall(request, handler) {
      const { _decided: decided = {} } = request.state;
      const decision = decided[request.toolCall.id ?? ''];
      if (!decision) return handler(request);
      await recordToolDecision(decision, workflows, asker);
      return withApproval(approvedBy(decision), () => handler(request));
    },
  });
}

type Asking = ReturnType<typeof humanInTheLoopMiddleware>;
type Hook = Extract<NonNullable<Asking['afterModel']>, (...parameters: never) => unknown>;

/** What becomes of the messages; nothing, when there was nothing to ask. */
interface Answer {
  messages: BaseMessage[];
  jumpTo?: 'model';
}

/** Has langchain ask. It stops here until somebody resumes, and then begins again from the top. */
async function ask(
  { afterModel }: Asking,
  messages: readonly BaseMessage[],
  runtime: object,
): Promise<Answer> {
  const hook = (typeof afterModel === 'object' ? afterModel.hook : afterModel) as Hook;
  const given = { messages: [...messages] };
  // Its own context could say that nothing is to be asked.
  const answer = await hook(given, { ...runtime, context: {} } as Parameters<Hook>[1]);
  return (answer ?? { messages: [] }) as Answer;
}
