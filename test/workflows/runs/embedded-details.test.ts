import { expect, test } from 'vitest';
import { openStateFile } from '../../../src/ontology/embedded/state-file.ts';
import { EmbeddedRuns } from '../../../src/workflows/runs/embedded-runs.ts';
import { Scripted } from '../../conformance/runs.ts';

test('A17 runs of version 0.1.0 are kept, and the unfinished ones go on', async () => {
  const state = await openStateFile({ path: ':memory:' });
  const row = (id: string, status: string, ended: string | null) => ({
    sql: `INSERT INTO runs VALUES (?, 'old_flow', ?, '{"note":"a"}', ?, NULL, NULL, '2026-01-01T00:00:00.000Z', ?)`,
    values: [id, status, '[{"step":"one","duration":2},{"step":"two","duration":3}]', ended],
  });
  await state.commit([
    {
      sql: `CREATE TABLE runs (id TEXT PRIMARY KEY, workflow TEXT NOT NULL, status TEXT NOT NULL,
        parameters TEXT NOT NULL, steps TEXT NOT NULL, result TEXT, error TEXT,
        started_at TEXT NOT NULL, ended_at TEXT)`,
    },
    row('done', 'completed', '2026-01-01T00:00:01.000Z'),
    row('open', 'processing', null),
  ]);
  const flow = new Scripted('old_flow', (run, { note }) => run.step('only', () => note));
  const runs = await EmbeddedRuns.open({ state, workflows: [flow] });
  expect(await runs.resume()).toBe(1);
  expect(await runs.wait('open', 5000)).toMatchObject({ status: 'completed', result: 'a' });
  expect(await runs.get('done')).toMatchObject({
    status: 'completed',
    stepsCompleted: [
      { step: 'one', duration: 2 },
      { step: 'two', duration: 3 },
    ],
  });
  const events = [];
  for await (const event of runs.follow('done')) events.push(event.type);
  expect(events).toEqual(['step', 'step', 'status']);
  await runs.close();
  await state.close();
});

test('A17 a run that was started inside a step of another one has steps of its own', async () => {
  const state = await openStateFile({ path: ':memory:' });
  const inner = new Scripted('inner_flow', (run) => run.step('own', () => 1));
  const outer: Scripted = new Scripted('outer_flow', (run) =>
    run.step('start', async () => (await runs.start(inner, {})).id),
  );
  const runs = await EmbeddedRuns.open({ state, workflows: [inner, outer] });
  const { id } = await runs.start(outer, {});
  const started = String((await runs.wait(id, 5000)).result);
  const { stepsCompleted } = await runs.wait(started, 5000);
  expect(stepsCompleted.map(({ step }) => step)).toEqual(['own']);
  await runs.close();
  await state.close();
});
