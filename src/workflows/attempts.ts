import { setMaxListeners } from 'node:events';
import { GraphwrightError } from '../errors.ts';
import { ComeBackLater } from '../retry.ts';
import { observed, type Observation } from '../telemetry.ts';
import { stepWork } from './work.ts';
import type { Backoff, StepContext, StepPolicy } from './workflow.ts';

/** How a step ended, after how many attempts, and how long they took in all, in milliseconds. */
export type StepEnd<T> = { attempts: number; duration: number } & (
  { value: T; error?: undefined } | { error: GraphwrightError }
);

/** An attempt that failed and is followed by another one after `delay` milliseconds. */
export interface FailedAttempt {
  attempt: number;
  delay: number;
  error: GraphwrightError;
}

/** What attempts happen within. */
export interface AttemptOptions {
  /** The name of the step; without one nobody is told of it. */
  step?: string;
  /** That of the run. */
  signal: AbortSignal;
  /** The number of the first one. */
  first?: number;
  onFailedAttempt?: (failed: FailedAttempt) => void;
}

/** Tries a step as often as its policy says, with the waits it says; never rejects. */
export function attempts<T>(
  action: (context: StepContext) => T | Promise<T>,
  policy: StepPolicy,
  options: AttemptOptions,
): Promise<StepEnd<T>> {
  const { step } = options;
  if (step === undefined) return tryOften(action, policy, options);
  return observed(
    () => stepWork(step),
    (seen) => (seen ? tellOf(seen, action, policy, options) : tryOften(action, policy, options)),
  );
}

async function tellOf<T>(
  seen: Observation,
  action: (context: StepContext) => T | Promise<T>,
  policy: StepPolicy,
  options: AttemptOptions,
): Promise<StepEnd<T>> {
  const onFailedAttempt = (failed: FailedAttempt) => {
    const { attempt, delay, error } = failed;
    seen.note('attempt failed', {
      'graphwright.attempt': attempt,
      'graphwright.attempt.delay_ms': delay,
      'error.type': error.code,
    });
    options.onFailedAttempt?.(failed);
  };
  const end = await tryOften(action, policy, { ...options, onFailedAttempt });
  seen.set({ 'graphwright.attempts': end.attempts });
  if (end.error) seen.end(end.error);
  return end;
}

async function tryOften<T>(
  action: (context: StepContext) => T | Promise<T>,
  policy: StepPolicy,
  { signal, first = 1, onFailedAttempt }: AttemptOptions,
): Promise<StepEnd<T>> {
  const start = performance.now();
  // Any number of steps may go on at once, and each listens.
  setMaxListeners(0, signal);
  for (let attempt = first; ; attempt++) {
    try {
      signal.throwIfAborted();
      const value = await tryOnce(action, attempt, policy.timeout, signal);
      return { value, attempts: attempt, duration: performance.now() - start };
    } catch (thrown) {
      const error = GraphwrightError.from(thrown);
      const delay = delayAfter(error, attempt, policy, signal);
      if (delay === undefined)
        return { error, attempts: attempt, duration: performance.now() - start };
      onFailedAttempt?.({ attempt, delay, error });
      // A cancellation ends the wait; the next attempt then fails with it.
      await pause(delay, signal).catch(() => undefined);
    }
  }
}

/** One attempt: it is over when the action is, the time is, or the run is cancelled. */
async function tryOnce<T>(
  action: (context: StepContext) => T | Promise<T>,
  attempt: number,
  timeout: number | undefined,
  signal: AbortSignal,
): Promise<T> {
  let over: { reason: unknown } | undefined;
  let own: AbortController | undefined;
  let giveUp: ((reason: unknown) => void) | undefined;
  const end = (reason: unknown) => {
    over = { reason };
    own?.abort(reason);
    giveUp?.(reason);
  };
  const cancel = () => end(signal.reason);
  const tooLate = () => end(new GraphwrightError('timeout', `Not done after ${timeout} ms`));
  const context: StepContext = {
    attempt,
    // Made for those who ask: it takes longer than most steps.
    get signal() {
      if (timeout === undefined) return signal;
      own ??= new AbortController();
      if (over) own.abort(over.reason);
      return own.signal;
    },
  };
  const timer = timeout === undefined ? undefined : setTimeout(tooLate, timeout);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const value = action(context);
    if (isThenable(value))
      return await new Promise<T>((resolve, reject) => {
        giveUp = reject;
        if (over) reject(over.reason);
        value.then(resolve, reject);
      });
    if (over) throw over.reason;
    return value;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  }
}

const isThenable = <T>(value: T | PromiseLike<T>): value is PromiseLike<T> =>
  typeof (value as Partial<PromiseLike<T>> | null | undefined)?.then === 'function';

/** Waits, or rejects with the signal's reason when that aborts first. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end);
  });
}

/** How long to wait after a failure; undefined when there is no further attempt. */
function delayAfter(
  error: GraphwrightError,
  attempt: number,
  { attempts: most = 1, backoff = {}, retriable = ({ retriable: able }) => able }: StepPolicy,
  signal: AbortSignal,
): number | undefined {
  if (attempt >= most || signal.aborted || !retriable(error)) return undefined;
  return waitBefore(attempt + 1, backoff, error);
}

function waitBefore(
  attempt: number,
  { initial = 200, factor = 2, max = 10_000, jitter = 1 }: Backoff,
  { cause }: GraphwrightError,
): number | undefined {
  // The other side said when; that it asks for more patience than there is ends the attempts.
  if (cause instanceof ComeBackLater) return cause.delay <= max ? cause.delay : undefined;
  return Math.min(max, initial * factor ** (attempt - 2)) * (1 - jitter * Math.random());
}
