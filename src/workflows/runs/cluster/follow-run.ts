import { GraphwrightError } from '../../../errors.ts';
import type { Closing } from '../closing.ts';
import { hasEnded, type FollowOptions, type RunEvent } from '../runs.ts';
import type { Following } from '../run-followers.ts';
import type { ClusterExecutor } from './cluster-executor.ts';
import type { ClusterReader } from './cluster-reader.ts';
import { timeLimit } from '../../../time-limit.ts';

/** What following works with. */
export interface FollowParts {
  reader: ClusterReader;
  executor: ClusterExecutor;
  closing: Closing;
}

/** Milliseconds between two looks at a run that another process executes, and at one that is about to end. */
const [interval, soon] = [200, 5];

/** What happens in a run: as it is told here, or as it comes to lie on disk. */
export async function* followRun(
  id: string,
  { after = 0, signal }: FollowOptions,
  { reader, executor, closing }: FollowParts,
): AsyncGenerator<RunEvent> {
  // From now on, so that nothing falls between what is read and what is told.
  const following = executor.followers.follow(id);
  const stop = closing.or(signal);
  try {
    for (let last = after; ;) {
      const stored = await reader.existing(id);
      for (const event of await reader.events(stored, last)) {
        yield event;
        last = event.sequence;
      }
      if (hasEnded(stored.record)) return;
      let wasHere = executor.present(id) !== undefined;
      for (;;) {
        const event = await next(following, wasHere ? soon : interval, stop);
        const isHere = executor.present(id) !== undefined;
        // As long as it is executed here all is told, and in order.
        if (!event && isHere) continue;
        // The end is told before DBOS has written it down.
        if (!event || (event.type === 'status' && hasEnded(event))) break;
        wasHere = isHere;
        if (event.sequence <= last) continue;
        yield event;
        last = event.sequence;
      }
    }
  } catch (thrown) {
    if (!closing.signal.aborted) throw GraphwrightError.from(thrown);
  } finally {
    following.end();
  }
}

/** The next event, or undefined when none comes in time. */
async function next(
  following: Following,
  milliseconds: number,
  stop: AbortSignal,
): Promise<RunEvent | undefined> {
  try {
    return await following.next(AbortSignal.any([stop, timeLimit(milliseconds)]));
  } catch (thrown) {
    stop.throwIfAborted();
    if ((thrown as Error).name === 'TimeoutError') return undefined;
    throw thrown;
  }
}
