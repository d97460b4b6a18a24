import { describe, expect, test } from 'vitest';
import { GraphwrightError } from '../src/errors.ts';
import { ComeBackLater, retry } from '../src/retry.ts';

/** Fails as often as it is told, then succeeds; counts its calls. */
function failing(times: number, error: Error = new GraphwrightError('integration_failed', 'down')) {
  const calls: number[] = [];
  const action = async (attempt: number) => {
    calls.push(attempt);
    if (calls.length <= times) throw error;
    return 'done';
  };
  return { calls, action };
}

const busy = (delay: number) =>
  new GraphwrightError('integration_failed', 'busy', { cause: new ComeBackLater(delay) });

/** Runs and says how long it took. */
async function timed<T>(action: () => Promise<T>): Promise<{ outcome: T | unknown; ms: number }> {
  const start = performance.now();
  const outcome = await action().catch((thrown: unknown) => thrown);
  return { outcome, ms: performance.now() - start };
}

describe('A15 retry', () => {
  test('tries a retriable failure again, and says which attempt it is', async () => {
    const { calls, action } = failing(2);
    expect(await retry(action, { baseDelay: 1 })).toBe('done');
    expect(calls).toEqual([1, 2, 3]);
  });

  test('throws the last error once the attempts are used up', async () => {
    const { calls, action } = failing(9);
    await expect(retry(action, { attempts: 4, baseDelay: 1 })).rejects.toThrow('down');
    expect(calls).toHaveLength(4);
  });

  test.each([
    ['a refusal', new GraphwrightError('integration_refused', 'no')],
    ['bad input', new GraphwrightError('invalid_parameters', 'bad')],
    ['a cancellation', new GraphwrightError('cancelled', 'enough')],
    ['a defect', new TypeError('undefined is not a function')],
  ])('does not repeat %s', async (_, error) => {
    const { calls, action } = failing(1, error);
    await expect(retry(action, { baseDelay: 1 })).rejects.toBe(error);
    expect(calls).toHaveLength(1);
  });

  test('doubles the wait each time, up to maxDelay', async () => {
    const shares: number[] = [];
    const random = () => {
      shares.push(1);
      return 1;
    };
    const { action } = failing(9);
    const options = { attempts: 5, baseDelay: 20, maxDelay: 50, random };
    const { ms } = await timed(() => retry(action, options));
    expect(shares).toHaveLength(4);
    expect(ms).toBeGreaterThanOrEqual(20 + 40 + 50 + 50 - 5);
    expect(ms).toBeLessThan(400);
  });

  test('waits any share of that, so that callers spread out', async () => {
    const { action } = failing(2);
    const { outcome, ms } = await timed(() =>
      retry(action, { baseDelay: 60_000, maxDelay: 60_000, random: () => 0 }),
    );
    expect(outcome).toBe('done');
    expect(ms).toBeLessThan(500);
  });

  test('stops waiting when the signal aborts', async () => {
    const { calls, action } = failing(9);
    const signal = AbortSignal.timeout(30);
    const { outcome, ms } = await timed(() =>
      retry(action, { baseDelay: 60_000, maxDelay: 60_000, random: () => 1, signal }),
    );
    expect(outcome).toMatchObject({ code: 'cancelled' });
    expect(calls).toEqual([1]);
    expect(ms).toBeLessThan(2000);
  });

  test('comes back when it was asked to, and gives up when that is too far away', async () => {
    const patient = failing(1, busy(40));
    const { ms } = await timed(() => retry(patient.action, { baseDelay: 60_000 }));
    expect(ms).toBeGreaterThanOrEqual(35);
    expect(ms).toBeLessThan(2000);
    const hopeless = failing(1, busy(60_000));
    await expect(retry(hopeless.action, { maxDelay: 1000 })).rejects.toThrow('busy');
  });
});
