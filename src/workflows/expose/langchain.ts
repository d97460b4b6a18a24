import { ToolMessage } from '@langchain/core/messages';
import type { ToolCall } from '@langchain/core/messages/tool';
import type { RunnableConfig } from '@langchain/core/runnables';
import { StructuredTool } from '@langchain/core/tools';
import { GraphwrightError } from '../../errors.ts';
import type { Agent } from '../../ontology/attribution.ts';
import { parse } from '../../parse.ts';
import { observed, type Observation } from '../../telemetry.ts';
import { approvalOf, withApproval } from '../approval/approved-call.ts';
import { decidingAs } from '../approval/decider.ts';
import { runThatWaits } from '../approval/gate.ts';
import { execute, type Progress } from '../execute.ts';
import type { RunRecord } from '../runs/runs.ts';
import { toolWork } from '../work.ts';
import type { AnyWorkflow } from '../workflow.ts';
import { describeEffects, inputSchema, type JsonSchema } from './schemas.ts';
import { strictSchema, withoutNulls } from './strict-mode.ts';
import { forAssistants, inGroups } from './tool-groups.ts';
import { waitingCall } from './waiting.ts';

export { ModelCalls } from '../../integrations/language/model-calls.ts';
export { approvalMiddleware } from './approval-middleware.ts';
export type { WaitingCall } from './waiting.ts';

/** What may be said of {@link asTools}. */
export interface ToolOptions {
  /**
   * Writes the schemas as OpenAI's strict mode takes them, in which a model says null for what it leaves
   * out; false by default.
   */
  strict?: boolean;
  /** Whom provenance names; `langchain` by default. */
  agent?: Agent;
  /** Whose the runs are that wait for a person; nobody's by default. */
  owner?: string;
  /** Only workflows of these groups; all by default. */
  groups?: readonly string[];
}

/**
 * Makes one LangChain tool of each workflow.
 *
 * The content is the result as JSON for the model, the artifact the result itself. Called with plain
 * arguments a tool throws a GraphwrightError; called by a model (with a tool call) it answers with a
 * ToolMessage of status `error` that says what to mend, so that an agent goes on. The signal of the config
 * cancels the run, and its writer is told of progress. A call that a person has to approve waits as a run, and is
 * answered with {@link WaitingCall}, unless {@link approvalMiddleware} has asked before. Workflows that are
 * for people, or for those who approve, are left out.
 * @throws GraphwrightError `invalid_configuration` for parameters that strict mode cannot say;
 * `invalid_parameters` for a group that there is not.
 * @example
 * const agent = createAgent({ model, tools: asTools([new FindPerson({ store })]) });
 */
export const asTools = (
  workflows: readonly AnyWorkflow[],
  { strict = false, groups, agent = { surface: 'langchain' }, ...options }: ToolOptions = {},
): StructuredTool[] =>
  forAssistants(inGroups(workflows, groups)).map(
    (workflow) => new (strict ? StrictTool : WorkflowTool)(workflow, { ...options, agent }),
  );

/** What a tool is told of its caller. */
type Calling = Pick<ToolOptions, 'owner'> & { agent: Agent };

/** What a tool is called with: arguments, or a model's call of it. */
type ToolInput = Record<string, unknown> | ToolCall;

/** LangGraph passes a writer for custom stream events along with the config. */
type ToolConfig = RunnableConfig & { writer?: (chunk: unknown) => void };

class WorkflowTool extends StructuredTool {
  readonly name: string;
  readonly description: string;
  // JSON Schema: LangChain would parse with a zod schema itself, and hand over its output instead of the input.
  schema: JsonSchema;
  override readonly responseFormat = 'content_and_artifact';
  protected readonly workflow: AnyWorkflow;
  protected readonly calling: Calling;

  constructor(workflow: AnyWorkflow, calling: Calling) {
    super();
    this.calling = calling;
    this.name = workflow.name;
    this.description = describeEffects(workflow);
    this.schema = inputSchema(workflow);
    this.workflow = workflow;
  }

