import { setTimeout as sleep } from 'node:timers/promises';
import { longestTimer } from '../../time-limit.ts';

/** Waits for something, but no longer than some milliseconds and until the signal aborts: then undefined. */
export async function inTime<T>(
  value: Promise<T>,
  milliseconds: number,
  signal: AbortSignal,
): Promise<T | undefined> {
  const enough = new AbortController();
  const either = AbortSignal.any([enough.signal, signal]);
  const time = Math.min(milliseconds, longestTimer);
  const late = sleep(time, undefined, { signal: either }).catch(() => undefined);
  try {
    return await Promise.race([value, late]);
  } finally {
    enough.abort();
  }
}
