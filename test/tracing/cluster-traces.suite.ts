import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { SpanKind } from '@opentelemetry/api';
import { afterEach, describe, expect, test } from 'vitest';
import { begin, type TraceContext } from '../../src/telemetry.ts';
import { ClusterRuns } from '../../src/workflows/runs/cluster/cluster-runs.ts';
import type { AnyWorkflow, Run } from '../../src/workflows/workflow.ts';
import { Scripted } from '../conformance/runs.ts';
import { clusterDatabases } from '../support/cluster-databases.ts';
import { tracedToMemory } from '../support/spans.ts';
import { executions, expectSecondExecution } from './expect-second-execution.ts';

const longEnough = { timeout: 20_000 };
const traceId = '0af7651916cd43dd8448eb211c80319c';
const caller: TraceContext = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
const request = () =>
  begin(() => ({ kind: 'request', name: 'POST /x', attributes: {}, parent: caller }))!;

const database = clusterDatabases();
let opened: ClusterRuns | undefined;

// There is one in a process: a test that failed must not stop those after it.
afterEach(() => opened?.close());

/** The runs of this process in a database. */
async function open(
  databaseUrl: string,
  workflows: AnyWorkflow | readonly AnyWorkflow[],
  patience?: number,
) {
  opened = await ClusterRuns.open({ databaseUrl, workflows: [workflows].flat(), patience });
  await opened.resume();
  return opened;
}

describe('spans of a run in Postgres', () => {
  test.each([
    ['at once', {}],
    ['by way of a queue', { maxParallel: 1 }],
  ])('belong to what started it, and to its caller, when it begins %s', async (_, policy) => {
    await using spans = await tracedToMemory();
    const work = new Scripted('work', (run) => run.step('do', () => 1), policy);
    const runs = await open(await database(), work);
    const seen = request();
    const { id } = await seen.within(() => runs.start(work, {}));
    seen.end();
    expect(await runs.wait(id, 20_000)).toMatchObject({ status: 'completed' });
    await runs.close();
    expect(spans.names().toSorted()).toEqual(['POST /x', 'run work', 'start work', 'step do']);
    expect(spans.named('start work').kind).toBe(SpanKind.PRODUCER);
    expect(spans.parentOf('start work')).toBe('POST /x');
    expect(spans.parentOf('run work')).toBe('start work');
    expect(spans.parentOf('step do')).toBe('run work');
    expect(new Set(spans.all().map((span) => span.spanContext().traceId))).toEqual(
      new Set([traceId]),
    );
    expect(spans.named('run work').attributes).toMatchObject({
      'graphwright.run.id': id,
      'graphwright.run.execution': 1,
    });
  });

  test('of a child run are parts of its parent', async () => {
    await using spans = await tracedToMemory();
    const child = new Scripted('child', (run) => run.step('inner', () => 1));
    const work = new Scripted('work', (run) => run.child(child, {}));
    const runs = await open(await database(), [work, child]);
    const { id } = await runs.start(work, {});
    expect(await runs.wait(id, 20_000)).toMatchObject({ status: 'completed' });
    await runs.close();
    expect(spans.parentOf('start child')).toBe('run work');
    expect(spans.parentOf('run child')).toBe('start child');
    expect(spans.parentOf('step inner')).toBe('run child');
  });

  test('go on after a stop in a new trace that is linked to the start', async () => {
    await using spans = await tracedToMemory();
    let stopped = false;
    let tell!: () => void;
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
    const databaseUrl = await database();
    const before = await open(databaseUrl, work);
    const { id } = await before.start(work, {});
    await begun;
    stopped = true;
    await before.close();
    const after = await open(databaseUrl, work);
    expect(await after.wait(id, 20_000)).toMatchObject({ status: 'completed', result: 2 });
    await after.close();
    expectSecondExecution(spans);
  });

  test('tell that it waits on disk, which is no failure', async () => {
    await using spans = await tracedToMemory();
    const work = new Scripted('work', (run) => run.waitFor('go'));
    const runs = await open(await database(), work, 1);
    const { id } = await runs.start(work, {});
    await expect.poll(spans.names, { timeout: 20_000 }).toContain('run work');
    expect(spans.named('run work').attributes).toMatchObject({
      'graphwright.run.status': 'waiting',
    });
    expect(spans.named('run work').attributes['error.type']).toBeUndefined();
    await runs.signal(id, { name: 'go', payload: 1 });
    expect(await runs.wait(id, 20_000)).toMatchObject({ status: 'completed' });
    await runs.close();
    const [, second] = executions(spans);
    expect(second!.links.map(({ context }) => context.spanId)).toEqual([
      spans.named('start work').spanContext().spanId,
    ]);
  });
});

