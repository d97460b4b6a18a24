import type { ToolCall } from '@langchain/core/messages/tool';
import type { HumanInTheLoopMiddlewareConfig } from 'langchain';
import type { Agent } from '../../ontology/attribution.ts';
import { mayWait, termsOf } from '../approval/gate.ts';
import type { AnyWorkflow } from '../workflow.ts';
import { describeEffects, inputSchema, type JsonSchema } from './schemas.ts';
import { withoutNulls } from './strict-mode.ts';

type InterruptOn = NonNullable<HumanInTheLoopMiddlewareConfig['interruptOn']>;

/** Who asks, and who is told of each call that a person is asked about. */
interface Asking {
  agent: Agent;
  onAsked(call: ToolCall): void;
}

/** The approvals of these workflows as langchain's human-in-the-loop middleware asks for them. */
export function interruptOn(
  workflows: readonly AnyWorkflow[],
  { agent, onAsked }: Asking,
): InterruptOn {
  const asked = workflows.filter((workflow) => mayWait(workflow, agent.surface));
  return Object.fromEntries(
    asked.map((workflow) => [
      workflow.name,
      {
        allowedDecisions: ['approve', 'edit', 'reject'],
        description: describeEffects(workflow),
        argsSchema: schemaOf(workflow),
        when({ toolCall }) {
          const asks = needsApproval(workflow, toolCall.args, agent);
          if (asks) onAsked(toolCall);
          return asks;
        },
      },
    ]),
  );
}

/** What the workflow would refuse needs no person: the tool says what to mend. */
function needsApproval(workflow: AnyWorkflow, args: unknown, caller: Agent): boolean {
  const parsed = workflow.parameters.safeParse(argumentsOf(workflow, args));
  return parsed.success && termsOf(workflow, { parameters: parsed.data, caller }) !== undefined;
}

/** What a model gave, as a tool hands it on to the workflow. */
export const argumentsOf = (workflow: AnyWorkflow, args: unknown): unknown =>
  withoutNulls(schemaOf(workflow), args);

/** Schemas take time to write, and each turn of a conversation asks for them. */
const schemas = new WeakMap<AnyWorkflow, JsonSchema>();

function schemaOf(workflow: AnyWorkflow): JsonSchema {
  const schema = schemas.get(workflow) ?? inputSchema(workflow);
  schemas.set(workflow, schema);
  return schema;
}
