import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { GraphwrightError } from '../../src/errors.ts';
import { execute, type StepEvent } from '../../src/workflows/execute.ts';
import { Workflow, type Run } from '../../src/workflows/workflow.ts';

const Parameters = z.object({ text: z.string(), times: z.number().int().positive().default(2) });

class Repeat extends Workflow<{ breakResult?: boolean }> {
  readonly name = 'repeat';
  readonly description = 'Repeat a text.';
  readonly parameters = Parameters;
  readonly result = z.object({ text: z.string().max(20) });

  async run({ text, times }: z.output<typeof Parameters>, run: Run) {
    const repeated = await run.step('repeat', () => text.repeat(times));
    run.progress(1, 1, 'repeated');
    return { text: this.configuration.breakResult ? 'x'.repeat(21) : repeated };
  }
}

describe('A1 execute', () => {
  test('parses parameters, fills in defaults and gives the result', async () => {
    expect(await execute(new Repeat({}), { text: 'ab' })).toEqual({ text: 'abab' });
  });

  test('refuses bad and unknown parameters with where they are', async () => {
    const bad = { text: 1, colour: 'red' } as unknown as { text: string };
    const error = await execute(new Repeat({}), bad).catch((thrown: GraphwrightError) => thrown);
    expect(error).toMatchObject({ code: 'invalid_parameters' });
    expect((error as GraphwrightError).problems.map(({ pointer }) => pointer).toSorted()).toEqual([
      '/colour',
      '/text',
    ]);
  });

  test('holds the workflow to the result it promised', async () => {
    await expect(execute(new Repeat({ breakResult: true }), { text: 'a' })).rejects.toMatchObject({
      code: 'invalid_result',
    });
  });

  test('tells of steps and progress', async () => {
    const events: StepEvent['status'][] = [];
    const progress: unknown[] = [];
    await execute(
      new Repeat({}),
      { text: 'a' },
      { onStep: ({ status }) => events.push(status), onProgress: (event) => progress.push(event) },
    );
    expect(events).toEqual(['started', 'completed']);
    expect(progress).toEqual([{ done: 1, total: 1, message: 'repeated' }]);
  });

  test('starts no step after a cancellation', async () => {
    const signal = AbortSignal.abort();
    await expect(execute(new Repeat({}), { text: 'a' }, { signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  test('turns what a workflow throws into a coded error and keeps its cause', async () => {
    const cause = new TypeError('inside');
    class Throwing extends Repeat {
      override async run(): Promise<{ text: string }> {
        throw cause;
      }
    }
    await expect(execute(new Throwing({}), { text: 'a' })).rejects.toMatchObject({
      code: 'internal',
      cause,
    });
  });
});

test('A2 at most policy.maxParallel executions of a workflow run at once', async () => {
  let now = 0;
  let most = 0;
  class Slow extends Repeat {
    override readonly policy = { maxParallel: 3 };
    override async run({ text }: z.output<typeof Parameters>) {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now -= 1;
      return { text };
    }
  }
  const slow = new Slow({});
  await Promise.all(Array.from({ length: 20 }, () => execute(slow, { text: 'a' })));
  expect(most).toBe(3);
});
