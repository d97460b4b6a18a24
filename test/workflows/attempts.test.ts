import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { attempts } from '../../src/workflows/attempts.ts';
import type { StepContext } from '../../src/workflows/workflow.ts';

const never = () => new Promise<never>(() => {});
const { signal: open } = new AbortController();

describe('A15 the signal of an attempt', () => {
  test('aborts when the time of the attempt is over, with the reason that it fails with', async () => {
    let seen: AbortSignal | undefined;
    const end = await attempts(
      ({ signal }) => {
        seen = signal;
        return never();
      },
      { timeout: 5 },
      { signal: open },
    );
    expect(end.error).toMatchObject({ code: 'timeout', message: 'Not done after 5 ms' });
    expect(seen?.reason).toBe(end.error);
  });

  test('has aborted for whoever asks for it only then', async () => {
    let late: StepContext | undefined;
    await attempts(
      (context) => {
        late = context;
        return never();
      },
      { timeout: 5 },
      { signal: open },
    );
    expect(late?.signal.reason).toMatchObject({ code: 'timeout' });
  });

  test('aborts when the run is cancelled, with the reason of that', async () => {
    const enough = new Error('enough');
    for (const policy of [{}, { timeout: 60_000 }]) {
      const run = new AbortController();
      let seen: AbortSignal | undefined;
      const ending = attempts(
        ({ signal }) => {
          seen = signal;
          return never();
        },
        policy,
        { signal: run.signal },
      );
      run.abort(enough);
      expect((await ending).error?.cause).toBe(enough);
      expect(seen?.reason).toBe(enough);
    }
  });

  test('is no longer listened to when the attempt is over', async () => {
    const run = new AbortController();
    let own: AbortSignal | undefined;
    const end = await attempts(
      async ({ signal }) => {
        own = signal;
        await sleep(1);
        return 'done';
      },
      { timeout: 20 },
      { signal: run.signal },
    );
    run.abort();
    await sleep(30);
    expect([end, own?.aborted]).toMatchObject([{ value: 'done' }, false]);
  });

  test('counts for a step that cancels its own run and gives back a value at once', async () => {
    const enough = new Error('enough');
    for (const policy of [{}, { timeout: 60_000 }]) {
      const run = new AbortController();
      const act = () => {
        run.abort(enough);
        return 'a value';
      };
      const { error } = await attempts(act, policy, { signal: run.signal });
      expect(error?.cause).toBe(enough);
    }
  });
});
