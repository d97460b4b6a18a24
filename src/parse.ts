import { z } from 'zod';
import { GraphwrightError, type ErrorCode, type Problem } from './errors.ts';

/**
 * Parses what came from outside, once, at a boundary.
 * @param what Names the thing in the message: "process_customer_feedback".
 * @throws GraphwrightError with `code` and a problem for each mistake, by JSON Pointer.
 */
export function parse<S extends z.ZodType>(
  schema: S,
  value: unknown,
  code: ErrorCode,
  what: string,
): z.output<S> {
  const parsed = strict(schema).safeParse(value);
  if (parsed.success) return parsed.data as z.output<S>;
  const problems = parsed.error.issues.flatMap(describe);
  const list = problems.map(({ pointer, detail }) => (pointer ? `${pointer}: ${detail}` : detail));
  throw new GraphwrightError(code, `${what}: ${list.join('; ')}`, {
    problems,
    cause: parsed.error,
  });
}

const strictForms = new WeakMap<z.ZodType, z.ZodType>();

/** An object schema that says nothing of unknown keys would drop them silently; they are refused instead. */
export function strict(schema: z.ZodType): z.ZodType {
  if (!(schema instanceof z.ZodObject) || schema.def.catchall) return schema;
  let form = strictForms.get(schema);
  if (!form) strictForms.set(schema, (form = schema.strict()));
  return form;
}

function describe(issue: z.core.$ZodIssue): Problem[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      pointer: jsonPointer([...issue.path, key]),
      detail: 'Unknown key',
    }));
  return [{ pointer: jsonPointer(issue.path), detail: issue.message }];
}

/** A path as a JSON Pointer (RFC 6901). */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
