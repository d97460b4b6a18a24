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
import { withRights } from '../../../ontology/rights/current-rights.ts';
import { observed, placeIn, type Observation } from '../../../telemetry.ts';
import { mayWait, runThatWaits } from '../../approval/gate.ts';
import { execute } from '../../execute.ts';
import { toolWork } from '../../work.ts';
import type { AnyWorkflow, Hints } from '../../workflow.ts';
import { onBehalfOf, type Caller } from '../caller.ts';
import { describeEffects, inputSchema } from '../schemas.ts';
import { waitingCall, waitingSchema } from '../waiting.ts';
import { progressTeller } from './progress.ts';
import { withPortablePatterns } from './portable-patterns.ts';
import { refusal, resultSchema, structured, toolResult } from './tool-result.ts';

/** Offers each workflow as a tool. */
export function addTools(
  server: Server,
  workflows: readonly AnyWorkflow[],
  { agent, caller }: { agent: Agent; caller: Caller },
): void {
  const byName = new Map(workflows.map((workflow) => [workflow.name, workflow]));
  server.setRequestHandler('tools/list', () => ({ tools: workflows.map(toolOf) }));
  server.setRequestHandler('tools/call', async ({ params }, context) => {
    const workflow = byName.get(params.name);
    if (workflow) {
      // Clients tell their place in a trace there: https://modelcontextprotocol.io/seps/414.
      const { arguments: input = {}, _meta: meta = {} } = params;
      return observed(
        () => ({ ...toolWork(workflow.name, { surface: 'mcp', input }), parent: placeIn(meta) }),
        (seen) =>
          withRights(caller.rights, () => call(workflow, input, { agent, caller, context, seen })),
      );
    }
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `No tool ${params.name}; ${suggest(params.name, [...byName.keys()])}`,
    );
  });
}

/** Over HTTP each request has a server of its own, and schemas take time to write. */
const tools = new WeakMap<AnyWorkflow, { waits: boolean; tool: Tool }>();

function toolOf(workflow: AnyWorkflow): Tool {
  const waits = mayWait(workflow, 'mcp');
  const known = tools.get(workflow);
  if (known?.waits === waits) return known.tool;
  const output = resultSchema(workflow);
  const tool: Tool = {
    name: workflow.name,
    description: describeEffects(workflow),
    inputSchema: withPortablePatterns(inputSchema(workflow)) as Tool['inputSchema'],
    outputSchema: withPortablePatterns(
      waits ? { type: 'object', anyOf: [output, waitingSchema] } : output,
    ) as Tool['outputSchema'],
    annotations: annotationsOf(workflow.hints),
  };
  tools.set(workflow, { waits, tool });
  return tool;
}

/** All four are said: left out, a client takes a tool for destructive and open to the world. */
const annotationsOf = ({ readOnly = false, destructive, idempotent, openWorld, sends }: Hints) => ({
  readOnlyHint: readOnly,
  destructiveHint: !readOnly && (destructive ?? false),
  idempotentHint: readOnly || (idempotent ?? false),
  openWorldHint: openWorld ?? sends ?? false,
});

async function call(
  workflow: AnyWorkflow,
  input: Record<string, unknown>,
  { agent, caller, context: { mcpReq }, seen }: Calling,
) {
  try {
    const options = {
      agent,
      owner: caller.name,
      signal: cancellation(mcpReq.signal),
      ...progressTeller(mcpReq),
    };
    const result: unknown = await onBehalfOf(caller, () => execute(workflow, input, options));
    return toolResult(workflow, result);
  } catch (thrown) {
    const waiting = runThatWaits(thrown);
    if (waiting) return structured(waitingCall(waiting));
    const error = GraphwrightError.from(thrown);
    seen?.end(error);
    return refusal(error);
  }
}

/** Who calls, and who watches. */
interface Calling {
  agent: Agent;
  caller: Caller;
  context: ServerContext;
  seen: Observation | undefined;
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