  // The declared result depends on the kind of input in a way that an override cannot restate.
  // oxlint-disable-next-line typescript/no-explicit-any -- as in the declaration of StructuredTool.invoke
  override async invoke(input: ToolInput, config?: ToolConfig): Promise<any> {
    const { args, id } = isToolCall(input) ? input : { args: input };
    return observed(
      () => toolWork(this.name, { surface: this.calling.agent.surface, input: args, id }),
      (seen) => this.#answer(input, config, seen),
    );
  }

  async #answer(input: ToolInput, config?: ToolConfig, seen?: Observation): Promise<unknown> {
    const call = isToolCall(input) ? input : undefined;
    try {
      // Before LangChain's own check, so that a mistake has the same code and words as on every surface.
      parse(this.workflow.parameters, call?.args ?? input, 'invalid_parameters', this.name);
      // LangChain's check of JSON Schema refuses some of what zod takes, so this twin lets everything through.
      const unchecked: this = Object.create(this, { schema: { value: {} } });
      return await super.invoke.call(unchecked, input, config);
    } catch (thrown) {
      const error = GraphwrightError.from(thrown);
      // A cancelled agent must stop, not read on.
      if (!call || config?.signal?.aborted) throw error;
      const waiting = runThatWaits(error);
      if (waiting) return answerWaiting(this.name, call.id ?? '', waiting);
      seen?.end(error);
      return refusal(this.name, call.id ?? '', error);
    }
  }

  protected override async _call(
    input: Record<string, unknown>,
    _manager?: unknown,
    config?: ToolConfig,
  ): Promise<[string, unknown]> {
    const onProgress = (progress: Progress) =>
      config?.writer?.({ workflow: this.name, ...progress });
    const { agent, owner } = this.calling;
    const approval = approvalOf(this.name, input);
    const call = () =>
      execute(this.workflow, input, {
        signal: config?.signal,
        agent,
        owner,
        onProgress,
        ...(approval && {
          approved: true,
          runId: approval.run,
          startedAt: new Date(approval.startedAt),
        }),
      });
    // Whoever a model speaks for, it decides on nothing itself.
    const result: unknown = await decidingAs({ owner, approve: [] }, () =>
      withApproval(undefined, call),
    );
    return [JSON.stringify(result), result];
  }
}

/** A tool whose schema OpenAI's strict mode takes. */
class StrictTool extends WorkflowTool {
  readonly #parameters: JsonSchema;

  constructor(workflow: AnyWorkflow, calling: Calling) {
    super(workflow, calling);
    this.#parameters = this.schema;
    this.schema = strictSchema(this.schema);
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- as in the declaration of StructuredTool.invoke
  override async invoke(input: ToolInput, config?: ToolConfig): Promise<any> {
    const parameters = this.#parameters;
    if (!isToolCall(input))
      return super.invoke(withoutNulls(parameters, input) as ToolInput, config);
    const args = withoutNulls(parameters, input.args) as ToolCall['args'];
    return super.invoke({ ...input, args }, config);
  }
}

const isToolCall = (input: ToolInput): input is ToolCall =>
  input['type'] === 'tool_call' && 'args' in input;

function answerWaiting(name: string, id: string, run: RunRecord): ToolMessage {
  const artifact = waitingCall(run);
  return new ToolMessage({
    name,
    content: JSON.stringify(artifact),
    artifact,
    status: 'success',
    tool_call_id: id,
  });
}

function refusal(name: string, id: string, error: GraphwrightError): ToolMessage {
  // Messages end up in conversations and traces; the whole error goes to LangChain's callbacks.
  const artifact = error.toPublic();
  const { code, message, retriable } = artifact;
  const content = JSON.stringify({ error: code, message, retriable });
  return new ToolMessage({
    name,
    content,
    artifact,
    status: 'error',
    tool_call_id: id,
  });
}
