import {
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerContext,
  type Tool,
} from '@modelcontextprotocol/server';
import { GraphwrightError } from '../../../errors.ts';
import { suggest } from '../../../nearest.ts';
import type { Agent } from '../../../ontology/attribution.ts';
import { execute } from '../../execute.ts';
import type { AnyWorkflow, Hints } from '../../workflow.ts';
import { describeEffects, inputSchema } from '../schemas.ts';
import { progressTeller } from './progress.ts';
import { withPortablePatterns } from './portable-patterns.ts';
import { refusal, resultSchema, toolResult } from './tool-result.ts';

/** Offers each workflow as a tool. */
export function addTools(server: Server, workflows: readonly AnyWorkflow[], agent: Agent): void {
  const byName = new Map(workflows.map((workflow) => [workflow.name, workflow]));
  server.setRequestHandler('tools/list', () => ({ tools: workflows.map(toolOf) }));
  server.setRequestHandler('tools/call', async ({ params }, context) => {
    const workflow = byName.get(params.name);
    if (workflow) return call(workflow, params.arguments ?? {}, agent, context);
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `No tool ${params.name}; ${suggest(params.name, [...byName.keys()])}`,
    );
  });
}

/** Over HTTP each request has a server of its own, and schemas take time to write. */
const tools = new WeakMap<AnyWorkflow, Tool>();

function toolOf(workflow: AnyWorkflow): Tool {
  const known = tools.get(workflow);
  if (known) return known;
  const tool: Tool = {
    name: workflow.name,
    description: describeEffects(workflow),
    inputSchema: withPortablePatterns(inputSchema(workflow)) as Tool['inputSchema'],
    outputSchema: withPortablePatterns(resultSchema(workflow)) as Tool['outputSchema'],
    annotations: annotationsOf(workflow.hints),
  };
  tools.set(workflow, tool);
  return tool;
}

/** All four are said: left out, a client takes a tool for destructive and open to the world. */
const annotationsOf = ({ readOnly = false, destructive, idempotent, openWorld }: Hints) => ({
  readOnlyHint: readOnly,
  destructiveHint: !readOnly && (destructive ?? false),
  idempotentHint: readOnly || (idempotent ?? false),
  openWorldHint: openWorld ?? false,
});

async function call(
  workflow: AnyWorkflow,
  input: Record<string, unknown>,
  agent: Agent,
  { mcpReq }: ServerContext,
) {
  try {
    const result: unknown = await execute(workflow, input, {
      agent,
      signal: cancellation(mcpReq.signal),
      ...progressTeller(mcpReq),
    });
    return toolResult(workflow, result);
  } catch (thrown) {
    return refusal(GraphwrightError.from(thrown));
  }
}

/** What the protocol gives as a reason for an abort is its own; a workflow passes on ours. */
function cancellation(signal: AbortSignal): AbortSignal {
  const stop = new AbortController();
  const abort = () =>
    stop.abort(new GraphwrightError('cancelled', 'The client cancelled the call'));
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return stop.signal;
}
