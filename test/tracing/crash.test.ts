import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { openStateFile } from '../../src/ontology/embedded/state-file.ts';
import { EmbeddedRuns } from '../../src/workflows/runs/embedded-runs.ts';
import { Scripted } from '../conformance/runs.ts';
import { temporaryDirectory } from '../support/command.ts';
import { tracedToMemory } from '../support/spans.ts';

/** Starts a run with spans, tells its id and trace from within its step, and stays there. */
const program = `
  import { trace } from '@opentelemetry/api';
  import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
  import { z } from 'zod';
  import { openStateFile } from './dist/ontology/embedded/state-file.js';
  import { startTracing } from './dist/tracing.js';
  import { EmbeddedRuns } from './dist/workflows/runs/embedded-runs.js';
  import { Workflow } from './dist/workflows/workflow.js';

  new NodeTracerProvider().register();
  await startTracing();
  class Work extends Workflow {
    name = 'work';
    description = 'Work.';
    parameters = z.object({ note: z.string().default('') });
    result = z.unknown();
    run(_, run) {
      return run.step('do', () => {
        const { traceId } = trace.getActiveSpan().spanContext();
        process.stdout.write(JSON.stringify({ id: run.id, traceId }));
        return new Promise((resolve) => setTimeout(resolve, 600_000));
      });
    }
  }
  const work = new Work({});
  const state = await openStateFile({ path: process.argv[1] });
  const runs = await EmbeddedRuns.open({ state, workflows: [work] });
  await runs.start(work, {});
`;

test('A17 after a kill a run goes on in a new trace that is linked to the first', async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/state.db`;
  const child = spawn('node', ['--input-type=module', '--eval', program, path]);
  const problems: string[] = [];
  child.stderr.on('data', (chunk) => problems.push(String(chunk)));
  const [said] = (await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => {
      throw new Error(problems.join(''));
    }),
  ])) as [Buffer];
  const { id, traceId } = JSON.parse(String(said)) as Record<'id' | 'traceId', string>;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;

  await using spans = await tracedToMemory();
  const state = await openStateFile({ path });
  const work = new Scripted('work', (run) => run.step('do', () => 'done'));
  const runs = await EmbeddedRuns.open({ state, workflows: [work] });
  expect(await runs.resume()).toBe(1);
  expect(await runs.wait(id, 20_000)).toMatchObject({ status: 'completed', result: 'done' });
  await runs.close();
  await state.close();
  const span = spans.named('run work');
  expect(span.spanContext().traceId).not.toBe(traceId);
  expect(span.links.map(({ context }) => context.traceId)).toEqual([traceId]);
  expect(spans.parentOf('step do')).toBe('run work');
}, 120_000);
