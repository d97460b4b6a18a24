import { GraphwrightError } from './errors.ts';

/** What may be said of {@link retry}; times in milliseconds. */
export interface RetryOptions {
  /** How often the action is tried in all; 3 by default. */
  attempts?: number;
  /** The longest first wait, doubled before each further attempt; 200 by default. */
  baseDelay?: number;
  /** No wait is longer; 10,000 by default. */
  maxDelay?: number;
  /** Ends the waiting, and with it the retries. */
  signal?: AbortSignal;
  /** From 0 to 1: the share of the longest wait that is really waited. */
  random?: () => number;
}

/** The cause of an error whose system said, in milliseconds, when to come back. */
export class ComeBackLater extends Error {
  override readonly name = 'ComeBackLater';
  readonly delay: number;

  constructor(delay: number, options?: ErrorOptions) {
    super(`Asked to come back in ${delay} ms`, options);
    this.delay = delay;
  }
}

/** What Retry-After (RFC 9110: seconds, or a date) asks for; undefined without it. */
export function retryAfter(headers: Headers): ComeBackLater | undefined {
  const value = headers.get('retry-after');
  if (!value) return undefined;
  const delay = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(delay) ? undefined : new ComeBackLater(Math.max(0, delay));
}

/**
 * Tries again what failed with a retriable error, after waits that double and have full jitter, so
 * that many callers do not come back at the same moment. A {@link ComeBackLater} cause sets the wait
 * instead; one beyond `maxDelay` ends the retries.
 * @param action Gets the number of the attempt, from 1.
 * @throws What the last attempt threw; `cancelled` when the signal aborts while waiting.
 */
export async function retry<T>(
  action: (attempt: number) => Promise<T>,
  options: RetryOptions = {},
): Promise<T> {
  const { attempts = 3, signal } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await action(attempt);
    } catch (thrown) {
      const delay = attempt < attempts ? delayAfter(thrown, attempt, options) : undefined;
      if (delay === undefined) throw thrown;
      await wait(delay, signal);
    }
  }
}

/** How long to wait after a failure; undefined when trying again cannot help. */
function delayAfter(
  thrown: unknown,
  attempt: number,
  { baseDelay = 200, maxDelay = 10_000, random = Math.random }: RetryOptions,
): number | undefined {
  if (!(thrown instanceof GraphwrightError) || !thrown.retriable || thrown.code === 'cancelled')
    return undefined;
  if (thrown.cause instanceof ComeBackLater) {
    const { delay } = thrown.cause;
    return delay <= maxDelay ? delay : undefined;
  }
  return Math.min(maxDelay, baseDelay * 2 ** (attempt - 1)) * random();
}

function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      if (signal?.aborted) reject(cancelled(signal));
      else resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
  });
}

const cancelled = ({ reason }: AbortSignal) =>
  new GraphwrightError('cancelled', 'Cancelled while waiting to try again', { cause: reason });
