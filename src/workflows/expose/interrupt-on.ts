import type { HumanInTheLoopMiddlewareConfig } from 'langchain';
import type { Agent } from '../../ontology/attribution.ts';
import { mayWait, termsOf } from '../approval/gate.ts';
import type { AnyWorkflow } from '../workflow.ts';
import { describeEffects, inputSchema } from './schemas.ts';

type InterruptOn = NonNullable<HumanInTheLoopMiddlewareConfig['interruptOn']>;

/**
 * The approvals of these workflows as langchain's human-in-the-loop middleware asks for them, in the
 * conversation. To be used together with tools that say `approval: 'interrupt'`, which do not ask again.
 * @example
 * const middleware = [humanInTheLoopMiddleware({ interruptOn: interruptOn(workflows) })];
 * const agent = createAgent({ model, tools: asTools(workflows, { approval: 'interrupt' }), middleware, checkpointer });
 */
export function interruptOn(
  workflows: readonly AnyWorkflow[],
  { agent = { surface: 'langchain' } }: { agent?: Agent } = {},
): InterruptOn {
  const asked = workflows.filter((workflow) => mayWait(workflow, agent.surface));
  return Object.fromEntries(
    asked.map((workflow) => [
      workflow.name,
      {
        allowedDecisions: ['approve', 'edit', 'reject'],
        description: describeEffects(workflow),
        argsSchema: inputSchema(workflow),
        when: ({ toolCall }) => needsApproval(workflow, toolCall.args, agent),
      },
    ]),
  );
}

/** What the workflow would refuse needs no person: the tool says what to mend. */
function needsApproval(workflow: AnyWorkflow, args: unknown, caller: Agent): boolean {
  const parsed = workflow.parameters.safeParse(args);
  return parsed.success && termsOf(workflow, { parameters: parsed.data, caller }) !== undefined;
}
