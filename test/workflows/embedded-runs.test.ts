import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { GraphwrightError } from '../../src/errors.ts';
import { EmbeddedRuns } from '../../src/workflows/runs/embedded-runs.ts';
import { Workflow, type Run } from '../../src/workflows/workflow.ts';
import { testKit, type TestKit } from '../../src/testing/index.ts';

const Parameters = z.object({
  key: z.string(),
  mode: z.enum(['work', 'fail', 'hang']).default('work'),
});

class Work extends Workflow {
  readonly name = 'work';
  readonly description = 'Work, fail or hang.';
  readonly parameters = Parameters;
  readonly result = z.object({ done: z.string() });

  async run({ key, mode }: z.output<typeof Parameters>, run: Run) {
    if (mode === 'fail')
      throw new GraphwrightError('integration_failed', 'The mail server is away');
    if (mode === 'hang')
      await run.step(
        'hang',
        () =>
          new Promise((_, reject) =>
            run.signal.addEventListener('abort', () => reject(run.signal.reason)),
          ),
      );
    return run.step('do_it', () => ({ done: key }));
  }
}

const work = new Work({});
let kit: TestKit;
let runs: EmbeddedRuns;

const openRuns = (workflows = [work]) =>
  EmbeddedRuns.open({ state: kit.state, workflows, now: kit.clock.now });

beforeEach(async () => {
  kit = await testKit();
  runs = await openRuns();
});

afterEach(async () => {
  await runs.close();
  await kit.close();
});

describe('A17 runs in the background', () => {
  test('answer at once and can be followed to their result', async () => {
    const started = await runs.start(work, { key: 'a' });
    expect(started).toMatchObject({
      workflow: 'work',
      status: 'started',
      parameters: { key: 'a' },
    });
    const ended = await runs.wait(started.id, 5_000);
    expect(ended).toMatchObject({
      status: 'completed',
      result: { done: 'a' },
      endedAt: '2026-01-01T00:00:00.000Z',
    });
    expect(ended.stepsCompleted.map(({ step }) => step)).toEqual(['do_it']);
    expect(await runs.get(started.id)).toEqual(ended);
  });

  test('A15 keep the error of a failure with its code and whether trying again can help', async () => {
    const { id } = await runs.start(work, { key: 'a', mode: 'fail' });
    expect(await runs.wait(id, 5_000)).toMatchObject({
      status: 'failed',
      error: { code: 'integration_failed', retriable: true, kind: 'io' },
    });
  });

  test('refuse bad parameters before anything is stored', async () => {
    const bad = { key: 1 } as unknown as { key: string };
    await expect(runs.start(work, bad)).rejects.toMatchObject({ code: 'invalid_parameters' });
    expect(await kit.state.read({ sql: 'SELECT count(*) AS n FROM runs' })).toMatchObject([
      { n: 0 },
    ]);
  });

  test('know nothing of an unknown id', async () => {
    expect(await runs.get('nobody')).toBeUndefined();
    await expect(runs.wait('nobody', 1)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('are found by a parameter, the newest first', async () => {
    await runs.start(work, { key: 'a' });
    const second = await runs.start(work, { key: 'a' });
    expect((await runs.latest('work', 'key', 'a'))?.id).toBe(second.id);
    expect(await runs.latest('work', 'key', "a' OR 1=1 --")).toBeUndefined();
  });

  test('wait no longer than they were asked to', async () => {
    const { id } = await runs.start(work, { key: 'a', mode: 'hang' });
    expect(await runs.wait(id, 20)).toMatchObject({ status: 'processing', currentStep: 'hang' });
  });

  test('go on after a stop, under the same id', async () => {
    const { id } = await runs.start(work, { key: 'a', mode: 'hang' });
    await runs.close();
    class Patient extends Work {
      override async run({ key }: z.output<typeof Parameters>) {
        return { done: `${key} again` };
      }
    }
    runs = await openRuns([new Patient({})]);
    expect(await runs.resume()).toBe(1);
    expect(await runs.wait(id, 5_000)).toMatchObject({
      status: 'completed',
      result: { done: 'a again' },
    });
    expect(await runs.resume()).toBe(0);
  });

  test('say so when their workflow is offered no more', async () => {
    const { id } = await runs.start(work, { key: 'a', mode: 'hang' });
    await runs.close();
    runs = await openRuns([]);
    await runs.resume();
    expect(await runs.get(id)).toMatchObject({ status: 'failed', error: { code: 'not_found' } });
  });
});
