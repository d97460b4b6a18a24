import type { WriteRequest } from './engine-worker.ts';
import type { Change } from './engine.ts';
import type { Commit } from '../store.ts';
import { cancelled, type Limits } from './thread.ts';

/** When a write is given up, and what is to be seen to right before it is made. */
export interface WriteLimits extends Limits {
  /** Throws when the write may not follow these changes, which come before it and are not on disk yet. */
  check?: (pending: readonly Change[]) => void;
}

/** A write, and who waits for it. */
export interface Write {
  request: WriteRequest;
  limits: WriteLimits;
  /** Set when others failed along with it: it is made again, alone. */
  again?: boolean;
  resolve: (commit: Commit) => void;
  reject: (reason: unknown) => void;
}

/** How many writes the engine is given at once. */
const mostAtOnce = 500;

/** The writes that wait for the engine, in order. */
export class WriteQueue {
  #waiting: Write[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  push(write: Write): void {
    this.#waiting.push(write);
  }

  /** Puts back what has to be made again, before all others. */
  putBack(writes: readonly Write[]): void {
    this.#waiting.unshift(...writes);
  }

  /** Rejects a lone write; several are made again one by one, so that only the one at fault fails. */
  retry(batch: readonly Write[], reason: unknown): void {
    if (batch.length === 1) return batch[0]!.reject(reason);
    for (const write of batch) write.again = true;
    this.putBack(batch);
  }

  /**
   * Takes what goes next, up to a write that goes alone: an update may have to be ended, a condition be
   * looked at.
   * @param pending The changes that are not on disk yet.
   */
  next(pending: () => readonly Change[]): Write[] {
    const alone = this.#waiting.findIndex(
      ({ request, again, limits }) => again || limits.check || mayRunLong(request),
    );
    const batch = this.#waiting.splice(
      0,
      alone < 0 ? mostAtOnce : Math.min(alone || 1, mostAtOnce),
    );
    return batch.filter((write) => mayBeMade(write, pending));
  }

  /** Takes all of them out. */
  clear(): Write[] {
    return this.#waiting.splice(0);
  }
}

/** Only the WHERE of an update can; other writes are bounded by what was sent. */
export const mayRunLong = (request: WriteRequest): boolean =>
  request.type === 'update' || ('requests' in request && request.requests.some(mayRunLong));

function mayBeMade({ limits: { signal, check }, reject }: Write, pending: () => readonly Change[]) {
  try {
    if (signal?.aborted) throw cancelled();
    check?.(pending());
    return true;
  } catch (thrown) {
    reject(thrown);
    return false;
  }
}
