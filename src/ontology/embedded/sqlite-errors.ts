import { dirname } from 'node:path';
import { GraphwrightError } from '../../errors.ts';

/** What SQLite reports of the file at `path`, as an error with a code. */
export function coded(thrown: unknown, path: string): GraphwrightError {
  if (thrown instanceof GraphwrightError) return thrown;
  const { message } = thrown as Error;
  const code = codeOf(thrown);
  const problem = (kind: 'data_in_use' | 'store_full' | 'store_damaged' | 'unavailable') =>
    new GraphwrightError(kind, explain(kind, path, message), { cause: thrown });
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return problem('data_in_use');
  if (/^SQLITE_(FULL|IOERR_WRITE|TOOBIG)/.test(code)) return problem('store_full');
  // All statements are ours; one that does not fit the tables meets tables that are not.
  if (/^SQLITE_(CORRUPT|NOTADB|ERROR)/.test(code)) return problem('store_damaged');
  if (/^SQLITE_(CANTOPEN|IOERR|READONLY|PERM|NOMEM)|^$/.test(code)) return problem('unavailable');
  if (code.startsWith('SQLITE_CONSTRAINT'))
    return new GraphwrightError('conflict', message, { cause: thrown });
  return GraphwrightError.from(thrown);
}

/** SQLite's own code, such as `SQLITE_IOERR_FSYNC`; empty when it is another error. */
export const codeOf = (thrown: unknown): string => (thrown as { code?: string }).code ?? '';

function explain(kind: string, path: string, message: string): string {
  switch (kind) {
    case 'data_in_use':
      return `The data directory ${dirname(path)} is in use by another process. Stop that process, or use its HTTP endpoint`;
    case 'store_full':
      return `Nothing more could be written to ${path}: ${message}`;
    case 'store_damaged':
      return `${path} is damaged: ${message}. Restore it from a backup`;
    default:
      return `${path} cannot be used: ${message}`;
  }
}
