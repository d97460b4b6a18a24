import { GraphwrightError } from '../../errors.ts';

/** What Oxigraph or the parser says, short enough to read: they list every token that would have been right. */
export function message(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/** A query that the engine refuses; the text says where, as `line:column` or with the line itself. */
export function invalidQuery(thrown: unknown): GraphwrightError {
  if (thrown instanceof GraphwrightError) return thrown;
  const detail = message(thrown);
  return new GraphwrightError('invalid_query', `The SPARQL text is not valid: ${detail}`, {
    problems: [{ pointer: '', detail }],
    cause: thrown,
  });
}

/** Whether the engine itself broke: out of stack or memory, with every store of its thread lost. */
export const trapped = (thrown: unknown): thrown is Error =>
  thrown instanceof Error && ['RuntimeError', 'RangeError'].includes(thrown.name);
