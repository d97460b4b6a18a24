/** A timer of more milliseconds than this would be over at once. */
export const longestTimer = 2 ** 31 - 1;

/**
 * A signal that aborts after some milliseconds with a `TimeoutError`, whatever it is combined with.
 *
 * `AbortSignal.timeout()` within `AbortSignal.any()` is collected as garbage on Node 20 and then never
 * aborts (https://github.com/nodejs/node/issues/57736); a timer holds this one. It keeps no process alive.
 */
export function timeLimit(milliseconds: number): AbortSignal {
  const controller = new AbortController();
  const late = () =>
    controller.abort(new DOMException(`Not done after ${milliseconds} ms`, 'TimeoutError'));
  setTimeout(late, Math.min(milliseconds, longestTimer)).unref();
  return controller.signal;
}
