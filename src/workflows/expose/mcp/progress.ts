import type { ServerContext } from '@modelcontextprotocol/server';
import type { ExecuteOptions, Progress } from '../../execute.ts';

/** Milliseconds between two notifications; the last one always goes out. */
const pause = 100;

/**
 * Tells a client that asked for it how far its call is. The protocol wants numbers that grow: until the
 * workflow itself speaks of progress these are the steps behind it, and they stay part of the sum.
 */
export function progressTeller({
  _meta,
  notify,
}: ServerContext['mcpReq']): Pick<ExecuteOptions, 'onProgress' | 'onStep'> {
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return {};
  let steps = 0;
  let own = false;
  let last = -1;
  let next = 0;
  const tell = ({ done, total, message }: Progress) => {
    const now = performance.now();
    if (done <= last || (now < next && done !== total)) return;
    [last, next] = [done, now + pause];
    const progress = { progressToken, progress: done, total, message };
    // A client that went away hears nothing; its call is cancelled elsewhere.
    notify({ method: 'notifications/progress', params: progress }).catch(() => undefined);
  };
  return {
    onProgress({ done, total, message }) {
      own = true;
      tell({ done: steps + done, total: total === undefined ? total : steps + total, message });
    },
    onStep({ step, status }) {
      if (own || status !== 'completed') return;
      steps += 1;
      tell({ done: steps, message: step });
    },
  };
}