/** Starts a run on behalf of the caller; tells its id and the span of its start, and does not end by itself. */
const program = `
  import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
  import { z } from 'zod';
  import { begin } from './dist/telemetry.js';
  import { startTracing } from './dist/tracing.js';
  import { ClusterRuns } from './dist/workflows/runs/cluster/cluster-runs.js';
  import { Workflow } from './dist/workflows/workflow.js';

  const [databaseUrl, traceparent, how] = process.argv.slice(1);
  const memory = new InMemorySpanExporter();
  new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] }).register();
  await startTracing();
  let tell;
  const begun = new Promise((resolve) => (tell = resolve));
  class Work extends Workflow {
    name = 'work';
    description = 'Work.';
    parameters = z.object({ note: z.string().default('') });
    result = z.unknown();
    policy = how === 'queued' ? { maxParallel: 1 } : {};
    async run(_, run) {
      await run.step('before', () => 1);
      return run.step('after', () => {
        tell();
        return new Promise((resolve) => setTimeout(resolve, 600_000));
      });
    }
  }
  const work = new Work({});
  const runs = await ClusterRuns.open({ databaseUrl, workflows: [work] });
  if (how === 'begun') await runs.resume();
  const seen = begin(() => ({ kind: 'request', name: 'POST /x', attributes: {}, parent: { traceparent } }));
  const { id } = await seen.within(() => runs.start(work, {}));
  if (how === 'begun') await begun;
  const started = memory.getFinishedSpans().find(({ name }) => name === 'start work').spanContext();
  process.stdout.write(JSON.stringify({ id, traceId: started.traceId, spanId: started.spanId }));
  setInterval(() => undefined, 600_000);
`;

interface Told {
  id: string;
  traceId: string;
  spanId: string;
}

/** Another process that starts a run, which has begun there, or waits in a queue for others to end. */
async function elsewhere(databaseUrl: string, how: 'begun' | 'queued') {
  const words = [
    '--input-type=module',
    '--eval',
    program,
    databaseUrl,
    caller['traceparent']!,
    how,
  ];
  const child: ChildProcess = spawn('node', words);
  const problems: string[] = [];
  child.stderr!.on('data', (chunk) => problems.push(String(chunk)));
  const exited = once(child, 'exit');
  const failed = exited.then(() => Promise.reject(new Error(problems.join(''))));
  failed.catch(() => undefined);
  const [said] = (await Promise.race([once(child.stdout!, 'data'), failed])) as [Buffer];
  return {
    told: JSON.parse(String(said)) as Told,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

describe('spans of a run that another process started', () => {
  test('are parts of its start when nobody had begun it', async () => {
    await using spans = await tracedToMemory();
    const databaseUrl = await database();
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    const body = (run: Run) => run.step('do', () => held.then(() => 'done'));
    const work = new Scripted('work', body, { maxParallel: 1 });
    const runs = await open(databaseUrl, work);
    await runs.start(work, {});
    await expect.poll(async () => (await runs.list()).items[0]?.currentStep, longEnough).toBe('do');
    const other = await elsewhere(databaseUrl, 'queued');
    await other.kill();
    release();
    const { id, spanId } = other.told;
    expect(await runs.wait(id, 20_000)).toMatchObject({ status: 'completed', result: 'done' });
    await runs.close();
    expect(other.told.traceId).toBe(traceId);
    const span = executions(spans).find(
      ({ attributes }) => attributes['graphwright.run.id'] === id,
    )!;
    expect(span.parentSpanContext).toMatchObject({ traceId, spanId });
    expect(span.links).toEqual([]);
    const inside = spans
      .all()
      .filter(({ parentSpanContext: parent }) => parent?.spanId === span.spanContext().spanId);
    expect(inside.map(({ name }) => name)).toEqual(['step do']);
  }, 120_000);

  test('A17 and was killed in, stand in a new trace that is linked to its start', async () => {
    await using spans = await tracedToMemory();
    const databaseUrl = await database();
    const work = new Scripted('work', async (run) => {
      await run.step('before', () => 'again');
      return run.step('after', () => 'done');
    });
    const runs = await open(databaseUrl, work);
    const other = await elsewhere(databaseUrl, 'begun');
    await other.kill();
    const { id, spanId } = other.told;
    expect(await runs.wait(id, 20_000)).toMatchObject({ status: 'completed', result: 'done' });
    await runs.close();
    const span = spans.named('run work');
    expect(span.attributes['graphwright.run.execution']).toBe(2);
    expect(span.parentSpanContext).toBeUndefined();
    expect(span.spanContext().traceId).not.toBe(traceId);
    expect(span.links.map(({ context }) => context)).toEqual([
      expect.objectContaining({ traceId, spanId }),
    ]);
    // What the other process had done has no second span.
    expect(spans.names().toSorted()).toEqual(['run work', 'step after']);
    expect(spans.parentOf('step after')).toBe('run work');
  }, 120_000);
});
