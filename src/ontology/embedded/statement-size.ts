import type { Statement } from './state-file.ts';

const mostStatements = 16;
const mostCharacters = 16_384;

/** About how much a statement puts into the log: the characters and bytes of what it binds. */
export function sizeOf({ values = [] }: Statement): number {
  let size = 0;
  for (const value of values)
    if (typeof value === 'string' || value instanceof Uint8Array) size += value.length;
  return size;
}

/** Whether statements are few and small enough to be carried out in the calling thread. */
export function isBrief(statements: readonly Statement[]): boolean {
  if (statements.length > mostStatements) return false;
  let characters = 0;
  for (const statement of statements) characters += sizeOf(statement);
  return characters <= mostCharacters;
}
