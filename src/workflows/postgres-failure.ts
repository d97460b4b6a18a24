import { GraphwrightError } from '../errors.ts';

/** What Postgres says, for callers: `unavailable` when it cannot be reached, `store_full` when its disk is full. */
export function postgresFailure(thrown: unknown): GraphwrightError {
  if (thrown instanceof GraphwrightError) return thrown;
  const { code = '', message } = thrown as Error & { code?: string };
  const known = codeOf(code, message);
  if (!known) return GraphwrightError.from(thrown);
  const text = known === 'store_full' ? 'has no room left' : 'cannot be reached';
  return new GraphwrightError(known, `The database ${text}: ${message}`, { cause: thrown });
}

function codeOf(code: string, message: string): 'unavailable' | 'store_full' | undefined {
  if (code === '53100') return 'store_full';
  if (/^(ECONN|ETIMEDOUT|ENOTFOUND|EPIPE|ENOENT|57P|08|53|40)/.test(code)) return 'unavailable';
  const lost = /Connection terminated|timeout exceeded|Cannot use a pool/.test(message);
  return lost ? 'unavailable' : undefined;
}
