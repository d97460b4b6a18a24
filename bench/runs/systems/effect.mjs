import { join } from 'node:path';
import { ClusterWorkflowEngine, SingleRunner } from '@effect/cluster';
import { SqlClient } from '@effect/sql';
import { SqliteClient } from '@effect/sql-sqlite-node';
import { Activity, Workflow } from '@effect/workflow';
import { Effect, Layer, Logger, LogLevel, ManagedRuntime, Schema } from 'effect';
import { name, steps } from '../workflow.mjs';

const Feedback = Workflow.make({
  name,
  payload: { feedback: Schema.String },
  idempotencyKey: ({ feedback }) => feedback,
});

/** @param {import('./list.mjs').Place} place */
export async function open({ directory, step }) {
  const activities = steps.map((each) =>
    Activity.make({
      name: each,
      success: Schema.Struct({ step: Schema.String }),
      execute: Effect.promise(async () => step(each)),
    }),
  );
  const workflow = Feedback.toLayer(() => Effect.all(activities, { discard: true }));
  // Its driver is built to sync the log only now and then; each commit has to survive a power cut.
  const synced = Layer.effectDiscard(
    Effect.flatMap(SqlClient.SqlClient, (sql) => sql`PRAGMA synchronous = FULL`),
  );
  const database = SqliteClient.layer({ filename: join(directory, 'cluster.db') });
  // One process by itself needs no locks on disk, which a killed one would leave behind.
  const engine = ClusterWorkflowEngine.layer.pipe(
    Layer.provideMerge(SingleRunner.layer({ runnerStorage: 'memory' })),
    Layer.provideMerge(synced),
    Layer.provideMerge(database),
  );
  const quiet = Logger.minimumLogLevel(LogLevel.Error);
  const runtime = ManagedRuntime.make(
    Layer.mergeAll(workflow.pipe(Layer.provideMerge(engine)), quiet),
  );
  await runtime.runtime();
  const run = (feedback) => runtime.runPromise(Feedback.execute({ feedback }));
  return {
    run,
    // It goes on by itself; to ask for the same again is to wait for its end.
    recover: (ids) => Promise.all(ids.map(run)),
    close: () => runtime.dispose(),
  };
}
