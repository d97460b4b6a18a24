import type { Statement } from './state-file.ts';

/** About how much a statement puts into the log: the characters and bytes of what it binds. */
export function sizeOf({ values = [] }: Statement): number {
  let size = 0;
  for (const value of values)
    if (typeof value === 'string' || value instanceof Uint8Array) size += value.length;
  return size;
}
