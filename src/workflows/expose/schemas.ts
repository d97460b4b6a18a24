import { z } from 'zod';
import { strict } from '../../parse.ts';
import type { AnyWorkflow } from '../workflow.ts';

/** A JSON Schema (draft 2020-12), as far as surfaces look into one. */
export interface JsonSchema {
  type?: string | string[];
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  [keyword: string]: unknown;
}

/** What callers send, with every description. */
export const inputSchema = ({ parameters }: AnyWorkflow): JsonSchema =>
  schema(strict(parameters), 'input');

/** What callers get back. */
export const outputSchema = ({ result }: AnyWorkflow): JsonSchema => schema(result, 'output');

function schema(type: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...root } = z.toJSONSchema(type, { io }) as JsonSchema;
  return inline(root, root) as JsonSchema;
}

/**
 * Puts each definition where it is used, since tools and OpenAPI operations have no room for them. Where a
 * type contains itself the inner one is left open.
 */
function inline(node: unknown, root: JsonSchema, within: readonly string[] = []): unknown {
  if (Array.isArray(node)) return node.map((item) => inline(item, root, within));
  if (typeof node !== 'object' || node === null) return node;
  const { $ref, $defs: _, ...rest } = node as JsonSchema;
  if (typeof $ref === 'string')
    return within.includes($ref)
      ? rest
      : { ...(inline(definition($ref, root), root, [...within, $ref]) as JsonSchema), ...rest };
  const entries = Object.entries(rest).map(([key, value]) => [key, inline(value, root, within)]);
  return Object.fromEntries(entries);
}

/** What `#` or `#/$defs/<name>` stands for. */
function definition(reference: string, root: JsonSchema): unknown {
  const definitions = root['$defs'] as Record<string, JsonSchema> | undefined;
  return reference === '#' ? root : definitions?.[reference.slice('#/$defs/'.length)];
}

/** The description with what the hints say of side effects, so that a caller knows before it calls. */
export function describeEffects({ description, hints }: AnyWorkflow): string {
  if (hints.readOnly) return `${description} Changes nothing.`;
  const effects = [
    (hints.openWorld || hints.sends) && 'May reach people or systems outside, such as by mail.',
    hints.destructive && 'May remove or overwrite data.',
    hints.idempotent && 'Calling it again with the same parameters changes nothing more.',
  ];
  return [description, ...effects].filter(Boolean).join(' ');
}
