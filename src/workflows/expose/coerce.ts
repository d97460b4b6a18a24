import type { JsonSchema } from './schemas.ts';

/** What a query string or a command line gives for one key. */
export type Given = string | boolean | readonly (string | boolean)[];

/**
 * Reads texts as the types that a schema asks for: numbers, booleans, arrays, and JSON for objects. A text
 * that is not of its type stays as it is, for the schema to refuse by name.
 */
export function coerce(
  schema: JsonSchema,
  given: Readonly<Record<string, Given>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => [
      key,
      coerceValue(schema.properties?.[key], value),
    ]),
  );
}

function coerceValue(schema: JsonSchema | undefined, given: Given): unknown {
  if (!schema) return given;
  const [only] = typeof given === 'object' && given.length === 1 ? given : [];
  const wanted = types(schema);
  // Where a text will do, one that was given is meant as it stands.
  if (wanted.includes('array') && !(typeof given === 'string' && wanted.includes('string')))
    return coerceList(schema, typeof given === 'object' ? given : [given]);
  if (only !== undefined) return coerceValue(schema, only);
  return typeof given === 'string' ? coerceText(wanted, given) : given;
}

/** Several values each are an item; a single one may be the whole array as JSON. */
function coerceList(schema: JsonSchema, given: readonly (string | boolean)[]): unknown {
  const [only] = given;
  const whole = given.length === 1 && typeof only === 'string' ? json(only) : undefined;
  if (Array.isArray(whole)) return whole;
  return given.map((item) => coerceValue(schema.items, item));
}

function coerceText(wanted: string[], text: string): unknown {
  if (wanted.includes('string')) return text;
  if (wanted.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  if (
    (wanted.includes('number') || wanted.includes('integer')) &&
    /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)
  )
    return Number(text);
  if (wanted.includes('null') && text === 'null') return null;
  return wanted.includes('object') ? json(text) : text;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Left as text: the schema's own error names the key and says what was expected.
    return text;
  }
}

/** The JSON types that a schema lets through; a bare enum or const has those of its values. */
export function types(schema: JsonSchema): string[] {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.flatMap(types);
  if (schema.type !== undefined) return [schema.type].flat();
  const values = schema.enum ?? ('const' in schema ? [schema.const] : []);
  return values.map((value) => (value === null ? 'null' : typeof value));
}
