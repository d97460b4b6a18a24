import { SpanKind } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { openStateFile } from '../../src/ontology/embedded/state-file.ts';
import { begin } from '../../src/telemetry.ts';
import { EmbeddedRuns } from '../../src/workflows/runs/embedded-runs.ts';
import { Scripted } from '../conformance/runs.ts';
import { temporaryDirectory } from '../support/command.ts';
import { openEmbeddedRuns } from '../support/embedded-runs.ts';
import { tracedToMemory } from '../support/spans.ts';
import { executions, expectSecondExecution } from './expect-second-execution.ts';

const request = () => begin(() => ({ kind: 'request', name: 'POST /x', attributes: {} }))!;

describe('spans of a run in the background', () => {
  test('belong to what started it', async () => {
    await using spans = await tracedToMemory();
    const work = new Scripted('work', (run) => run.step('do', () => 1));
    const opened = await openEmbeddedRuns()([work]);
    const seen = request();
    const { id } = await seen.within(() => opened.runs.start(work, {}));
    seen.end();
    await opened.runs.wait(id, 10_000);
    await opened.close();
    expect(spans.named('start work').kind).toBe(SpanKind.PRODUCER);
    expect(spans.parentOf('start work')).toBe('POST /x');
    expect(spans.parentOf('run work')).toBe('start work');
    expect(spans.parentOf('step do')).toBe('run work');
    expect(spans.named('run work').attributes).toMatchObject({
      'graphwright.run.id': id,
      'graphwright.run.execution': 1,
    });
  });

  test('go on after a stop in a new trace that is linked to the start', async () => {
    await using spans = await tracedToMemory();
    let stopped = false;
    let tell: () => void;
    const begun = new Promise<void>((resolve) => (tell = resolve));
    const work = new Scripted('work', async (run) => {
      await run.step('before', () => 1);
      return run.step('after', async ({ signal }) => {
        if (stopped) return 2;
        tell();
        await new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      });
    });
    const opened = await openEmbeddedRuns()([work]);
    const { id } = await opened.runs.start(work, {});
    await begun;
    stopped = true;
    const runs = await opened.reopen();
    expect((await runs.wait(id, 10_000)).status).toBe('completed');
    await opened.close();
    expectSecondExecution(spans);
  });

  test('a run that waits on disk has not failed', async () => {
    await using spans = await tracedToMemory();
    const work = new Scripted('work', (run) => run.waitFor('go'));
    const opened = await openEmbeddedRuns(1)([work]);
    const { id } = await opened.runs.start(work, {});
    await expect.poll(spans.names, { timeout: 20_000 }).toContain('run work');
    expect(spans.named('run work').attributes).toMatchObject({
      'graphwright.run.status': 'waiting',
    });
    expect(spans.named('run work').attributes['error.type']).toBeUndefined();
    await opened.runs.signal(id, { name: 'go', payload: 1 });
    expect((await opened.runs.wait(id, 10_000)).status).toBe('completed');
    await opened.close();
    expect(executions(spans)).toHaveLength(2);
  });

  test('runs of a state file from before traces are taken up', async () => {
    await using directory = await temporaryDirectory();
    const path = `${directory.path}/state.db`;
    const work = new Scripted('work', (run) => run.waitFor('go'));
    const open = async () => {
      const state = await openStateFile({ path });
      return { state, runs: await EmbeddedRuns.open({ state, workflows: [work] }) };
    };
    const before = await open();
    const { id } = await before.runs.start(work, {});
    await before.runs.close();
    await before.state.commit([{ sql: 'ALTER TABLE runs DROP COLUMN place' }]);
    await before.state.close();
    const after = await open();
    expect(await after.runs.resume()).toBe(1);
    await after.runs.signal(id, { name: 'go', payload: 7 });
    expect(await after.runs.wait(id, 10_000)).toMatchObject({ status: 'completed', result: 7 });
    await after.runs.close();
    await after.state.close();
  });
});
