import { GraphwrightError } from '../../errors.ts';
import type { Retention, Runs } from './runs.ts';

const hour = 60 * 60 * 1_000;

/**
 * Removes finished runs that are no longer needed, now and every hour, until the function it returns is
 * called.
 */
export function keepSwept(
  runs: Runs,
  retention: Retention,
  onError: (error: GraphwrightError) => void,
): () => Promise<void> {
  let sweeping = Promise.resolve();
  const sweep = () => {
    sweeping = sweeping
      .then(() => runs.sweep(retention))
      .then(
        () => undefined,
        (thrown: unknown) => onError(GraphwrightError.from(thrown)),
      );
  };
  sweep();
  const timer = setInterval(sweep, hour);
  timer.unref();
  return () => {
    clearInterval(timer);
    return sweeping;
  };
}
