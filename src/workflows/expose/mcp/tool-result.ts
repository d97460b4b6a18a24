import type { CallToolResult } from '@modelcontextprotocol/server';
import type { GraphwrightError } from '../../../errors.ts';
import type { AnyWorkflow } from '../../workflow.ts';
import { outputSchema, type JsonSchema } from '../schemas.ts';

/** A result that may be anything but an object has no place in `structuredContent` unless it is wrapped. */
const isObject = ({ type }: JsonSchema) => type === 'object';

const outputs = new WeakMap<AnyWorkflow, JsonSchema>();

function outputOf(workflow: AnyWorkflow): JsonSchema {
  const output = outputs.get(workflow) ?? outputSchema(workflow);
  outputs.set(workflow, output);
  return output;
}

/** The schema of what {@link toolResult} gives as `structuredContent`. */
export function resultSchema(workflow: AnyWorkflow): JsonSchema {
  const output = outputOf(workflow);
  if (isObject(output)) return output;
  return {
    type: 'object',
    properties: { result: output },
    required: ['result'],
    additionalProperties: false,
  };
}

/** A result as JSON, for programs and once more as text; one that is no object as `{"result": …}`. */
export function toolResult(workflow: AnyWorkflow, result: unknown): CallToolResult {
  return structured(isObject(outputOf(workflow)) ? result : { result: result ?? null });
}

/** An object for programs, and once more as text. */
export function structured(object: unknown): CallToolResult {
  const text = JSON.stringify(object);
  return {
    content: [{ type: 'text', text }],
    structuredContent: JSON.parse(text) as Record<string, unknown>,
  };
}

/**
 * A failure that the model can read: `{"error": code, "message": …, "retriable": …, "problems": […]}`, of
 * the unexpected nothing but that it happened. Clients hold `structuredContent` to the schema of results, so
 * it is text alone.
 */
export function refusal(error: GraphwrightError): CallToolResult {
  const { code, message, retriable, problems } = error.toPublic();
  const told = { error: code, message, retriable, ...(problems.length > 0 && { problems }) };
  return { isError: true, content: [{ type: 'text', text: JSON.stringify(told) }] };
}
