import { describe, expect, test } from 'vitest';
import { GraphwrightError } from '../../src/errors.ts';
import { execute, type ExecuteOptions } from '../../src/workflows/execute.ts';
import type { Run } from '../../src/workflows/workflow.ts';
import { Scripted } from '../conformance/runs.ts';

const carryOut = (body: (run: Run) => unknown, options?: ExecuteOptions) =>
  execute(new Scripted('plain_flow', body), {}, options);

describe('A17 a run that lives as long as its call', () => {
  test('A15 tries a step as often as its policy says', async () => {
    const policy = { attempts: 3, backoff: { initial: 1 } };
    let tried = 0;
    const result = await carryOut((run) =>
      run.step(
        'flaky',
        ({ attempt }) => {
          tried = attempt;
          if (attempt < 3) throw new GraphwrightError('integration_failed', 'away');
          return 'fine';
        },
        policy,
      ),
    );
    expect([result, tried]).toEqual(['fine', 3]);
  });

  test('gives the same chance and ids to the same run, and others to another', async () => {
    const chances = (runId: string) =>
      carryOut(
        async (run) => [
          run.random(),
          run.uuid(),
          await run.step('one', () => [run.uuid(), run.uuid()]),
          await run.step('one', () => run.uuid()),
        ],
        { runId },
      );
    const first = await chances('a');
    expect(await chances('a')).toEqual(first);
    expect(await chances('b')).not.toEqual(first);
    const ids = (first as unknown[]).flat().slice(1);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids)
      expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  });

  test('sleeps, and stops to when it is cancelled', async () => {
    const began = performance.now();
    await carryOut((run) => run.sleep(30));
    expect(performance.now() - began).toBeGreaterThan(25);
    await expect(
      carryOut((run) => run.sleep(60_000), { signal: AbortSignal.timeout(20) }),
    ).rejects.toMatchObject({ code: 'timeout' });
  });

  test('says that no signal can reach it', async () => {
    await expect(carryOut((run) => run.waitFor('approval'))).rejects.toMatchObject({
      code: 'unavailable',
      retriable: false,
      message: expect.stringContaining('approval'),
    });
  });

  test('A16 works on batches, with one outcome each', async () => {
    const outcomes = await carryOut((run) =>
      run.batch([1, 2], { maxParallel: 1 }, (item) => {
        if (item === 1) throw new GraphwrightError('integration_refused', 'one');
        return item;
      }),
    );
    expect(outcomes).toMatchObject([{ status: 'failed' }, { status: 'completed', result: 2 }]);
  });

  test('carries out children, with the clock that it has', async () => {
    const now = () => new Date('2026-01-01T00:00:00Z');
    const child = new Scripted('plain_child', (run) => run.now().toISOString());
    expect(await carryOut((run) => run.child(child, {}), { now })).toBe('2026-01-01T00:00:00.000Z');
  });

  test('carries out effects under a key of their own', async () => {
    const mail = (run: Run) =>
      run.effect('mail', ({ key, repeated }) => ({ key, repeated }), { onUnknown: 'hold' });
    const both = (run: Run) => Promise.all([mail(run), mail(run)]);
    expect(await carryOut(both, { runId: 'r' })).toEqual([
      { key: 'r:mail', repeated: false },
      { key: 'r:mail#2', repeated: false },
    ]);
  });
});
