import { ToolMessage } from '@langchain/core/messages';
import type { ToolCall } from '@langchain/core/messages/tool';
import type { RunnableConfig } from '@langchain/core/runnables';
import { StructuredTool } from '@langchain/core/tools';
import { GraphwrightError } from '../../errors.ts';
import { parse } from '../../parse.ts';
import { execute, type Progress } from '../execute.ts';
import type { AnyWorkflow } from '../workflow.ts';
import { describeEffects, inputSchema, type JsonSchema } from './schemas.ts';
import { strictSchema, withoutNulls } from './strict-mode.ts';

/** What may be said of {@link asTools}. */
export interface ToolOptions {
  /**
   * Writes the schemas as OpenAI's strict mode takes them, in which a model says null for what it leaves
   * out; false by default.
   */
  strict?: boolean;
}

/**
 * Makes one LangChain tool of each workflow.
 *
 * The content is the result as JSON for the model, the artifact the result itself. Called with plain
 * arguments a tool throws a GraphwrightError; called by a model (with a tool call) it answers with a
 * ToolMessage of status `error` that says what to mend, so that an agent goes on. The signal of the config
 * cancels the run, and its writer is told of progress.
 * @throws GraphwrightError `invalid_configuration` for parameters that strict mode cannot say.
 * @example
 * const agent = createAgent({ model, tools: asTools([new FindPerson({ store })]) });
 */
export const asTools = (
  workflows: readonly AnyWorkflow[],
  { strict = false }: ToolOptions = {},
): StructuredTool[] =>
  workflows.map((workflow) => (strict ? new StrictTool(workflow) : new WorkflowTool(workflow)));

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

  constructor(workflow: AnyWorkflow) {
    super();
    this.name = workflow.name;
    this.description = describeEffects(workflow);
    this.schema = inputSchema(workflow);
    this.workflow = workflow;
  }

  // The declared result depends on the kind of input in a way that an override cannot restate.
  // oxlint-disable-next-line typescript/no-explicit-any -- as in the declaration of StructuredTool.invoke
  override async invoke(input: ToolInput, config?: ToolConfig): Promise<any> {
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
    const result: unknown = await execute(this.workflow, input, {
      signal: config?.signal,
      agent: { surface: 'langchain' },
      onProgress,
    });
    return [JSON.stringify(result), result];
  }
}

/** A tool whose schema OpenAI's strict mode takes. */
class StrictTool extends WorkflowTool {
  readonly #parameters: JsonSchema;

  constructor(workflow: AnyWorkflow) {
    super(workflow);
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
