import type { JsonSchema } from '../schemas.ts';

/**
 * Leaves out patterns that JSON Schema's dialect (ECMA-262 with the flag `u`) cannot read: clients that
 * check arguments would fail on them, and the workflow checks them anyway.
 */
export function withPortablePatterns(schema: JsonSchema): JsonSchema {
  return portable(schema) as JsonSchema;
}

function portable(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(portable);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node)
    .filter(([key, value]) => key !== 'pattern' || typeof value !== 'string' || isPortable(value))
    .map(([key, value]) => [key, portable(value)]);
  return Object.fromEntries(entries);
}

function isPortable(pattern: string): boolean {
  try {
    return Boolean(new RegExp(pattern, 'u'));
  } catch {
    return false;
  }
}
