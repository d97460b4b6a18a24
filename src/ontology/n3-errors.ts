/** Where n3 found a token: the line from 1, the columns from 0. */
export interface N3Token {
  line: number;
  endLine?: number;
  start: number;
  end: number;
}

/** What n3 throws for a syntax error; without a context it comes from the terms' factory. */
export interface N3Error extends Error {
  context?: { line: number; token?: N3Token; previousToken?: N3Token };
}

/**
 * The column of a mistake, from 1. Text that is no token begins after the last token before it.
 * @param source The line that the mistake is in.
 * @param last The last token that n3 read.
 */
export function columnOf({ context }: N3Error, source: string, last: N3Token): number {
  const token = context ? context.token : last;
  if (token) return token.start + 1;
  const before = context?.previousToken;
  const from = before && (before.endLine ?? before.line) === context?.line ? before.end : 0;
  return from + Math.max(0, source.slice(from).search(/\S/)) + 1;
}
